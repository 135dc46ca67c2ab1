"""Mail built to stop its reader costs at most 50 MB beyond its size, and is read; its seconds are in the bench."""

from __future__ import annotations

import tracemalloc
from io import BytesIO

import pytest

from commands.rules.mail import read_mail
from commands.rules.mail_parts import WALKED
from tests.hostile_mail import ALL, CHARSETS, HEAD, HEADERS, MB, NOISE, PARTS, body

BYTES = 50_000_000


def _held(raw: bytes) -> None:
    file = BytesIO(raw)
    tracemalloc.start()
    try:
        mail = read_mail(file)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert mail is not None
    assert peak <= BYTES


@pytest.mark.parametrize("name", ALL)
def test_it_is_read(name: str) -> None:
    _held(ALL[name]())


@pytest.mark.parametrize("charset", CHARSETS)
def test_charsets(charset: str) -> None:
    name = charset.encode()
    for pattern in (b"\x81", b"\xff", b"\x1b$", b"\0\xd8", b"\xd5\xff", NOISE[:1000]):
        _held(body(pattern * (300_000 // len(pattern)), b"plain; charset=" + name))
    _held(
        b"From: =?"
        + name
        + b"?q?=81=FF=1B$=D8?= <a@b.example>\nSubject: =?"
        + name
        + b"?b?"
        + b"gYGB" * 900
        + b"?=\n\n"
    )


@pytest.mark.parametrize(
    "name", ["100,000 headers", "five lines of 1 MB", "a subject that almost is", "folded a million times"]
)
def test_what_was_cut_in_a_header_is_said(name: str) -> None:
    mail = read_mail(BytesIO(HEADERS[name]()))
    assert mail is not None
    assert mail.cut is (name != "100,000 headers")  # those are read to the last


@pytest.mark.parametrize(
    "name", ["5 million boundaries", "1,000 multiparts in each other", "20 MB of text", "70 MB of nothing"]
)
def test_what_was_cut_in_a_body_is_said(name: str) -> None:
    mail = read_mail(BytesIO(PARTS[name]()))
    assert mail is not None
    assert mail.cut


def test_no_byte_behind_the_bound_is_looked_at() -> None:
    class Counted(BytesIO):
        furthest = 0

        def read(self, size: int | None = -1, /) -> bytes:
            piece = super().read(size)
            self.furthest = max(self.furthest, self.tell())
            return piece

    file = Counted(HEAD + b"\n" + b"x\n" * (WALKED // 2 + MB))
    mail = read_mail(file)
    assert mail is not None
    assert mail.cut
    assert file.furthest <= WALKED

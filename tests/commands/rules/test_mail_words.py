"""Encoded words, charsets, names and dates of a mail, as written and as broken."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.rules.mail_head import Sender, read_head, read_sender, read_sent
from commands.rules.mail_words import decoded, file_name, harmless, parameters, unbase64, unencoded

UNSEEN = "\N{REPLACEMENT CHARACTER}"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("plain", "plain"),
        ("=?utf-8?q?caf=C3=A9_au?= lait", "café au lait"),
        ("=?UTF-8*fr?B?Y2Fmw6k=?=", "café"),
        ("=?utf-8?b?5pel5pw=?= =?utf-8?b?rOiqng==?=", "日本語"),  # a letter in two words
        ("=?iso-8859-1?q?=E9?= =?utf-8?q?=C3=A9?=", "éé"),
        ("a =?us-ascii?q?b?= c", "a b c"),
        ("=?x-unknown?q?=C3=A9?=", "é"),
        ("=?punycode?q?caf-dma?=", "caf-dma"),
        ("=?utf-8?q?open", "=?utf-8?q?open"),
        ("=?utf-8?x?a?=", "=?utf-8?x?a?="),
        ("=?iso-2022-jp?b?GyRCRnxLXBsoQg==?=", "日本"),
        ("=?cp9999?q?=E9?=", "é"),
    ],
)
def test_encoded_words(text: str, words: str) -> None:
    assert unencoded(text) == words


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("attachment; filename=a.txt", "a.txt"),
        ('attachment; FileName = "a \\"b\\".txt"', 'a "b".txt'),
        ("attachment; filename*=utf-8'en'%e2%82%ac.txt", "€.txt"),
        ("attachment; filename*0*=utf-8''%e2%82; filename*1*=%ac; filename*2=.txt", "€.txt"),
        ("attachment; filename*0=a; filename*1=b", "ab"),
        ('attachment; filename="=?utf-8?q?=E2=82=AC?="', "€"),
        ('attachment; filename="open', "open"),
        ("attachment; filename*=%ff", "ÿ"),
        ("attachment; filename*1=b", ""),
        ("attachment", None),
    ],
)
def test_parameters(value: str, name: str | None) -> None:
    assert parameters(value).get("filename") == name


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\r\n\tb", "a b"),
        ("a\N{RIGHT-TO-LEFT OVERRIDE}b\N{ZERO WIDTH SPACE}\0\x1b[2J", f"a{UNSEEN}b{UNSEEN}{UNSEEN}{UNSEEN}[2J"),
        ("\N{HANGUL FILLER}x\ud800", f"{UNSEEN}x{UNSEEN}"),
        ("é 日本 ✓", "é 日本 ✓"),
    ],
)
def test_what_cannot_be_seen_shows(text: str, shown: str) -> None:
    assert harmless(text) == shown


def test_what_is_too_long_ends_in_dots() -> None:
    assert harmless("a" * 300, 10) == "a" * 9 + "…"
    assert harmless("a" * 10, 10) == "a" * 10


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("a.pdf", "a.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Windows\\x.exe", "x.exe"),
        (".. ", ""),
        ("", ""),
        (f"{'a' * 300}.exe", f"{'a' * 68}….exe"),
    ],
)
def test_names_of_files(text: str, name: str) -> None:
    assert file_name(text) == name


@pytest.mark.parametrize(
    ("raw", "charset", "text"),
    [
        (b"caf\xe9", "ISO-8859-1", "café"),
        (b"caf\xe9", "utf-8", "café"),
        (b"caf\xc3\xa9", "", "café"),
        (b"caf\xc3\xa9", "unicode_escape", "café"),
        (b"\xff\xfea\0", "utf-16", "a"),
        (b"\xb0\xa1", "ks_c_5601-1987", "가"),
        (b"\x81", "windows-1252", UNSEEN),
    ],
)
def test_charsets(raw: bytes, charset: str, text: str) -> None:
    assert decoded(raw, charset) == text


@pytest.mark.parametrize(
    ("raw", "said"),
    [(b"aGk=", b"hi"), (b"aG\r\nk", b"hi"), (b"aGk=aGk=", b"hihi"), (b"a!G*k", b"hi"), (b"a", b""), (b"=", b"")],
)
def test_base64_that_is_broken(raw: bytes, said: bytes) -> None:
    assert unbase64(raw) == said


@given(st.binary(max_size=60), st.text(max_size=60))
def test_nothing_raises(raw: bytes, text: str) -> None:
    unbase64(raw)
    for each in (text, f"=?{text}?q?{text}?=", f"x; a*0*={text}; b={text}"):
        unencoded(each)
        parameters(each)
        read_sender(each)
        read_sent(each)
        assert len(file_name(each)) <= 80
        assert len(harmless(each, 20)) <= 20


@pytest.mark.parametrize(
    ("text", "sender"),
    [
        ("a@b.example", Sender("", "a@b.example")),
        ("<a@b.example>", Sender("", "a@b.example")),
        ('"Bank, A." <a@b.example>', Sender("Bank, A.", "a@b.example")),
        ("a@b.example (Bank)", Sender("a@b.example (Bank)", "a@b.example")),
        ("=?utf-8?q?boss=40bank.example=3C?= <a@b.example>", Sender("boss@bank.example<", "a@b.example")),
        ('"boss@bank.example" <a@b.example>', Sender("boss@bank.example", "a@b.example")),
        ("nobody", Sender("nobody", "")),
        ("<>", Sender("", "")),
        ("", None),
    ],
)
def test_senders(text: str, sender: Sender | None) -> None:
    assert read_sender(text) == sender


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("Mon, 23 Nov 2026 08:14:01 -0800", "2026-11-23T16:14:01+00:00"),
        ("23 Nov 2026 08:14 EST", "2026-11-23T13:14:00+00:00"),
        ("Mon, 23 Nov 98 08:14:60 GMT", "1998-11-23T08:14:59+00:00"),
        ("23 Nov 03 08:14:00 +0545", "2003-11-23T02:29:00+00:00"),
        ("23 Nov 2026 08:14:00", None),
        ("23 Nov 2026 08:14:00 CAT", None),
        ("31 Nov 2026 08:14:00 +0000", None),
        ("1 Jan 0001 00:00:00 +2300", None),
        ("31 Dec 9999 23:59:59 +0000", None),
        ("1 Jan 2026 00:00:00 +2400", None),
        ("23 Foo 2026 08:14:00 +0000", None),
        ("soon", None),
    ],
)
def test_times(text: str, at: str | None) -> None:
    sent = read_sent(text)
    assert sent is not None
    assert sent.text == text
    assert (sent.at.isoformat() if sent.at else None) == at


def test_fields_are_unfolded_and_no_more_than_a_hundred_of_a_name() -> None:
    head = read_head(b"Subject: a\r\n b\r\nX-Other: from: x\r\nFROM : y\n" + b"Received: z\n" * 101, cut=False)
    assert [head.first(name) for name in ("subject", "from")] == ["a b", "y"]
    assert len(head.all("received")) == 100
    assert head.cut

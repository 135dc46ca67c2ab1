"""The summary of a spam sample as a thread shows it: recorded and claimed told apart, and nothing in it alive."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.matrix.html import render as html
from bot.text import render
from commands.mail_page import CUT, INLINE, page
from commands.message import Code, Fields, Message, Text, from_json, to_json
from commands.rules.mail import read_mail

SAMPLES = Path(__file__).parents[1] / "data" / "mail"


INNER = "Received: from localhost ([127.0.0.1]) by mx.a.example\n"
OTHER = "Received: by b.example\n"


def _message(raw: bytes, *zones: str) -> Message:
    mail = read_mail(BytesIO(raw))
    assert mail is not None
    return Message(None, page("X-5", mail, zones))


def _shown(raw: bytes, *zones: str) -> list[str]:
    return render(_message(raw, *zones)).splitlines()


def _sample(name: str, *zones: str) -> list[str]:
    return _shown((SAMPLES / name).read_bytes(), *zones)


def test_a_phishing_mail() -> None:
    expected = (SAMPLES / "phish.txt").read_text(encoding="utf-8").splitlines()
    assert _sample("phish.eml", "Australia/Sydney", "Europe/London") == expected


def test_the_attached_mail_is_the_sample() -> None:
    lines = _sample("attached.eml")
    assert lines[1] == ("A mail attached to one from Ana `ana@ftc.example` is the sample: the rest is about that one.")
    assert "Handed over by: `[198.51.100.66]` (recorded by `mx.ftc.example`, hop 1 of 1)" in lines
    assert not any("wiki" in line for line in lines)


def test_a_mail_forwarded_as_text_is_asked_for_as_a_file() -> None:
    assert _sample("inline.eml")[1] == INLINE
    assert INLINE not in _sample("phish.eml")


def test_an_mbox_says_how_many_it_has() -> None:
    assert _sample("three.mbox")[0] == "Sample X-5: an mbox of 3 mails, the first one"


def test_what_stands_under_a_receivers_name_depends_on_the_receiver() -> None:
    assert (
        "Authentication: spf none; under the name of `office.example`, which must have stripped what others wrote "
        "under it" in _sample("office.eml")
    )


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("", "not recorded: no server has written in it"),
        (INNER, "not recorded: the receiving servers wrote no outside address"),
        (
            f"{INNER}{OTHER}",
            "not recorded: the receiving servers wrote no address from outside, so what stands below could be forged",
        ),
        (
            f"Received: from x ([203.0.113.7]) by\n{OTHER}",
            "`[203.0.113.7]` (recorded by the receiving server, hop 1 of 2; the hop below could be forged)",
        ),
    ],
)
def test_who_handed_over(lines: str, said: str) -> None:
    assert f"Handed over by: {said}" in _shown(f"From: a@b.example\nSubject: x\n{lines}\n".encode())


@pytest.mark.parametrize("when", ["1 Jan 0001 00:00:00 +0000", "31 Dec 9999 23:59:59 +0000"])
def test_a_time_at_the_end_of_all_times(when: str) -> None:
    raw = f"From: a\nSubject: x\nDate: {when}\nReceived: by a.example; {when}\n\n".encode()
    lines = _shown(raw, "America/New_York", "Pacific/Kiritimati")
    assert f"Sent (claimed): {when} (not readable as a time)" in lines


def test_what_a_mail_leaves_out() -> None:
    assert _shown(b"From:\nMessage-ID:\nSubject:\n\n") == [
        "Sample X-5: a mail",
        "From (claimed): nobody",
        "Handed over by: not recorded: no server has written in it",
        "Sent (claimed): not said",
        "Subject: none",
        "Authentication: nothing recorded",
        "Domains: none in its texts",
    ]


def test_a_time_that_is_none_is_shown_as_written() -> None:
    assert "Sent (claimed): tomorrow (not readable as a time)" in _shown(b"From: a\nSubject: x\nDate: tomorrow\n\n")


def test_what_was_cut_is_said_and_numbers_are_lower_bounds() -> None:
    text = b"".join(b"http://%d.example/\n" % number for number in range(30_000))
    lines = _shown(b"From: a\nSubject: x\n\n" + text)
    assert lines[-1] == CUT
    assert any(line.startswith("Links (at least 5,000): `hxxp://0[.]example/`, ") for line in lines)
    assert any(line.endswith("`hxxp://9[.]example/` and 4,990 more") for line in lines)


def test_it_is_short_enough_for_a_thread() -> None:
    long = "x" * 400
    hops = f"Received: from {long} ([192.0.2.1]) by {long}\n" * 40
    links = "".join(f"http://{number}.{long}.example/{long}\n" for number in range(40))
    fields = "".join(f"{name}: {long} <{long}@b.example>\n" for name in ("From", "Reply-To", "Subject", "Message-ID"))
    shown = render(_message(f"{fields}{hops}\n{links}".encode()))
    assert len(shown) < 8_000
    assert "- and 30 more" in shown


FIELDS = ("From", "Received", "Subject", "Date", "Authentication-Results")
VENOM = (
    "<!channel> @room <script>alert(1)</script> `x` *b* [a](http://evil.example) http://evil.example "
    "\N{RIGHT-TO-LEFT OVERRIDE}\x1b[2J&amp; a@evil.example"
)


def _venomous() -> bytes:
    names = ("From", "Reply-To", "Return-Path", "Subject", "Date", "Message-ID")
    fields = "".join(f"{name}: {VENOM}\n" for name in names)
    hops = f"Received: from {VENOM} ([203.0.113.7]) by {VENOM}; {VENOM}\nReceived: {VENOM}\n"
    results = (
        f"Authentication-Results: {VENOM}; spf=pass smtp.mailfrom={VENOM}\nAuthentication-Results: <!here>; dkim=pass\n"
    )
    parts = (
        f'Content-Type: multipart/mixed; boundary=b\n\n--b\n\n{VENOM}\n--b\nContent-Type: image/png; name="{VENOM}"\n\n'
    )
    return (fields + hops + results + parts).encode()


def test_nothing_that_was_typed_is_alive() -> None:
    message = _message(_venomous())
    words = [
        span.text
        for block in message.blocks
        if isinstance(block, Fields)
        for _label, value in block.rows
        for span in value
        if isinstance(span, Text)
    ]
    assert not any(re.search(r"<[!@/a-z]|@\w|://", each) for each in words)
    shown = render(message)
    assert "\x1b" not in shown
    assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in shown
    marked_up = "".join(words.html for words in html(message))
    assert "<script" not in marked_up
    assert "<a " not in marked_up


@given(st.lists(st.sampled_from(FIELDS), max_size=6), st.text(max_size=60))
def test_whatever_is_in_a_mail_has_a_page_that_comes_back_from_its_json(names: list[str], text: str) -> None:
    fields = "".join(f"{name}: {text}\n" for name in names)
    message = _message(f"From: a\nSubject: b\n{fields}\nhttp://{text}".encode("utf-8", "surrogatepass"))
    assert from_json(to_json(message)) == message
    render(message)


def test_addresses_are_code_and_links_are_defanged() -> None:
    codes = [span.text for block in _message(_venomous()).blocks if isinstance(block, Fields)
             for _label, value in block.rows for span in value if isinstance(span, Code)]  # fmt: skip
    assert "a@evil.example" in codes
    assert codes.count("hxxp://evil[.]example") == 3
    assert "http://evil.example" not in codes

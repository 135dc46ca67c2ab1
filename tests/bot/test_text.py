"""Plain text, line by line as people read it; and nothing that anybody types can break it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text import render
from commands.message import (
    Actions,
    Button,
    Code,
    Fields,
    Heading,
    Instant,
    Items,
    Mention,
    Message,
    Quote,
    Ref,
    Strong,
    say,
    spans,
    typed,
)
from commands.plain import inert, instant_text
from storage.words import Address, Marking
from tests.messages import MESSAGES, NEW_YORK, SEOUL, SYDNEY
from tests.pictured import PAGE, PICTURE, digest

DUE = datetime(2026, 12, 10, 6, tzinfo=UTC)


def test_one_paragraph_is_one_line_between_its_markings() -> None:
    assert render(Message(Marking.AMBER, (say("Case ", Ref("C-1"), " is open."),))) == (
        "TLP:AMBER Case C-1 is open. TLP:AMBER"
    )


def test_without_a_marking_the_words_stand_alone() -> None:
    assert render(Message(None, (say("Nobody is called ", Code("zed"), "."),))) == "Nobody is called `zed`."


def test_a_paragraph_of_several_lines_has_its_markings_on_lines_of_their_own() -> None:
    assert render(Message(Marking.RED, (say("one\ntwo"),))) == "TLP:RED\none\ntwo\nTLP:RED"


def test_every_block_between_the_markings() -> None:
    message = Message(
        Marking.STRICT,
        (
            Heading(spans(Ref("R-1"), ": FTC asks ACMA")),
            say("Asked by ", Mention(Address("local:ana"), "ana"), ", ", Strong("urgent"), "."),
            Fields((("Due", (Instant(DUE, (SYDNEY, NEW_YORK)),)), ("Where", spans("Canberra\nand Sydney")))),
            Items((spans("one"), spans("two\nlines"))),
            Quote(typed("Who owns spam.example now?\n\n@room please")),
            Actions((Button("Close", "/request close R-1", 4), Button("Withdraw", "/request withdraw R-1", 4))),
        ),
    )
    assert render(message).splitlines() == [
        "TLP:AMBER+STRICT",
        "R-1: FTC asks ACMA",
        "Asked by @ana, urgent.",
        "Due: Thu 10 Dec 2026, 17:00 AEDT (Sydney) / 01:00 EST (New York)",
        "Where: Canberra",
        "  and Sydney",
        "- one",
        "- two",
        "  lines",
        "> Who owns `spam.example` now?",
        ">",
        "> `@room` please",
        "[Close] [Withdraw]",
        "TLP:AMBER+STRICT",
    ]


def test_a_picture_is_said_and_a_document_named() -> None:
    assert render(digest("FTC: outstanding", PICTURE, PAGE)).splitlines() == [
        "TLP:AMBER",
        "FTC: outstanding",
        "Open requests by partner and age",
        "- ACMA: 10 (under a week: 3, 1 to 2 weeks: 2, 2 to 4 weeks: 1, older: 4)",
        "- ICO: 0",
        "- KISA: 13 (1 to 2 weeks: 12, older: 1)",
        "[file: digest.html, 60 bytes]",
        "That is all.",
        "TLP:AMBER",
    ]


def test_a_rehearsal_says_so_at_both_ends() -> None:
    assert render(Message(Marking.GREEN, (say("words"),)), rehearsal=True) == (
        "REHEARSAL TLP:GREEN words REHEARSAL TLP:GREEN"
    )
    assert render(Message(None, (say("words"),)), rehearsal=True) == "REHEARSAL words REHEARSAL"
    assert render(Message(None, (Heading(spans("a")), say("b"))), rehearsal=True) == "REHEARSAL\na\nb\nREHEARSAL"


def test_a_message_without_buttons_has_no_empty_line_for_them() -> None:
    assert render(Message(None, (say("words"), Actions(())))) == "words"


@pytest.mark.parametrize(
    ("zones", "shown"),
    [
        ((SYDNEY, NEW_YORK), "Thu 10 Dec 2026, 17:00 AEDT (Sydney) / 01:00 EST (New York)"),
        ((NEW_YORK, SYDNEY), "Thu 10 Dec 2026, 01:00 EST (New York) / 17:00 AEDT (Sydney)"),
        ((SYDNEY, "America/Los_Angeles"), "Thu 10 Dec 2026, 17:00 AEDT (Sydney) / Wed 9 Dec, 22:00 PST (Los Angeles)"),
        ((SEOUL, SEOUL), "Thu 10 Dec 2026, 15:00 KST (Seoul)"),
        (("Europe/Istanbul",), "Thu 10 Dec 2026, 09:00 UTC+03 (Istanbul)"),
        (("Asia/Kathmandu",), "Thu 10 Dec 2026, 11:45 UTC+05:45 (Kathmandu)"),
        (("America/Argentina/Buenos_Aires",), "Thu 10 Dec 2026, 03:00 UTC-03 (Buenos Aires)"),
        (("UTC",), "Thu 10 Dec 2026, 06:00 UTC"),
        (("Etc/UTC",), "Thu 10 Dec 2026, 06:00 UTC"),
        ((), "Thu 10 Dec 2026, 06:00 UTC"),
    ],
)
def test_an_instant_in_the_zones_of_both_agencies(zones: tuple[str, ...], shown: str) -> None:
    assert instant_text(Instant(DUE, zones)) == shown


def test_what_a_terminal_would_obey_comes_out_inert() -> None:
    assert inert("a\x1b[2Jb\r\nc\td\u202ee") == "a\ufffd[2Jb\nc\td\ufffde"
    assert "\x1b" not in render(Message(None, (Quote(typed("\x1b]0;title\x07")), say(Code("\x1b[1m")))))


@given(MESSAGES, st.booleans())
def test_any_message_renders_with_its_marking_at_both_ends(message: Message, rehearsal: bool) -> None:
    shown = render(message, rehearsal=rehearsal)
    badge = f"TLP:{message.marking}" if message.marking else ""
    assert shown.startswith("REHEARSAL" if rehearsal else badge)
    assert shown.endswith(badge)
    assert not any(ord(char) < 0x20 and char not in "\n\t" for char in shown)

"""Commands of ours with the mark that Matrix clients let through; nobody else's words are touched."""

from __future__ import annotations

import pytest

from bot.matrix.spelling import spelled
from commands.declare import TABLE
from commands.message import Actions, Button, Code, Fields, Heading, Items, Message, Quote, Strong, say, spans
from commands.naming import nouns


def in_every_block(line: str) -> Message:
    code = spans("Type ", Code(line))
    return Message(None, (Heading(code), say(*code), Fields(((line, code),)), Items((code,))))


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("/case open TITLE", "!case open TITLE"),
        ("/comity help", "!comity help"),
        ("/request", "!request"),
        ("/case /request /agency", "!case !request !agency"),
        ("/case open|show|list", "!case open|show|list"),
        ("/case note see /case show", "!case note see /case show"),
        ("/cases", "/cases"),
        ("/case/1", "/case/1"),
        ("/etc/passwd", "/etc/passwd"),
        ("see /case open", "see /case open"),
        ("local:ana", "local:ana"),
    ],
)
def test_a_command_of_ours_begins_with_an_exclamation_mark(line: str, shown: str) -> None:
    assert spelled(in_every_block(line)) == in_every_block(shown)


def test_every_noun_that_is_declared_is_known() -> None:
    for noun in nouns(TABLE):
        assert spelled(in_every_block(f"/{noun} list")) == in_every_block(f"!{noun} list")


def test_a_button_is_what_to_type() -> None:
    button = Button("Acknowledge", "/request ack R-1", 4)
    shown = Button("Acknowledge", "!request ack R-1", 4)
    assert spelled(Message(None, (Actions((button,)),))) == Message(None, (Actions((shown,)),))


def test_what_people_typed_stays_as_it_is() -> None:
    line = "/case open"
    message = Message(None, (Quote(spans(line, Code(line))), say(line), Items((spans(Strong(line)),))))
    assert spelled(message) == message

"""How what is said to the people of a cast looks on a homeserver; it changes no words."""

from __future__ import annotations

from bot.matrix import html
from commands.message import Message
from tests.cast import Cast, without_ledger


def typed(text: str, cast: Cast) -> str:
    """As people type it whose clients keep what begins with a slash."""
    return cast.named(f"!{text[1:]}" if text.startswith("/") else text)


def words(message: Message, cast: Cast) -> html.Words:
    """As an event of Matrix has it."""
    (words,) = html.render(cast.message(message), rehearsal=True)
    return html.Words(without_ledger(words.plain), without_ledger(words.html), words.mentions)

"""A Message as the words of Matrix events, plain and as HTML; it sends nothing, and nothing typed becomes a tag.

The tags are those that clients are to permit (https://spec.matrix.org/latest/client-server-api/#mroommessage-msgtypes).
The sender sets m.mentions always, also to nobody: without it clients look for @room and for names in the words.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html import escape
from itertools import chain
from typing import assert_never
from urllib.parse import quote

from bot import text
from bot.matrix.spelling import spelled
from bot.parts import parts
from commands.message import (
    Actions,
    Block,
    Button,
    Code,
    Document,
    Enclosure,
    Fields,
    Heading,
    Instant,
    Items,
    Mention,
    Message,
    Paragraph,
    Picture,
    Quote,
    Ref,
    Span,
    Spans,
    Strong,
    Text,
)
from commands.plain import inert
from storage.words import Address

LIMIT = 20_000
"""Bytes of plain and html together, as JSON has them.

A server takes events of 65,536 bytes (https://spec.matrix.org/latest/client-server-api/#size-limits). An edit has its
words twice, and encryption makes four bytes of three.
"""

# The localpart may be an old one, of any visible ASCII: https://spec.matrix.org/latest/appendices/#user-identifiers
_PERSON = re.compile(r"matrix:(@[!-9;-~]+:[\w.:\[\]-]+)", re.ASCII)


@dataclass(frozen=True)
class Words:
    """One event's `body` and `formatted_body`, and the user ids for its m.mentions."""

    plain: str
    html: str
    mentions: tuple[str, ...]


def render(message: Message, *, rehearsal: bool = False, limit: int = LIMIT) -> list[Words]:
    """One event's words, or several events' where one would be longer than `limit` bytes; each has the marking.

    The buttons are in the last one, as the commands to type.
    """

    def fits(part: Message) -> bool:
        return _size(_words(part, rehearsal=rehearsal)) <= limit

    return [_words(part, rehearsal=rehearsal) for part in parts(spelled(message), fits)]


def _size(words: Words) -> int:
    return len(json.dumps([words.plain, words.html], ensure_ascii=False).encode())


def _words(message: Message, *, rehearsal: bool) -> Words:
    plain = text.render(replace(message, blocks=tuple(map(_unpressed, message.blocks))), rehearsal=rehearsal)
    return Words(plain, _html(message, rehearsal=rehearsal), _called(message))


def _unpressed(block: Block) -> Block:
    """In plain words a button is its label and what to type."""
    if isinstance(block, Actions):
        return Fields(tuple((button.label, (Text(button.line),)) for button in block.buttons))
    return block


def _html(message: Message, *, rehearsal: bool) -> str:
    badge = escape(text.badge_text(message, rehearsal=rehearsal))
    match message.blocks:
        case (Paragraph(spans),) if text.is_line(message):
            return f"<strong>{badge}</strong> {_run(spans)} <strong>{badge}</strong>" if badge else _run(spans)
        case blocks:
            ends = f"<p><strong>{badge}</strong></p>" if badge else ""
            return "".join((ends, *map(_block, blocks), ends))


def _block(block: Block) -> str:
    match block:
        case Heading(spans):
            return f"<h4>{_run(spans).replace('<br/>', ' ')}</h4>"
        case Paragraph(spans):
            return f"<p>{_run(spans)}</p>"
        case Fields(rows):
            lines = "<br/>".join(f"<strong>{_typed(label)}:</strong> {_run(value)}" for label, value in rows)
            return f"<p>{lines}</p>" if rows else ""
        case Items(items):
            return _list(map(_run, items))
        case Quote(spans):
            return f"<blockquote>{_run(spans)}</blockquote>"
        case Picture():
            return "".join(_block(words) for words in block.in_words())
        case Document() | Enclosure():
            return f"<p>{_typed(block.described())}</p>"
        case Actions(buttons):
            return _list(map(_button, buttons))
        case _:
            assert_never(block)


def _button(button: Button) -> str:
    return f"{_typed(button.label)}: <code>{_typed(button.line)}</code>"


def _list(items: Iterator[str]) -> str:
    lines = "".join(f"<li>{item}</li>" for item in items)
    return f"<ul>{lines}</ul>" if lines else ""


def _run(spans: Spans) -> str:
    return "".join(map(_span, spans))


def _span(span: Span) -> str:
    match span:
        case Text(words):
            return _typed(words)
        case Strong(words):
            return f"<strong>{_typed(words)}</strong>"
        case Code(words):
            return f"<code>{_typed(words)}</code>"
        case Mention(address):
            shown, person = _typed(text.span_text(span)), _person(address)
            return f'<a href="https://matrix.to/#/{quote(person, safe="@:")}">{shown}</a>' if person else shown
        case Instant() | Ref():
            return _typed(text.span_text(span))
        case _:
            assert_never(span)


def _typed(words: str) -> str:
    return escape(inert(words)).replace("\n", "<br/>")


def _person(address: Address) -> str | None:
    """`@user:server`, if that is where this person writes from."""
    found = _PERSON.fullmatch(address)
    return found[1] if found else None


def _called(message: Message) -> tuple[str, ...]:
    """Each person who is mentioned, once."""
    spans = chain.from_iterable(map(_spans, message.blocks))
    people = (_person(span.address) for span in spans if isinstance(span, Mention))
    return tuple(dict.fromkeys(person for person in people if person))


def _spans(block: Block) -> Iterator[Span]:
    match block:
        case Heading(spans) | Paragraph(spans) | Quote(spans):
            yield from spans
        case Fields(rows):
            yield from chain.from_iterable(value for _, value in rows)
        case Items(items):
            yield from chain.from_iterable(items)
        case Picture() | Document() | Enclosure() | Actions():
            pass
        case _:
            assert_never(block)

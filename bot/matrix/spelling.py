"""Our command lines as they are typed on Matrix, where clients keep what begins with `/`; it changes nobody's words."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from typing import assert_never

from commands import table  # noqa: F401  # the commands are declared by importing them
from commands.declare import TABLE
from commands.message import (
    Actions,
    Block,
    Code,
    Document,
    Enclosure,
    Fields,
    Heading,
    Items,
    Message,
    Paragraph,
    Picture,
    Quote,
    Span,
    Spans,
)
from commands.naming import nouns


def spelled(message: Message) -> Message:
    """`!request ack R-1` for `/request ack R-1`: in code, in buttons, and where a command labels a field."""
    return replace(message, blocks=tuple(map(_block, message.blocks)))


def _block(block: Block) -> Block:
    match block:
        case Heading(spans):
            return Heading(_spans(spans))
        case Paragraph(spans):
            return Paragraph(_spans(spans))
        case Fields(rows):
            return Fields(tuple((_line(label), _spans(value)) for label, value in rows))
        case Items(items):
            return Items(tuple(map(_spans, items)))
        case Quote() | Picture() | Document() | Enclosure():
            return block
        case Actions(buttons):
            return Actions(tuple(replace(button, line=re.sub(r"\A/", "!", button.line)) for button in buttons))
        case _:
            assert_never(block)


def _spans(spans: Spans) -> Spans:
    return tuple(map(_span, spans))


def _span(span: Span) -> Span:
    return Code(_line(span.text)) if isinstance(span, Code) else span


def _line(line: str) -> str:
    begins = _nouns().match(line)
    return begins.group().replace("/", "!") + line[begins.end() :] if begins else line


@cache
def _nouns() -> re.Pattern[str]:
    """The noun that a line begins with; several where a usage lists them. A path or a reply's words are neither."""
    return re.compile(rf"(?:/(?:{'|'.join(map(re.escape, nouns(TABLE)))})(?:\s+|\Z))+")

"""A Message as plain text, which every platform needs beside its own form; it escapes for no platform."""

from __future__ import annotations

from itertools import chain
from typing import assert_never

from commands.message import (
    Actions,
    Block,
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
from commands.plain import inert, instant_text

REHEARSAL = "REHEARSAL"


def render(message: Message, *, rehearsal: bool = False) -> str:
    """One line if the message is one paragraph, else a line for the marking, the blocks, and the marking again."""
    badge = badge_text(message, rehearsal=rehearsal)
    lines = list(chain.from_iterable(_block_lines(block) for block in message.blocks))
    if not badge:
        return "\n".join(lines)
    if is_line(message):
        return f"{badge} {lines[0]} {badge}"
    return "\n".join((badge, *lines, badge))


def is_line(message: Message) -> bool:
    """One paragraph without a line break: its markings stand on its line, not around it."""
    match message.blocks:
        case (Paragraph(spans),):
            return len(_lines(spans)) == 1
        case _:
            return False


def badge_text(message: Message, *, rehearsal: bool = False) -> str:
    """What stands at both ends of a message: `TLP:AMBER`, `REHEARSAL TLP:AMBER`, or nothing."""
    marking = f"TLP:{message.marking}" if message.marking else ""
    return " ".join(filter(None, (REHEARSAL if rehearsal else "", marking)))


def span_text(span: Span) -> str:
    match span:
        case Text(text) | Strong(text):
            return inert(text)
        case Code(text):
            return f"`{inert(text)}`"
        case Mention(_, name):
            return f"@{inert(name)}"
        case Instant():
            return instant_text(span)
        case Ref(ref):
            return ref
        case _:
            assert_never(span)


def _block_lines(block: Block) -> list[str]:
    match block:
        case Heading(spans):
            return [" ".join(_lines(spans))]
        case Paragraph(spans):
            return _lines(spans)
        case Fields(rows):
            return list(chain.from_iterable(_hang(f"{inert(label)}: ", value) for label, value in rows))
        case Items(items):
            return list(chain.from_iterable(_hang("- ", item) for item in items))
        case Quote(spans):
            return [f"> {line}".rstrip() for line in _lines(spans)]
        case Picture():
            return inert(block.described()).split("\n")
        case Document() | Enclosure():
            return [block.described()]
        case Actions(buttons):
            return [" ".join(f"[{inert(button.label)}]" for button in buttons)] if buttons else []
        case _:
            assert_never(block)


def _lines(spans: Spans) -> list[str]:
    return "".join(map(span_text, spans)).split("\n")


def _hang(lead: str, spans: Spans) -> list[str]:
    first, *further = _lines(spans)
    return [lead + first, *(f"  {line}".rstrip() for line in further)]

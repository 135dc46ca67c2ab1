"""A Message as plain text, which every platform needs beside its own form; it escapes for no platform."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, assert_never
from zoneinfo import ZoneInfo

from commands.message import (
    Actions,
    Block,
    Code,
    Document,
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

if TYPE_CHECKING:
    from datetime import datetime

REHEARSAL = "REHEARSAL"

# strftime speaks the language of the machine's locale; a message reads the same everywhere.
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

# Escape sequences would move a terminal's cursor, and reordering marks would turn a line, its marking included, around.
_TREACHEROUS = dict.fromkeys(
    [*(set(range(0x20)) - {ord("\n"), ord("\t")}), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A)],
    "\N{REPLACEMENT CHARACTER}",
)


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


def inert(words: str) -> str:
    """What a person typed, with nothing in it that a terminal would obey; line breaks and tabs stay."""
    return words.replace("\r\n", "\n").translate(_TREACHEROUS)


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


def instant_text(instant: Instant) -> str:
    """`Thu 10 Dec 2026, 17:00 AEDT (Sydney) / 01:00 EST (New York)`; UTC where no zone is given.

    A further zone repeats the day only where its day is another one.
    """
    first, *others = dict.fromkeys(instant.zones or ("UTC",))
    leading = instant.at.astimezone(ZoneInfo(first))
    shown = [f"{day_text(leading)} {leading.year}, {_time_text(leading, first)}"]
    for zone in others:
        local = instant.at.astimezone(ZoneInfo(zone))
        day = "" if local.date() == leading.date() else f"{day_text(local)}, "
        shown.append(day + _time_text(local, zone))
    return " / ".join(shown)


def day_text(local: datetime) -> str:
    """`Thu 10 Dec`, of a time in the zone where it is shown."""
    return f"{_DAYS[local.weekday()]} {local.day} {_MONTHS[local.month - 1]}"


def _time_text(local: datetime, zone: str) -> str:
    name = local.tzname() or ""
    if name.startswith(("+", "-")):
        # The tz database has no letters for many zones: +03, but also +0545.
        name = f"UTC{name[:3]}" + (f":{name[3:]}" if name[3:] else "")
    where = "" if zone == "UTC" or zone.startswith("Etc/") else f" ({zone.rpartition('/')[2].replace('_', ' ')})"
    return f"{local:%H:%M} {name}{where}"


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
        case Document():
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

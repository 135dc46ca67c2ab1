"""What is said in plain words wherever it is shown: moments, and what a person typed, made harmless."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from commands.message import Instant

# strftime speaks the language of the machine's locale; a message reads the same everywhere.
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

# Escape sequences would move a terminal's cursor, and reordering marks would turn a line, its marking included, around.
_TREACHEROUS = dict.fromkeys(
    [*(set(range(0x20)) - {ord("\n"), ord("\t")}), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A)],
    "\N{REPLACEMENT CHARACTER}",
)


def inert(words: str) -> str:
    """What a person typed, with nothing in it that a terminal would obey; line breaks and tabs stay."""
    return words.replace("\r\n", "\n").translate(_TREACHEROUS)


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

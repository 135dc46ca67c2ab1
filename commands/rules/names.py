"""The names of weekdays and months, read and written in English; knows nothing of working days or of now."""

from __future__ import annotations

from datetime import date

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
"""In the order of `date.weekday()`."""

MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip

_SHORT = 3


def read_weekday(word: str) -> int | None:
    """`fri`, `Thurs`, `friday` -> 0 for Monday to 6 for Sunday; None if it is no weekday."""
    return _read(word, WEEKDAYS)


def read_month(word: str) -> int | None:
    """`dec`, `Sept`, `December` -> 1 to 12; None if it is no month."""
    index = _read(word, MONTHS)
    return None if index is None else index + 1


def show_date(day: date) -> str:
    """`Thu 10 Dec 2026`: the weekday shows at a glance whether the date meant is the date read."""
    # not strftime, whose names follow the machine's locale
    return f"{WEEKDAYS[day.weekday()][:_SHORT].title()} {day.day} {MONTHS[day.month - 1][:_SHORT].title()} {day.year}"


def _read(word: str, names: tuple[str, ...]) -> int | None:
    word = word.lower().removesuffix(".")
    if len(word) < _SHORT:
        return None
    return next((index for index, name in enumerate(names) if name.startswith(word)), None)

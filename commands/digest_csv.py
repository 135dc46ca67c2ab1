"""A digest as a table for other programs: RFC 4180, times in UTC as ISO 8601 has them, a row for each line."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from io import StringIO

from commands.digest_page import AGES, TIMES, picture, said, why_unfetched
from commands.outlook import Outlook, Part
from commands.plain import inert
from commands.request_page import short
from storage.lines import Line
from storage.words import Marking, exhibit_ref, request_ref

COLUMNS = (
    "part", "request", "marking", "asking", "asked", "state", "due", "days left", "last word by", "last word",
    "last word at", "what", "letter", "place", "median days", "90th percentile days", "answers", *AGES,
)  # fmt: skip
"""Each kind of row fills those that it has. Days left are below zero for what is overdue."""

_BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"
"""Without it Excel does not take the file for UTF-8."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""How a cell begins that Excel would calculate (https://owasp.org/www-community/attacks/CSV_Injection)."""
_DAY = timedelta(days=1)

Row = Mapping[str, str | int | float]


def table(outlook: Outlook) -> str:
    """All of the digest; its parts as the page has them."""
    written = StringIO()
    rows = csv.DictWriter(written, COLUMNS, restval="")
    rows.writeheader()
    for row in _rows(outlook):
        rows.writerow({name: _cell(value) for name, value in row.items()})
    return _BOM + written.getvalue()


def _cell(value: str | float) -> str | int | float:
    """A number is one; of words that begin like a formula an apostrophe makes words."""
    if not isinstance(value, str):
        return value
    words = inert(value)
    return f"'{words}" if words.startswith(_FORMULA) else words


def _rows(outlook: Outlook) -> Iterator[Row]:
    for part, some in outlook.parts.items():
        yield from (_line(outlook, part, line) for line in some.first)
    for letter in outlook.undelivered.last:
        about = request_ref(letter.request_id) if letter.request_id is not None else ""
        yield {
            "part": "undelivered", "request": about, "letter": letter.letter, "place": letter.place, "what": letter.why,
        }  # fmt: skip
    for file in outlook.unfetched:
        name = "" if file.marking is Marking.RED else file.name
        yield {
            "part": "files that are not kept", "request": request_ref(file.request_id), "marking": file.marking,
            "what": f"{exhibit_ref(file.number)} {name}: {why_unfetched(file)}",
        }  # fmt: skip
    for one in outlook.times:
        yield {
            "part": TIMES.lower(), "asked": one.partner, "median days": _in_days(one.median),
            "90th percentile days": _in_days(one.ninetieth), "answers": one.answers,
        }  # fmt: skip
    for name, numbers in outlook.ages.items():
        yield {"part": picture(outlook).title.lower(), "asked": name} | dict(zip(AGES, numbers, strict=True))


def _line(outlook: Outlook, part: Part, line: Line) -> Row:
    """Of a RED one no more than a digest in a room says."""
    row: dict[str, str | int | float] = {
        "part": part, "request": request_ref(line.number), "marking": line.marking, "due": _utc(line.due_at),
        "days left": _in_days(line.due_at - outlook.at),
    }  # fmt: skip
    if line.marking is Marking.RED:
        return row
    row |= {"asking": line.asking, "asked": line.asked, "state": line.state}
    if outlook.viewer is not None:
        row["what"] = short(line.what)
    if (found := outlook.words.get(line.number)) is not None:
        code, word = found
        row |= {"last word by": code, "last word": said(word.step), "last word at": _utc(word.at)}
    return row


def _utc(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def _in_days(time: timedelta) -> float:
    return round(time / _DAY, 2)

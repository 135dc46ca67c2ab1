"""A mail's header: its fields as they stand, who is said to have sent it and when; believes none of it."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from commands.rules.mail_words import decoded, harmless, unencoded
from commands.rules.names import read_month

EACH = 100
"""Fields of one name that are read: with more Received lines a mail goes in circles (RFC 5321, 6.3)."""
_VALUE = 8_000  # bytes of one field that are read
_MOST = 20_000  # fields that are looked at

_FIELDS = (
    b"from|sender|reply-to|return-path|subject|date|message-id|received|authentication-results"
    b"|arc-authentication-results|received-spf|content-type|content-disposition|content-transfer-encoding"
)
_FIELD = re.compile(rb"^(" + _FIELDS + rb")[ \t]{0,4}:", re.IGNORECASE | re.MULTILINE)
_FIELD_END = re.compile(rb"\n(?![ \t])")
# The blank line, or whatever else is neither a field nor the rest of one.
_HEAD_END = re.compile(rb"^(?![!-9;-~]{1,100}+[ \t]{0,4}:|[ \t])(\r?\n)?", re.MULTILINE)

_ADDRESS = re.compile(r"[^\s<>,;()\"]{1,200}+")
_ANGLED = re.compile(r"<([^<>]{0,400}+)>[^<>]*\Z")
_DATE = re.compile(
    r"(?:[a-z]{3,9},?\s{1,5})?([0-9]{1,2})\s{1,5}([a-z]{3,9})\s{1,5}([0-9]{4}|[0-9]{2})\s{1,5}"
    r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?\s{1,5}(?:([+-])([0-9]{2})([0-9]{2})|([a-z]{1,5}))(?![\w])",
    re.ASCII | re.IGNORECASE,
)
_YEARS = range(1970, 2200)  # no mail has others, and the last ones there are cannot be shown in every zone
# RFC 5322, 4.3; all other letters say nothing of the offset.
_ZONES = {
    "UT": 0, "UTC": 0, "GMT": 0, "Z": 0,
    "EDT": -4, "EST": -5, "CDT": -5, "CST": -6, "MDT": -6, "MST": -7, "PDT": -7, "PST": -8,
}  # fmt: skip


@dataclass(frozen=True)
class Field:
    """`name` in small letters; `text` as it stands, unfolded; `number` counts from the top of the header."""

    name: str
    text: str
    number: int


@dataclass(frozen=True)
class Head:
    """The fields that are of use, from the top; `cut`: not all of the header was read."""

    fields: tuple[Field, ...]
    cut: bool

    def all(self, *names: str) -> tuple[Field, ...]:
        return tuple(field for field in self.fields if field.name in names)

    def first(self, name: str) -> str:
        return next((field.text for field in self.fields if field.name == name), "")


@dataclass(frozen=True)
class Sender:
    """As claimed: harmless words, and the address in them (empty if there is none)."""

    name: str
    address: str


@dataclass(frozen=True)
class Sent:
    """A time as claimed: aware and UTC, or None where the text is no date with an offset."""

    at: datetime | None
    text: str


def head_end(raw: bytes) -> tuple[int, int]:
    """Where the header ends and where the body begins: both the length of `raw` if the header goes on behind it."""
    found = _HEAD_END.search(raw)
    if found is None or found.start() == len(raw):
        return len(raw), len(raw)
    return found.start(), found.end()


def read_head(raw: bytes, *, cut: bool) -> Head:
    """The fields of a header; of each name at most EACH, the topmost, and of each field its first 8,000 bytes."""
    fields: list[Field] = []
    seen: Counter[str] = Counter()
    for number, found in enumerate(_FIELD.finditer(raw)):
        if number == _MOST:
            return Head(tuple(fields), cut=True)
        name = found[1].decode("ascii").lower()
        seen[name] += 1
        if seen[name] > EACH:
            cut = True
            continue
        ended = _FIELD_END.search(raw, found.end())
        end = ended.start() if ended else len(raw)
        cut = cut or end - found.end() > _VALUE
        value = raw[found.end() : min(end, found.end() + _VALUE)]
        fields.append(Field(name, decoded(value.replace(b"\r", b"").replace(b"\n", b"")).strip(), len(fields)))
    return Head(tuple(fields), cut)


def read_sender(text: str) -> Sender | None:
    """`"A. Bank" <a@bank.example>`; None for nothing. The address is looked for before encoded words are read."""
    if not text:
        return None
    text = text[:2000]
    angled = _ANGLED.search(text)
    if angled is not None:
        name, address = text[: angled.start()], angled[1]
    else:
        address = next((word for word in _ADDRESS.findall(text) if "@" in word), "")
        name = "" if address == text.strip() else text
    return Sender(harmless(unencoded(name).strip(' "'), 120), harmless(address, 120))


def read_sent(text: str) -> Sent | None:
    """The first date in it, as RFC 5322, 3.3 and 4.3 write it; None for nothing."""
    if not text:
        return None
    found = _DATE.search(text[:300])
    return Sent(_moment(found) if found else None, harmless(unencoded(text[:300]), 60))


def _moment(found: re.Match[str]) -> datetime | None:
    month, offset = read_month(found[2]), _offset(found)
    if month is None or offset is None:
        return None
    year = int(found[3])
    if len(found[3]) == 2:  # noqa: PLR2004 - RFC 5322, 4.3: two digits
        year += 1900 if year >= 50 else 2000  # noqa: PLR2004 - as above
    second = min(int(found[6] or 0), 59)  # a leap second
    if year not in _YEARS:
        return None
    try:
        at = datetime(year, month, int(found[1]), int(found[4]), int(found[5]), second, tzinfo=timezone(offset))
    except ValueError:
        return None
    return at.astimezone(UTC)


def _offset(found: re.Match[str]) -> timedelta | None:
    if found[10]:
        hours = _ZONES.get(found[10].upper())
        return None if hours is None else timedelta(hours=hours)
    offset = timedelta(hours=int(found[8]), minutes=int(found[9]))
    if offset >= timedelta(days=1):
        return None
    return -offset if found[7] == "-" else offset

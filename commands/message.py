"""What Comity says, as values: a message's blocks and spans, to and from JSON; how it looks is bot/'s business."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from storage.words import Address, Marking


@dataclass(frozen=True)
class Text:
    """Plain words; a renderer escapes whatever its platform would read as formatting."""

    text: str


@dataclass(frozen=True)
class Strong:
    text: str


@dataclass(frozen=True)
class Code:
    """Words that must come out inert: addresses, links, command lines."""

    text: str


@dataclass(frozen=True)
class Mention:
    """A person who is to be called by the platform's own means."""

    address: Address
    name: str


@dataclass(frozen=True)
class Instant:
    """A moment (aware, UTC) and the IANA zones in which it is shown, the one that counts first."""

    at: datetime
    zones: tuple[str, ...]


@dataclass(frozen=True)
class Ref:
    """A short reference (C-1, R-1)."""

    ref: str


Span = Text | Strong | Code | Mention | Instant | Ref
Spans = tuple[Span, ...]


@dataclass(frozen=True)
class Heading:
    spans: Spans


@dataclass(frozen=True)
class Paragraph:
    spans: Spans


@dataclass(frozen=True)
class Fields:
    """Label and value, a pair a line."""

    rows: tuple[tuple[str, Spans], ...]


@dataclass(frozen=True)
class Items:
    items: tuple[Spans, ...]


@dataclass(frozen=True)
class Quote:
    """What a person typed, line by line as they typed it."""

    spans: Spans


@dataclass(frozen=True)
class Button:
    """Pressing is typing: `line` is the command, `event` the request's event number that it was shown at."""

    label: str
    line: str
    event: int | None = None


@dataclass(frozen=True)
class Actions:
    buttons: tuple[Button, ...]


@dataclass(frozen=True)
class Picture:
    """Bars, one a row, each in as many parts as there are columns: what is drawn, and the words that say the same."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[int, ...]], ...]

    def in_words(self) -> tuple[Heading, Items]:
        """Where no picture can stand, and for whoever cannot see it: `ACMA: 5 (2 up to a week, 3 older)`."""
        rows = tuple((Text(f"{name}: {sum(parts)} ({self._parts(parts)})"),) for name, parts in self.rows)
        return Heading((Text(self.title),)), Items(rows)

    def _parts(self, parts: tuple[int, ...]) -> str:
        return ", ".join(f"{number} {column}" for number, column in zip(parts, self.columns, strict=True) if number)


Block = Heading | Paragraph | Fields | Items | Quote | Picture | Actions


@dataclass(frozen=True)
class Message:
    """Blocks under one marking (None: nothing of a case is in it); renderers put the marking first and last."""

    marking: Marking | None
    blocks: tuple[Block, ...]


def say(*parts: str | Span) -> Paragraph:
    """A paragraph; bare strings are our own words."""
    return Paragraph(spans(*parts))


def spans(*parts: str | Span) -> Spans:
    return tuple(Text(part) if isinstance(part, str) else part for part in parts)


# No part may look at the same words from each of their letters on: 20,000 letters in a row would take seconds.
_DOMAIN = r"(?<![\w.-])(?:[\w-]++\.)+[a-z]{2,24}(?:[:/?#][^\s<>`]*)?(?![\w-])"  # bare: clients make links of it
_BARE = re.compile(_DOMAIN, re.IGNORECASE)
_ANY = re.compile(
    r"<[!@#/a-z][^<>\s`]*>"  # Slack's <!channel>, <@U1>, <#C1>; HTML tags
    r"|[a-z][a-z0-9+.-]{0,30}+://[^\s<>`]*[^\s<>`.,:;!?)\]]"  # links, without the sentence's own end
    r"|(?:(?<![\w.+-])[\w.+-]++)?@[\w.:-]*\w"  # mail addresses, @room, @user:server
    rf"|{_DOMAIN}",
    re.IGNORECASE,
)


def typed(text: str) -> Spans:
    """What a person typed, as data: whatever a platform could take for a link or a mention becomes code."""
    address = _ANY if "@" in text or "<" in text or "://" in text else _BARE
    out: list[Span] = []
    last = 0
    for found in address.finditer(text):
        if found.start() > last:
            out.append(Text(text[last : found.start()]))
        out.append(Code(found.group()))
        last = found.end()
    if last < len(text):
        out.append(Text(text[last:]))
    return tuple(out)


_NODES = {
    cls.__name__: cls
    for cls in (
        Text, Strong, Code, Mention, Instant, Ref, Heading, Paragraph, Fields, Items, Quote, Picture, Button, Actions,
        Message,
    )
}  # fmt: skip


def to_json(message: Message) -> str:
    return _JSON.encode(message)


def from_json(text: str) -> Message:
    """Raises KeyError or TypeError on what to_json did not write."""
    message = _decode(json.loads(text))
    if not isinstance(message, Message):
        raise TypeError("not a message")
    return message


def _encode(value: object) -> dict[str, Any]:
    """A moment or a node, whose own values the encoder goes on with."""
    if isinstance(value, datetime):
        return {"at": value.isoformat()}
    return {"_": type(value).__name__, **vars(value)}


_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_encode)


def _decode(value: Any) -> Any:
    match value:
        case {"at": str(at)}:
            return datetime.fromisoformat(at)
        case {"_": "Message", "marking": marking, "blocks": blocks}:
            return Message(Marking(marking) if marking else None, _decode(blocks))
        case {"_": str(name), **rest}:
            return _NODES[name](**{str(key): _decode(item) for key, item in rest.items()})
        case list():
            return tuple(_decode(item) for item in value)
        case _:
            return value

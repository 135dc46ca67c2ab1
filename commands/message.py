"""What Comity says, as values: a message's blocks and spans, to and from JSON; how it looks is bot/'s business."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
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
    """Bars, one a row, each in as many parts as there are columns: what is drawn, and the words that say the same.

    Raises ValueError without a title, and for a row that has another number of parts, or a part below zero.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[int, ...]], ...]

    def __post_init__(self) -> None:
        if not self.title.strip():
            raise ValueError("a picture has a title")
        if any(len(parts) != len(self.columns) or min(parts, default=0) < 0 for _name, parts in self.rows):
            raise ValueError("each row has one number, 0 or more, for each column")

    def in_words(self) -> tuple[Heading, Items]:
        """Where no picture can stand, and for whoever cannot see it: `ACMA: 5 (up to a week: 2, older: 3)`."""
        return Heading((Text(self.title),)), Items(tuple((Text(line),) for line in self._lines()))

    def described(self) -> str:
        """The same as one text, a line a row."""
        return "\n".join((self.title, *(f"- {line}" for line in self._lines())))

    def _lines(self) -> Iterator[str]:
        for name, parts in self.rows:
            of = ", ".join(f"{column}: {number}" for number, column in zip(parts, self.columns, strict=True) if number)
            yield f"{name}: {sum(parts)}" + (f" ({of})" if of else "")


DOCUMENT_MOST = 1_000_000
"""Bytes of a document: far below what any platform takes, and a letter's words are kept until it has arrived."""

_FILE_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,99}", re.ASCII)
_MEDIA_TYPE = re.compile(r"[a-z]+/[a-z0-9.+-]+")


@dataclass(frozen=True)
class Document:
    """A small file of our own making that goes with the message: a page, a table.

    Raises ValueError for a name that is not plain, and for a text that is empty or longer than DOCUMENT_MOST.
    """

    name: str
    media_type: str
    text: str

    def __post_init__(self) -> None:
        if not (_FILE_NAME.fullmatch(self.name) and _MEDIA_TYPE.fullmatch(self.media_type)):
            raise ValueError(f"a file cannot be called {self.name!r} and be {self.media_type!r}")
        if not 0 < len(self.content) <= DOCUMENT_MOST:
            raise ValueError(f"{self.name} has {len(self.content)} bytes: 1 to {DOCUMENT_MOST} go with a message")

    @property
    def content(self) -> bytes:
        return self.text.encode()

    @property
    def size(self) -> int:
        """In bytes."""
        return len(self.content)

    def described(self) -> str:
        """`[file: digest.csv, 1234 bytes]`."""
        return f"[file: {self.name}, {self.size} bytes]"


_PASSED_ON = re.compile(r"[^/\\\x00-\x1f\x7f]{1,200}")


@dataclass(frozen=True)
class Enclosure:
    """A file out of the vault that goes with the message, byte for byte; `size` is in bytes.

    Raises ValueError for a name with a folder or a control character in it, and for an empty file.
    """

    name: str
    media_type: str
    size: int
    sha256: str

    def __post_init__(self) -> None:
        if not _PASSED_ON.fullmatch(self.name) or self.name.startswith(".") or self.size < 1:
            raise ValueError(f"a file cannot be called {self.name!r} and have {self.size} bytes")

    def described(self) -> str:
        """`[file: X-5-lease.txt, 1234 bytes]`."""
        return f"[file: {self.name}, {self.size} bytes]"


Block = Heading | Paragraph | Fields | Items | Quote | Picture | Document | Enclosure | Actions


@dataclass(frozen=True)
class Message:
    """Blocks under one marking (None: nothing of a case is in it); renderers put the marking first and last."""

    marking: Marking | None
    blocks: tuple[Block, ...]

    @property
    def pictures(self) -> tuple[Picture, ...]:
        return tuple(block for block in self.blocks if isinstance(block, Picture))

    @property
    def documents(self) -> tuple[Document, ...]:
        return tuple(block for block in self.blocks if isinstance(block, Document))

    @property
    def files(self) -> tuple[Document | Enclosure, ...]:
        """Of our own making and out of the vault."""
        return tuple(block for block in self.blocks if isinstance(block, Document | Enclosure))


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
        Text, Strong, Code, Mention, Instant, Ref, Heading, Paragraph, Fields, Items, Quote, Picture, Document,
        Enclosure, Button, Actions, Message,
    )
}  # fmt: skip


def to_json(message: Message) -> str:
    return _JSON.encode(message)


def from_json(text: str) -> Message:
    """Raises KeyError, TypeError or ValueError on what to_json did not write."""
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

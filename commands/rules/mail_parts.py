"""The parts of a mail, found in the file as it lies there, a piece at a time; reads no part's meaning.

A first pass notes the lines that could be boundaries; the tree is then walked by offsets. Each part is looked at once,
however it is nested, and what lies behind the bounds is not looked at: then `cut` says so.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from commands.rules.mail_head import Head, head_end, read_head
from commands.rules.mail_words import base64_size, content, parameters

WALKED = 64_000_000
"""Bytes of a mail that are looked through."""
HEADER = 4_000_000
"""Bytes of a mail's own header that are read."""
PARTS = 200
"""Parts of a mail that are read, of however many there are."""
DEPTH = 10
"""Multiparts within each other."""
BOUNDARIES = 20_000
"""Lines that begin like a boundary, `--`; of a mail with more of them the rest is one part."""

_PART_HEADER = 16_000
_CHUNK = 256_000
_LINE = 256  # a boundary has 70 characters (RFC 2046, 5.1.1), a From_ line hardly more
_MEDIA_TYPE = re.compile(r"\s*+([a-z0-9!#$&^_.+-]{1,60}/[a-z0-9!#$&^_.+-]{1,80})(?=[\s;]|\Z)", re.IGNORECASE)


@dataclass(frozen=True)
class Part:
    """One leaf of the tree: `start` and `end` are its body's offsets in the file; `media_type` is as claimed."""

    media_type: str
    encoding: str
    kind: dict[str, str]
    place: dict[str, str]
    attached: bool
    start: int
    end: int


def lines_beginning(file: BinaryIO, start: int, end: int, mark: bytes, most: int) -> Iterator[tuple[int, bytes]]:
    """Offset and first 256 bytes of each line that begins with the mark, the first `most` of them."""
    file.seek(start)
    held, at, found = b"\n", start - 1, 0
    needle = b"\n" + mark
    while True:
        chunk = file.read(min(_CHUNK, end - at - len(held))) if at + len(held) < end else b""
        window = held + chunk
        safe = len(window) - _LINE if chunk else len(window)  # a line is handed out when all of it is there
        place = window.find(needle)
        while 0 <= place < safe:
            yield at + place + 1, window[place + 1 : place + 1 + _LINE].split(b"\n", 1)[0]
            found += 1
            if found == most:
                return
            place = window.find(needle, place + 1)
        if not chunk:
            return
        keep = max(safe, 0)
        held, at = window[keep:], at + keep


def read_at(file: BinaryIO, start: int, size: int) -> bytes:
    """So many bytes from an offset on; fewer only where the file ends."""
    file.seek(start)
    pieces = []
    while size > 0 and (piece := file.read(size)):
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)


@dataclass
class Tree:
    """The leaves of the message between two offsets of a file; `cut` once a bound was met."""

    file: BinaryIO
    start: int
    end: int
    cut: bool = False
    _lines: dict[bytes, list[int]] = field(default_factory=dict)
    _count: int = 0

    def __post_init__(self) -> None:
        if self.end - self.start > WALKED:
            self.end, self.cut = self.start + WALKED, True
        number = 0
        for offset, line in lines_beginning(self.file, self.start, self.end, b"--", BOUNDARIES):
            self._lines.setdefault(line.rstrip(), []).append(offset)
            number += 1
        self.cut = self.cut or number == BOUNDARIES

    def head(self, start: int, end: int, most: int) -> tuple[Head, int]:
        """The header between two offsets, and where its body begins."""
        raw = self.read(start, end, most)
        stop, body = head_end(raw)
        cut = stop == len(raw) and len(raw) < end - start
        return read_head(raw[:stop], cut=cut), start + body

    def read(self, start: int, end: int, most: int) -> bytes:
        """At most `most` bytes between two offsets."""
        return read_at(self.file, start, min(end - start, most))

    def leaves(self, head: Head, start: int, end: int) -> Iterator[Part]:
        """The leaves below a header, in order; `start` is where the body begins."""
        yield from self._leaves(head, start, end, "text/plain", 0)

    def _leaves(self, head: Head, start: int, end: int, usual: str, depth: int) -> Iterator[Part]:
        self.cut = self.cut or head.cut
        part = _part(head, start, end, usual)
        boundary = part.kind.get("boundary", "")
        between = self._between(boundary, start, end) if boundary and part.media_type.startswith("multipart/") else []
        if not between:
            yield part
            return
        if depth == DEPTH:
            self.cut = True
            return
        within = "message/rfc822" if part.media_type == "multipart/digest" else "text/plain"
        for first, last in between:
            self._count += 1
            if self._count > PARTS:
                self.cut = True
                return
            inner, body = self.head(first, last, _PART_HEADER)
            yield from self._leaves(inner, body, last, within, depth + 1)

    def _between(self, boundary: str, start: int, end: int) -> list[tuple[int, int]]:
        """Where the parts begin and end: from a boundary's line to the break before the next, the last to the end."""
        mark = b"--" + boundary.encode("utf-8", "replace").rstrip()
        closing = self._within(mark + b"--", start, end)
        stop = closing[0] if closing else end
        opening = self._within(mark, start, stop)
        between = []
        for offset, following in zip(opening, [*opening[1:], stop], strict=False):
            first = min(offset + len(self.read(offset, following, _LINE).split(b"\n", 1)[0]) + 1, following)
            ending = self.read(max(following - 2, first), following, 2) if following < end else b""
            between.append((first, following - (2 if ending == b"\r\n" else 1 if ending.endswith(b"\n") else 0)))
        return between

    def _within(self, line: bytes, start: int, end: int) -> list[int]:
        offsets = self._lines.get(line, [])
        return offsets[bisect_left(offsets, start) : bisect_left(offsets, end)][: PARTS + 1]

    def size(self, part: Part) -> int:
        """Bytes of what the part holds, decoded."""
        length = part.end - part.start
        if part.encoding not in {"base64", "quoted-printable"}:
            return length
        letters, at = 0, part.start
        while at < part.end and (chunk := self.read(at, part.end, _CHUNK)):
            at += len(chunk)
            if part.encoding == "base64":
                letters += base64_size(chunk)
            else:
                letters += len(chunk) - 2 * chunk.count(b"=") - chunk.count(b"=\r\n")
        return letters * 3 // 4 if part.encoding == "base64" else max(letters, 0)

    def content(self, part: Part, most: int) -> bytes:
        """At most `most` bytes of what lies there, decoded."""
        return content(self.read(part.start, part.end, most), part.encoding)


def _part(head: Head, start: int, end: int, usual: str) -> Part:
    kind, place = head.first("content-type"), head.first("content-disposition")
    claimed = _MEDIA_TYPE.match(kind)
    return Part(
        claimed[1].lower() if claimed else usual,
        head.first("content-transfer-encoding")[:40].strip().lower(),
        parameters(kind),
        parameters(place),
        place.lstrip().lower().startswith("attachment"),
        start,
        max(end, start),
    )

"""A command line cut into words, flags and free text as typed; it knows no command and no word's meaning."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]"
    "|[\ud800-\udfff]"
)
_SHOWN = re.compile(r"⟨U\+[0-9A-F]{4}⟩")
_WORD = re.compile(r"\S+")
_DASHES = ("--", "\N{EM DASH}", "\N{EN DASH}")
_CLOSING = {
    '"': '"',
    "\N{LEFT DOUBLE QUOTATION MARK}": '\N{RIGHT DOUBLE QUOTATION MARK}\N{LEFT DOUBLE QUOTATION MARK}"',
    "\N{RIGHT DOUBLE QUOTATION MARK}": '\N{RIGHT DOUBLE QUOTATION MARK}"',
    "'": "'\N{RIGHT SINGLE QUOTATION MARK}",
    "\N{LEFT SINGLE QUOTATION MARK}": "\N{RIGHT SINGLE QUOTATION MARK}'",
    "\N{RIGHT SINGLE QUOTATION MARK}": "\N{RIGHT SINGLE QUOTATION MARK}'",
}
"""What may end a quotation, by what began it; phones mix straight and curly ones."""


def clean(text: str) -> str:
    """What a reader could not see is shown (⟨U+202E⟩), so that nothing is lost and nothing hidden."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _HIDDEN.sub(lambda found: f"⟨U+{ord(found.group()):04X}⟩", text)


def plain(word: str) -> str:
    """A word of the command itself, without what cannot be seen, as compared: NFKC, lower case."""
    return unicodedata.normalize("NFKC", _SHOWN.sub("", word)).lower()


def is_blank(text: str) -> bool:
    return not _SHOWN.sub("", text).strip()


@dataclass(frozen=True)
class Word:
    text: str
    start: int
    end: int


def words(text: str, start: int = 0) -> Iterator[Word]:
    for found in _WORD.finditer(text, start):
        yield Word(found.group(), found.start(), found.end())


def next_word(text: str, start: int) -> Word | None:
    return next(words(text, start), None)


def flag_in(word: str, known: set[str]) -> str | None:
    """`--name` if the word is written like a flag; dashes that a phone made of `--` count before a known name only."""
    bare = plain(word).partition("=")[0]
    for dash in _DASHES:
        if bare.startswith(dash):
            name = "--" + bare[len(dash) :]
            if name in known or (dash == "--" and re.match(r"--[^\W\d_]", name)):
                return name
    return None


class UnclosedError(ValueError):
    """A quotation that does not end."""


def value_at(text: str, start: int) -> Word | None:
    """One word, or what stands in quotes (straight or curly); `start` may stand on white space."""
    first = next_word(text, start)
    if first is None or first.text[0] not in _CLOSING:
        return first
    closing = _CLOSING[first.text[0]]
    begin = first.start + 1
    for position in range(begin, len(text)):
        if text[position] in closing and (position + 1 == len(text) or text[position + 1].isspace()):
            return Word(text[begin:position], first.start, position + 1)
    raise UnclosedError(first.text)


def quoted(value: str) -> str:
    """The value as it reads back; it was read once, so one kind of quotes fits."""
    if value and not re.search(r"\s", value) and value[0] not in _CLOSING and not value.startswith(_DASHES):
        return value
    for opening, closing in (('"', '"'), ("'", "'\N{RIGHT SINGLE QUOTATION MARK}")):
        if not re.search(rf"[{closing}](\s|$)", value):
            return f"{opening}{value}{closing[0]}"
    raise ValueError("a value that no quotes can hold")

"""A command line cut into words, flags, quotations and text as typed; it knows no command and no word's meaning."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from difflib import get_close_matches
from typing import NamedTuple

_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
    # half a character: no database takes it
    "|[\ud800-\udfff]"
)
_SHOWN = re.compile(r"⟨U\+[0-9A-F]{4}⟩")
_WORD = re.compile(r"\S+")
_FLAG = re.compile("([-\N{EN DASH}\N{EM DASH}\N{HORIZONTAL BAR}]+)([^\\W\\d_][\\w-]*)(.*)", re.DOTALL)
_DASHES = ("--", "\N{EM DASH}", "\N{EN DASH}")
_EQUALS = re.compile("[=\N{FULLWIDTH EQUALS SIGN}]")
_DOUBLE = ('"', "\N{RIGHT DOUBLE QUOTATION MARK}")
_SINGLE = ("'", "\N{RIGHT SINGLE QUOTATION MARK}")
_CLOSING = {
    '"': _DOUBLE,
    "\N{LEFT DOUBLE QUOTATION MARK}": _DOUBLE[::-1],
    "\N{RIGHT DOUBLE QUOTATION MARK}": _DOUBLE[::-1],
    "\N{DOUBLE LOW-9 QUOTATION MARK}": ("\N{LEFT DOUBLE QUOTATION MARK}", "\N{RIGHT DOUBLE QUOTATION MARK}"),
    "'": _SINGLE,
    "\N{LEFT SINGLE QUOTATION MARK}": _SINGLE[::-1],
    "\N{RIGHT SINGLE QUOTATION MARK}": _SINGLE[::-1],
}
"""What may end a quotation, by what began it: its own mark first, then the one that phones mix with it."""


class MisreadError(ValueError):
    """A line that cannot be read: `word` is the one that offends, `usage` what to type where no command is known."""

    def __init__(self, problem: str, word: str = "", usage: str = "") -> None:
        super().__init__(problem)
        self.word, self.usage = word, usage


def clean(text: str) -> str:
    """What a reader could not see is shown (⟨U+202E⟩), so that nothing is lost and nothing hidden."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _HIDDEN.sub(lambda found: f"⟨U+{ord(found.group()):04X}⟩", text)


def bare(text: str) -> str:
    """Words of the command itself, without what cannot be seen; full-width letters become plain ones (NFKC)."""
    if text.isascii():  # most are, and every word of a line comes by here several times
        return text.strip()
    return unicodedata.normalize("NFKC", _SHOWN.sub("", text)).strip()


def plain(text: str) -> str:
    """Words of the command itself, as they are compared: case does not count."""
    return bare(text).lower()


def is_blank(text: str) -> bool:
    return not _SHOWN.sub("", text).strip()


def short(text: str, most: int = 60) -> str:
    """What someone typed, as a complaint quotes it."""
    text = " ".join(text.split())
    return text if len(text) <= most else text[: most - 1] + "…"


def near(word: str, options: Iterable[str]) -> str:
    """` Did you mean send?`, or nothing."""
    found = get_close_matches(word, list(options), n=1)
    return f" Did you mean {found[0]}?" if found else ""


class Word(NamedTuple):
    text: str
    start: int
    end: int
    quoted: bool = False


def words(text: str, start: int = 0) -> Iterator[Word]:
    for found in _WORD.finditer(text, start):
        yield Word(found.group(), *found.span())


def next_word(text: str, start: int = 0) -> Word | None:
    return next(words(text, start), None)


def ends_flags(word: Word) -> bool:
    """A lone `--`; the dash that a phone makes of it is a dash, and common in texts."""
    return not word.text[0].isalnum() and plain(word.text) == "--"


def flag_in(word: Word, known: Collection[str]) -> str | None:
    """`--name` if the word is a known flag, what was typed if it can only be a misspelled one, else None.

    Dashes that a phone made of `--` count before a known name only.
    """
    # most words are neither; this runs for every word of every text
    found = None if word.text.isascii() and word.text[0] != "-" else _FLAG.fullmatch(plain(word.text))
    if found is None:
        return None
    dashes, name, tail = found.groups()
    flag = "--" + name.replace("_", "-")
    if flag in known and dashes in _DASHES and tail[:1] in {"", "="}:
        return flag
    meant = dashes.startswith("--") or (flag in known and dashes != "-")
    return dashes + name + tail if meant else None


def value_in(word: Word) -> int | None:
    """Where the value of `--name=value` begins, in the line."""
    found = _EQUALS.search(word.text)
    return word.start + found.end() if found else None


def value_at(text: str, start: int) -> Word | None:
    """The next word, or what stands in quotes (straight or curly, doubled for the mark itself); raises MisreadError."""
    first = next_word(text, start)
    if first is None or first.text[0] not in _CLOSING:
        return first
    opening, begin = first.text[0], first.start + 1
    for closing in _CLOSING[opening]:
        end = _closes_at(text, begin, closing)
        if end is not None and (opening == closing or opening not in text[begin:end]):
            return Word(text[begin:end].replace(closing * 2, closing), first.start, end + 1, quoted=True)
    raise MisreadError(
        f"The quotation that begins with {short(first.text)} does not end, or another begins in it.", first.text
    )


def _closes_at(text: str, start: int, closing: str) -> int | None:
    """Where the quotation ends: at a mark before white space; None if another mark opens a quotation before that.

    Of a mark forgotten between two quotations the flags that stand there would become words.
    """
    at = text.find(closing, start)
    while at >= 0:
        after = text[at + 1 : at + 2]
        if after != closing:
            if not after or after.isspace():
                return at
            if text[at - 1].isspace():
                return None
        at = text.find(closing, at + (2 if after == closing else 1))
    return None


def quoted(value: str) -> str:
    """The value as it reads back, in quotes where it needs them."""
    return value if re.fullmatch(r"[\w@#/+.]\S*", value) else '"' + value.replace('"', '""') + '"'

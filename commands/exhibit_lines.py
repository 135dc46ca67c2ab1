"""An exhibit in a line: its reference, its name, and what became of it; nothing here decides who may read it."""

from __future__ import annotations

from commands.call import key
from commands.lines import short
from commands.message import Ref, Spans, Text, spans, typed
from storage.tables import Exhibit
from storage.words import Trouble, exhibit_ref

TROUBLES = {
    Trouble.UNREACHABLE: "its platform did not give it for a whole day",
    Trouble.CUT_OFF: "it came cut off or damaged, again and again",
    Trouble.NO_FILE: "a page came in its place, again and again",
    Trouble.TOO_LARGE: "it is larger than what is kept here",
    Trouble.GONE: "its platform has it no more, or does not let me read it",
    Trouble.ELSEWHERE: "it lies outside of the platform, which only points at it",
}

_MEGA = 1_000_000


def size_words(size: int) -> str:
    """`1 byte`, `1,234 bytes`, `12.3 MB (12,345,678 bytes)`."""
    exact = f"{size:,} byte{'' if size == 1 else 's'}"
    return f"{size / _MEGA:.1f} MB ({exact})" if size >= _MEGA else exact


def name_spans(exhibit: Exhibit) -> Spans:
    """`X-1 lease.txt`; the name is whatever somebody called it."""
    name = typed(short(exhibit.name)) if exhibit.name.strip() else spans("without a name")
    return (Ref(exhibit_ref(key(exhibit.id))), Text(" "), *name)


def line(exhibit: Exhibit) -> Spans:
    """One line of a list: `X-1 lease.txt, text/plain, 1,234 bytes`."""
    return (*name_spans(exhibit), Text(f", {state_words(exhibit)}"))


def state_words(exhibit: Exhibit) -> str:
    if exhibit.destroyed_at is not None:
        return "destroyed"
    if exhibit.trouble is not None:
        return f"not kept: {TROUBLES[exhibit.trouble]}"
    if exhibit.size is None:
        return "is being fetched"
    return f"{exhibit.media_type}, {size_words(exhibit.size)}"


def red_line(exhibit: Exhibit) -> Spans:
    """Where no word of it may stand."""
    return spans(Ref(exhibit_ref(key(exhibit.id))), " [RED]")

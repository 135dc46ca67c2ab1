"""A Message that is too long for its platform, as several that are not; it loses no words and knows no platform.

Each part is a message with the same marking, so that every renderer puts the marking at both of its ends.
"""

from __future__ import annotations

import re
import unicodedata
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TypeVar, assert_never

from commands.message import (
    Actions,
    Block,
    Code,
    Document,
    Enclosure,
    Fields,
    Heading,
    Instant,
    Items,
    Mention,
    Message,
    Paragraph,
    Picture,
    Quote,
    Ref,
    Spans,
    Strong,
    Text,
    spans,
)
from commands.plain import inert

Cut = tuple[Block, Block]
Unit = TypeVar("Unit")

_WHOLE = "\N{OBJECT REPLACEMENT CHARACTER}"
"""Stands for a span that is never cut: a name, a moment, a reference."""

_JOINER = "\N{ZERO WIDTH JOINER}"
_SHOWN = re.compile("⟨U\\+[0-9A-F]{4}⟩")
_SHOWN_LONG = 8


def parts(message: Message, fits: Callable[[Message], bool]) -> Iterator[Message]:
    """The message if it fits, else parts of it that do; the buttons then come last.

    What would fit a part is not cut. A longer block is cut between its items, rows or buttons; words are cut at a line
    break, else behind a space, else between two characters. Only what is never cut, a name or a row's label, can be
    too long for any part.
    """
    if fits(message):
        yield message
        return
    empty = part = replace(message, blocks=())
    waiting = deque(sorted(message.blocks, key=lambda block: isinstance(block, Actions)))
    while waiting:
        block = waiting.popleft()
        if fits(longer := _with(part, block)):
            part = longer
            continue
        cut = None if part.blocks and fits(_with(empty, block)) else _cut(block, _room(part, fits))
        if cut is not None and fits(longer := _with(part, cut[0])):
            yield longer
            part = empty
            waiting.appendleft(cut[1])
        elif part.blocks:
            yield part
            part = empty
            waiting.appendleft(block)
        elif cut is not None:
            waiting.extendleft(reversed(cut))  # one item that is too long: cut once more, by its words
        else:
            part = longer
    if part.blocks:
        yield part


def _with(part: Message, block: Block) -> Message:
    return replace(part, blocks=(*part.blocks, block))


def _room(part: Message, fits: Callable[[Message], bool]) -> Callable[[Block], bool]:
    return lambda block: fits(_with(part, block))


def _cut(block: Block, fits: Callable[[Block], bool]) -> Cut | None:
    """As much of the block as fits, at least a unit of it, and the rest; None if it is one that is never cut."""
    match block:
        case Heading(words) | Paragraph(words) | Quote(words):
            return _cut_words(words, type(block), fits)
        case Items((item,)):
            return _cut_words(item, lambda words: Items((words,)), fits)
        case Items(items):
            return _cut_between(items, Items, fits)
        case Fields(((label, value),)):
            return _cut_words(value, lambda words: Fields(((label, words),)), fits)
        case Fields(rows):
            return _cut_between(rows, Fields, fits)
        case Picture():
            return block.in_words()
        case Document() | Enclosure():
            return None
        case Actions((button,)):
            return _cut_words(spans(f"{button.label}: ", Code(button.line)), Paragraph, fits)
        case Actions(buttons):
            return _cut_between(buttons, Actions, fits)
        case _:
            assert_never(block)


def _cut_between(
    units: tuple[Unit, ...], block: Callable[[tuple[Unit, ...]], Block], fits: Callable[[Block], bool]
) -> Cut | None:
    if not units:
        return None
    most = _most(len(units) - 1, lambda count: fits(block(units[:count])))
    return block(units[:most]), block(units[most:])


def _cut_words(words: Spans, block: Callable[[Spans], Block], fits: Callable[[Block], bool]) -> Cut | None:
    letters = _letters(words)
    if len(letters) <= 1:
        return None
    most = _most(len(letters) - 1, lambda count: fits(block(_between(words, 0, count))))
    end = _boundary(letters, most)
    # the line break itself is where the part ends
    begin = end + (letters[end] == "\n" and end + 1 < len(letters))
    return block(_between(words, 0, end)), block(_between(words, begin, len(letters)))


def _most(count: int, fits: Callable[[int], bool]) -> int:
    """The largest number up to `count` that fits, at least 1."""
    low, high = 1, count
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(middle) else (low, middle - 1)
    return low


def _letters(words: Spans) -> str:
    return "".join(inert(span.text) if isinstance(span, Text | Strong | Code) else _WHOLE for span in words)


def _between(words: Spans, begin: int, end: int) -> Spans:
    """The spans from one of their letters to another."""
    found: list[Text | Strong | Code | Mention | Instant | Ref] = []
    at = 0
    for span in words:
        match span:
            case Text() | Strong() | Code():
                text = inert(span.text)
                if kept := text[max(begin - at, 0) : max(end - at, 0)]:
                    found.append(replace(span, text=kept))
                at += len(text)
            case Mention() | Instant() | Ref():
                if begin <= at < end:
                    found.append(span)
                at += 1
            case _:
                assert_never(span)
    return tuple(found)


def _boundary(letters: str, most: int) -> int:
    """Where to cut, after at most so many letters."""
    line = letters.rfind("\n", 1, min(most + 1, len(letters) - 1))
    if line > 0:
        return line
    whole = [end for end in range(most, 0, -1) if not _is_within(letters, end)]
    behind_space = (end for end in whole if letters[end - 1].isspace())
    return next(behind_space, whole[0] if whole else most)


def _is_within(letters: str, end: int) -> bool:
    """A cut here would go through what is read as one: an accented letter, an emoji, a flag, a syllable, ⟨U+202E⟩."""
    before, after = letters[end - 1], letters[end]
    shown = letters.rfind("⟨", max(end - _SHOWN_LONG + 1, 0), end)
    if shown >= 0 and (found := _SHOWN.match(letters, shown)) and found.end() > end:
        return True
    return (
        unicodedata.category(after).startswith("M")
        or _JOINER in (before, after)
        or "\N{EMOJI MODIFIER FITZPATRICK TYPE-1-2}" <= after <= "\N{EMOJI MODIFIER FITZPATRICK TYPE-6}"
        or "\N{HANGUL JUNGSEONG FILLER}" <= after <= "\N{HANGUL JONGSEONG SSANGNIEUN}"
        or (_is_flag_half(before) and _is_flag_half(after))
    )


def _is_flag_half(letter: str) -> bool:
    return "\N{REGIONAL INDICATOR SYMBOL LETTER A}" <= letter <= "\N{REGIONAL INDICATOR SYMBOL LETTER Z}"

"""A Message as Slack postings, blocks and plain words; it sends nothing, and nothing typed formats, links or calls.

The sender gives `parse` as none, and `link_names`, `mrkdwn`, `unfurl_links` and `unfurl_media` as false.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from html import escape
from itertools import chain, count
from types import MappingProxyType
from typing import Any, assert_never
from urllib.parse import unquote

from bot import text
from bot.parts import parts
from bot.slack.images import image, with_words
from commands.message import (
    Actions,
    Block,
    Button,
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
    Span,
    Spans,
    Strong,
    Text,
    say,
)
from commands.plain import inert
from storage.words import Marking

Json = dict[str, Any]

LIMIT = 11_000
"""Bytes of a posting's blocks, as JSON has them.

Slack documents no limit and answers msg_blocks_too_long: 13,297 characters of text were too many, and so were 11,341
with 17,694 of JSON around them, while 9,597 with 15,561 passed (https://github.com/slackapi/bolt-js/issues/2509, 2867).
"""
WORDS_LIMIT = 3_500
"""Bytes of a posting's plain words, which notifications show: above 4,000 chat.update answers msg_too_long."""
VIEW_LIMIT = 100_000
"""Bytes of a view's blocks, as JSON has them.

views.publish answers view_too_large above 250 kB; far smaller views than that were not shown, and nobody was told why
(https://github.com/slackapi/deno-slack-sdk/issues/324).
"""
BLOCKS_MOST = 50
VIEW_BLOCKS_MOST = 100
HEADER_MOST = 150
ROW_MOST = 5
"""Buttons in a row: an actions block takes 25, but a phone shows more than a few of them badly."""
LABEL_MOST = 75
VALUE_MOST = 2_000
"""These five from https://docs.slack.dev/reference/block-kit."""

PRESS = "press:"
"""What the action_id of each button begins with."""

_PERSON = re.compile(r"slack:[A-Z0-9]+/([UW][A-Z0-9]+)", re.ASCII)
_UNSURE = re.compile(r"[&<>]|:[^\s:]+:")
"""Whether a header decodes entities and draws :emoji: is nowhere documented."""
_VALUE = re.compile(r"([0-9]{0,9}) (/.+)", re.ASCII | re.DOTALL)
_GUARDED = {ord(char): f"%{ord(char):02X}" for char in "%&<>"}
"""Slack gives back some texts of a payload escaped; a value then comes back as another command."""


@dataclass(frozen=True)
class Posting:
    """One message's `text` and `blocks`."""

    text: str
    blocks: list[Json]


def render(
    message: Message, *, rehearsal: bool = False, shown: Mapping[Picture, str] = MappingProxyType({})
) -> list[Posting]:
    """One posting, or several where one would break a limit, the buttons in the last; each has the marking.

    `shown` are pictures with the numbers of their files; any other comes out in words. A message without words and
    marking has no posting. What is never cut, a name or a row's label, is taken to be short.
    """
    drawn: list[tuple[Message, list[Json]]] = []  # the last: what fits is not drawn again

    def draw(part: Message) -> list[Json]:
        if not drawn or drawn[0][0] is not part:
            drawn[:] = [(part, _blocks(part, rehearsal=rehearsal, shown=shown))]
        return drawn[0][1]

    whole = parts(_with_pressable(with_words(message, shown)), lambda part: _fits(draw(part), BLOCKS_MOST, LIMIT))
    found = ((part, draw(part)) for part in whole)
    return [Posting(_plain(part, rehearsal=rehearsal), blocks) for part, blocks in found if blocks]


def caption(
    document: Document | Enclosure, marking: Marking | None, key: str, *, rehearsal: bool = False
) -> list[Json]:
    """What is written with the file itself, known again by its block_id."""
    first, *more = _blocks(Message(marking, (say(document.described()),)), rehearsal=rehearsal)
    return [first | {"block_id": key}, *more]


def render_view(message: Message, rest: Block, *, rehearsal: bool = False) -> list[Json]:
    """The blocks of one view; what it does not take is left away from the end, and `rest` stands there instead."""
    taken = _with_pressable(message)
    blocks = _blocks(taken, rehearsal=rehearsal)
    left = list(taken.blocks)
    while left and not _fits(blocks, VIEW_BLOCKS_MOST, VIEW_LIMIT):
        left.pop()
        while left and isinstance(left[-1], Heading):
            left.pop()
        blocks = _blocks(replace(taken, blocks=(*left, rest)), rehearsal=rehearsal)
    return blocks


def _fits(blocks: list[Json], most: int, limit: int) -> bool:
    return len(blocks) <= most and len(json.dumps(blocks, ensure_ascii=False).encode()) <= limit


def unpressed(value: str) -> tuple[str, int | None]:
    """The line and the event number of a button's value; raises ValueError for a value that is none of ours."""
    found = _VALUE.fullmatch(value)
    if found is None:
        raise ValueError("not the value of a button")
    return unquote(found[2]), int(found[1]) if found[1] else None


def _value(button: Button) -> str:
    return f"{'' if button.event is None else button.event} {button.line.translate(_GUARDED)}"


def _with_pressable(message: Message) -> Message:
    return replace(message, blocks=tuple(chain.from_iterable(map(_pressable, message.blocks))))


def _pressable(block: Block) -> Iterator[Block]:
    """A button that Slack would not take becomes its label and what to type."""
    if not isinstance(block, Actions):
        yield block
        return
    taken = tuple(button for button in block.buttons if _takes(button))
    others = tuple(button for button in block.buttons if button not in taken)
    if taken:
        yield Actions(taken)
    if others:
        yield Fields(tuple((button.label, (Code(button.line),)) for button in others))


def _takes(button: Button) -> bool:
    value = _value(button)
    if not _VALUE.fullmatch(value) or not _label(button).strip():
        return False
    return _length(_escaped(_label(button))) <= LABEL_MOST and _length(value) <= VALUE_MOST


def _length(words: str) -> int:
    """In UTF-16 units: no count of characters is larger."""
    return len(words.encode("utf-16-le")) // 2


def _plain(message: Message, *, rehearsal: bool) -> str:
    """What notifications show, escaped; the blocks have all of it, and call who is to be called."""
    words = text.render(message, rehearsal=rehearsal)
    badge = text.badge_text(message, rehearsal=rehearsal)
    if _size(words) <= WORDS_LIMIT:
        return _escaped(words)
    end = f"…\n{badge}".rstrip()
    most = bisect_right(range(len(words)), WORDS_LIMIT - _size(end), key=lambda most: _size(words[:most])) - 1
    return _escaped(words[:most] + end)


def _size(words: str) -> int:
    return len(_escaped(words).encode())


def _escaped(words: str) -> str:
    return escape(words, quote=False)


def _blocks(message: Message, *, rehearsal: bool, shown: Mapping[Picture, str] = MappingProxyType({})) -> list[Json]:
    badge = text.badge_text(message, rehearsal=rehearsal)
    match message.blocks:
        case (Paragraph(spans),) if badge and text.is_line(message):
            return _rich("rich_text_section", (Strong(badge), Text(" "), *spans, Text(" "), Strong(badge)))
        case blocks:
            numbers = count()
            ends = _rich("rich_text_section", (Strong(badge),))
            return [*ends, *chain.from_iterable(_block(block, numbers, shown) for block in blocks), *ends]


# What is typed stands in rich_text throughout: its text elements are literal, on every client and without escapes.
# In mrkdwn nothing keeps * _ ~ ` > from formatting, short of invisible characters that whoever copies it copies too.
def _block(block: Block, numbers: Iterator[int], shown: Mapping[Picture, str]) -> list[Json]:
    match block:
        case Heading(spans):
            return _heading(spans)
        case Paragraph(spans):
            return _rich("rich_text_section", spans)
        case Fields(rows):
            return _rich("rich_text_section", tuple(_lines(rows)))
        case Items(items):
            sections = [section for item in items for section in _run("rich_text_section", item)]
            return _wrapped([{"type": "rich_text_list", "style": "bullet", "elements": sections}] if sections else [])
        case Quote(spans):
            return _rich("rich_text_quote", spans)
        case Picture() if block in shown:
            return [image(block, shown[block])]
        case Picture():
            return list(chain.from_iterable(_block(words, numbers, shown) for words in block.in_words()))
        case Document() | Enclosure():
            return _rich("rich_text_section", (Text(block.described()),))
        case Actions(buttons):
            rows_of_buttons = (buttons[at : at + ROW_MOST] for at in range(0, len(buttons), ROW_MOST))
            return [{"type": "actions", "elements": list(map(_button, row, numbers))} for row in rows_of_buttons]
        case _:
            assert_never(block)


def _heading(spans: Spans) -> list[Json]:
    """A header takes plain words alone, and few of them; any other heading is bold."""
    words = "".join(map(text.span_text, spans)).replace("\n", " ")
    is_plain = not any(isinstance(span, Code | Mention) for span in spans) and not _UNSURE.search(words)
    if is_plain and 0 < _length(words.strip()) <= _length(words) <= HEADER_MOST:
        return [{"type": "header", "text": _plain_text(words)}]
    return _rich("rich_text_section", spans, bold=True)


def _plain_text(words: str) -> Json:
    return {"type": "plain_text", "text": _escaped(words), "emoji": False}


def _lines(rows: tuple[tuple[str, Spans], ...]) -> Iterator[Span]:
    """A pair a line: a section's two columns of fields take no rich_text."""
    for at, (label, value) in enumerate(rows):
        yield from (Text("\n" if at else ""), Strong(f"{label}:"), Text(" "), *value)


def _button(button: Button, number: int) -> Json:
    return {
        "type": "button",
        "action_id": f"{PRESS}{number}",
        "text": _plain_text(_label(button)),
        "value": _value(button),
    }


def _label(button: Button) -> str:
    return inert(button.label).replace("\n", " ")


def _rich(kind: str, spans: Spans, *, bold: bool = False) -> list[Json]:
    return _wrapped(_run(kind, spans, bold=bold))


def _wrapped(runs: list[Json]) -> list[Json]:
    return [{"type": "rich_text", "elements": runs}] if runs else []


def _run(kind: str, spans: Spans, *, bold: bool = False) -> list[Json]:
    """Slack refuses a run with nothing in it."""
    elements = _joined(chain.from_iterable(_element(span, bold=bold) for span in spans))
    return [{"type": kind, "elements": elements}] if elements else []


def _joined(elements: Iterable[Json]) -> list[Json]:
    """Unstyled texts that stand together become one: each element costs as much as forty letters."""
    found: list[Json] = []
    for element in elements:
        if found and found[-1].keys() == element.keys() == {"type", "text"}:
            found[-1]["text"] += element["text"]
        else:
            found.append(element)
    return found


def _element(span: Span, *, bold: bool) -> list[Json]:
    match span:
        case Strong(words):
            return _text(inert(words), bold=True)
        case Code(words):
            return _text(inert(words), bold=bold, code=True)
        case Mention(address) if person := _PERSON.fullmatch(address):
            return [{"type": "user", "user_id": person[1]}]
        case Text() | Mention() | Instant() | Ref():
            return _text(text.span_text(span), bold=bold)
        case _:
            assert_never(span)


def _text(words: str, *, bold: bool = False, code: bool = False) -> list[Json]:
    style = {name: True for name, on in (("bold", bold), ("code", code)) if on}
    return [{"type": "text", "text": words, **({"style": style} if style else {})}] if words else []

"""A long message in parts: nothing is lost, and nothing is cut that is read as one."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.parts import parts
from bot.text import render, span_text
from commands.message import (
    Actions,
    Block,
    Button,
    Code,
    Document,
    Enclosure,
    Fields,
    Heading,
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
    say,
    spans,
)
from commands.plain import inert
from storage.words import Address, Marking
from tests.messages import MESSAGES


def up_to(most: int) -> Callable[[Message], bool]:
    """For examples, in characters of plain text."""
    return lambda message: len(render(message)) <= most


def cut(block: Block, most: int) -> list[Block]:
    return [only for part in parts(Message(None, (block,)), up_to(most)) for only in part.blocks]


def test_what_fits_is_one_part_as_it_is() -> None:
    message = Message(Marking.RED, (Actions((Button("Close", "/request close R-1"),)), say("words")))
    assert list(parts(message, up_to(1_000))) == [message]


def test_a_block_that_would_fit_is_not_cut_and_the_buttons_come_last() -> None:
    buttons = Actions((Button("Close", "/request close R-1"),))
    first, second = say("twenty letters, say it"), Quote(spans("twenty others, say it"))
    message = Message(Marking.AMBER, (first, buttons, second))
    assert list(parts(message, up_to(55))) == [
        Message(Marking.AMBER, (first,)),
        Message(Marking.AMBER, (second, buttons)),
    ]


def test_a_long_block_begins_where_the_one_before_it_ends() -> None:
    message = Message(None, (Heading(spans("R-1")), Quote(spans("one two three four five"))))
    assert [render(part) for part in parts(message, up_to(14))] == ["R-1\n> one two", "> three four", "> five"]


def test_items_rows_and_buttons_are_kept_whole() -> None:
    one, two, three = spans("first one"), spans("second one"), spans("third one")
    assert cut(Items((one, two, three)), 25) == [Items((one, two)), Items((three,))]
    rows = (("A", one), ("B", two), ("C", three))
    assert cut(Fields(rows), 30) == [Fields(rows[:2]), Fields(rows[2:])]
    close, reopen = Button("Close", "/request close R-1"), Button("Reopen", "/request reopen R-1")
    assert cut(Actions((close, reopen)), 10) == [Actions((close,)), Actions((reopen,))]


def test_an_item_a_row_and_a_button_that_are_too_long_are_cut_as_words() -> None:
    assert cut(Items((spans("a"), spans("one two three"), spans("b"))), 8) == [
        Items((spans("a"),)),
        Items((spans("one "),)),
        Items((spans("two "),)),
        Items((spans("three"),)),
        Items((spans("b"),)),
    ]
    assert cut(Fields((("Where", spans("Sydney Canberra")),)), 15) == [
        Fields((("Where", spans("Sydney ")),)),
        Fields((("Where", spans("Canberra")),)),
    ]
    assert cut(Actions((Button("Close it now", "/request close R-1"),)), 13) == [
        say("Close it "),
        say("now: "),
        say(Code("/request ")),
        say(Code("close R-1")),
    ]


@pytest.mark.parametrize(
    ("words", "most", "shown"),
    [
        ("one two\nthree four", 16, ["one two", "three four"]),
        ("one two\n\nthree", 12, ["one two\n", "three"]),
        ("one two three", 9, ["one two ", "three"]),
        ("onetwothree", 6, ["onetwo", "three"]),
        ("ab\r\ncd", 4, ["ab", "cd"]),
        ("\nab\ncd", 5, ["\nab", "cd"]),
        ("abe\u0301d", 3, ["ab", "e\u0301d"]),
        ("ab \u0301cd", 3, ["ab", " \u0301c", "d"]),
        ("ab👩\u200d👩\u200d👧", 5, ["ab", "👩\u200d👩\u200d👧"]),
        ("ab👍🏽c", 3, ["ab", "👍🏽c"]),
        ("ab🇦🇺c", 3, ["ab", "🇦🇺c"]),
        ("가\u1100\u1161", 2, ["가", "\u1100\u1161"]),
        ("ab⟨U+202E⟩c", 9, ["ab", "⟨U+202E⟩c"]),
        # a letter that is too long for any part has to be cut all the same
        ("e\u0301\u0301\u0301\u0301", 3, ["e\u0301\u0301", "\u0301\u0301"]),
    ],
)
def test_words_are_cut_at_a_line_else_behind_a_space_else_between_letters(
    words: str, most: int, shown: list[str]
) -> None:
    assert [render(Message(None, (block,))) for block in cut(say(words), most)] == shown


def test_a_cut_span_keeps_its_kind_and_a_name_is_never_cut() -> None:
    bo = Mention(Address("local:bo"), "bo of the desk")
    block = Paragraph((Strong("one two"), Text(" "), bo, Code("three"), Ref("R-1")))
    assert cut(block, 9) == [
        say(Strong("one two"), " "),
        say(bo),
        say(Code("three")),
        say(Ref("R-1")),
    ]


def letters(blocks: tuple[Block, ...]) -> str:
    """All that is said, without the labels that each part of a row repeats, and without line breaks."""
    buttons_last = sorted(blocks, key=lambda block: isinstance(block, Actions))
    return "".join(map(_block_letters, buttons_last)).replace("\n", "")


def _block_letters(block: Block) -> str:
    match block:
        case Heading(words) | Paragraph(words) | Quote(words):
            return _letters(words)
        case Fields(rows):
            return "".join(_letters(value) for _, value in rows)
        case Items(items):
            return "".join(map(_letters, items))
        case Picture():
            return "".join(_block_letters(words) for words in block.in_words())
        case Document() | Enclosure():
            return block.described()
        case Actions(buttons):
            return "".join(inert(f"{button.label}: {button.line}") for button in buttons)


def _letters(words: Spans) -> str:
    return "".join(inert(span.text) if isinstance(span, Code) else span_text(span) for span in words)


def labels(blocks: tuple[Block, ...]) -> list[str]:
    rows = [label for block in blocks if isinstance(block, Fields) for label, _ in block.rows]
    return list(dict.fromkeys(rows))


@given(MESSAGES, st.integers(230, 600))
def test_parts_lose_nothing_and_all_fit(message: Message, most: int) -> None:
    found = list(parts(message, up_to(most)))
    assert all(len(render(part)) <= most for part in found)
    assert {part.marking for part in found} == {message.marking}
    together = tuple(block for part in found for block in part.blocks)
    assert letters(together) == letters(message.blocks)
    assert labels(together) == labels(message.blocks)
    assert all(part.blocks for part in found) or found == [message]


@given(MESSAGES)
def test_parts_that_cannot_fit_still_say_all(message: Message) -> None:
    found = tuple(block for part in parts(message, up_to(1)) for block in part.blocks)
    assert letters(found) == letters(message.blocks)

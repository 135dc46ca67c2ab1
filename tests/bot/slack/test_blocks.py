"""Messages as Slack shows them: the marking at both ends of each, every limit kept, and what anybody types is words."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import text
from bot.slack.blocks import LIMIT, VIEW_LIMIT, WORDS_LIMIT, Posting, caption, render, render_view, unpressed
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
    Spans,
    Strong,
    Text,
    say,
    spans,
    typed,
)
from commands.plain import inert
from storage.words import Address, Marking
from tests.messages import MESSAGES, NEW_YORK, PICTURES, SYDNEY, TREACHEROUS, WORDS
from tests.pictured import PAGE, PAGE_WORDS, PICTURE, many
from tests.pictured import WORDS as SAID
from tests.slack.blockkit import check_message, check_view, live
from tests.slack.mrkdwn import unescape

Json = dict[str, Any]
DUE = datetime(2026, 12, 15, 6, tzinfo=UTC)
BO = Mention(Address("slack:T1/U1"), "bo")
ACK = Button("Acknowledge", "/request ack R-1", 1)


def one(message: Message, *, rehearsal: bool = False) -> Posting:
    (posting,) = render(message, rehearsal=rehearsal)
    return posting


def rich(kind: str, *elements: Json) -> Json:
    return {"type": "rich_text", "elements": [{"type": f"rich_text_{kind}", "elements": list(elements)}]}


def words(text: str, **style: bool) -> Json:
    return {"type": "text", "text": text, **({"style": style} if style else {})}


AMBER = rich("section", words("TLP:AMBER", bold=True))


def test_the_root_of_a_request_at_the_asked_agencys_desk() -> None:
    root = Message(
        Marking.AMBER,
        (
            Heading(spans(Ref("R-1"), " FTC asks ACMA: evidence")),
            Quote(typed("Who rented mailbox 1200 in *Canberra*?\nThey send from spam.example.")),
            Fields(
                (
                    ("State", spans("sent")),
                    ("Due", spans(Instant(DUE, (SYDNEY, NEW_YORK)), " (10 working days)")),
                    ("Handler", spans(BO)),
                )
            ),
            Actions((ACK, Button("Close", "/request close R-1"))),
        ),
    )
    posting = one(root)
    assert posting.blocks == [
        AMBER,
        {"type": "header", "text": {"type": "plain_text", "text": "R-1 FTC asks ACMA: evidence", "emoji": False}},
        rich(
            "quote",
            words("Who rented mailbox 1200 in *Canberra*?\nThey send from "),
            words("spam.example", code=True),
            words("."),
        ),
        rich(
            "section",
            words("State:", bold=True),
            words(" sent\n"),
            words("Due:", bold=True),
            words(" Tue 15 Dec 2026, 17:00 AEDT (Sydney) / 01:00 EST (New York) (10 working days)\n"),
            words("Handler:", bold=True),
            words(" "),
            {"type": "user", "user_id": "U1"},
        ),
        {
            "type": "actions",
            "elements": [
                {
                    "type": "button",
                    "action_id": "press:0",
                    "text": {"type": "plain_text", "text": "Acknowledge", "emoji": False},
                    "value": "1 /request ack R-1",
                },
                {
                    "type": "button",
                    "action_id": "press:1",
                    "text": {"type": "plain_text", "text": "Close", "emoji": False},
                    "value": " /request close R-1",
                },
            ],
        },
        AMBER,
    ]
    assert posting.text.splitlines() == [
        "TLP:AMBER",
        "R-1 FTC asks ACMA: evidence",
        "&gt; Who rented mailbox 1200 in *Canberra*?",
        "&gt; They send from `spam.example`.",
        "State: sent",
        "Due: Tue 15 Dec 2026, 17:00 AEDT (Sydney) / 01:00 EST (New York) (10 working days)",
        "Handler: @bo",
        "[Acknowledge] [Close]",
        "TLP:AMBER",
    ]


def test_a_picture_is_an_image_that_says_what_it_shows_and_a_document_is_named() -> None:
    (posting,) = render(Message(Marking.AMBER, (PICTURE, PAGE)), shown={PICTURE: "F012AB3CD"})
    image = {"type": "image", "slack_file": {"id": "F012AB3CD"}, "alt_text": SAID}
    assert posting.blocks == [AMBER, image, rich("section", words(PAGE_WORDS)), AMBER]
    assert posting.text == f"TLP:AMBER\n{SAID}\n{PAGE_WORDS}\nTLP:AMBER"


def test_a_picture_that_is_not_shown_is_said() -> None:
    heading, items = PICTURE.in_words()
    assert one(Message(Marking.AMBER, (PICTURE,))).blocks == one(Message(Marking.AMBER, (heading, items))).blocks


@pytest.mark.parametrize("partners", [30, 60, 400])
def test_what_a_picture_has_no_room_to_say_stands_below_it(partners: int) -> None:
    picture = many(partners)
    postings = render(Message(Marking.AMBER, (say("Before."), picture, say("After."))), shown={picture: "F012AB3CD"})
    blocks = [block for posting in postings for block in posting.blocks]
    (image,) = [block for block in blocks if block["type"] == "image"]
    assert len(image["alt_text"]) <= 2_000
    assert image["alt_text"].endswith("\n…")
    assert shown([block for block in blocks if block["type"] != "image"]).count("PARTNER-") == partners
    for posting in postings:
        assert check_message({"text": posting.text, "blocks": posting.blocks}) is None


@given(PICTURES)
def test_any_picture_is_a_block_that_slack_takes(picture: Picture) -> None:
    for posting in render(Message(Marking.AMBER, (picture,)), shown={picture: "F012AB3CD"}):
        assert check_message({"text": posting.text, "blocks": posting.blocks}) is None


def test_a_file_is_written_about_with_its_key() -> None:
    (block,) = caption(PAGE, Marking.AMBER, "ab12.7.file.0")
    badge = words("TLP:AMBER", bold=True)
    about = rich("section", badge, words(f" {PAGE_WORDS} "), badge)
    assert block == about | {"block_id": "ab12.7.file.0"}


def test_one_paragraph_is_one_line_between_its_markings() -> None:
    posting = one(Message(Marking.AMBER, (say(BO, " (ACMA) acknowledged ", Ref("R-1"), "."),)), rehearsal=True)
    badge = words("REHEARSAL TLP:AMBER", bold=True)
    user = {"type": "user", "user_id": "U1"}
    assert posting.blocks == [rich("section", badge, words(" "), user, words(" (ACMA) acknowledged R-1. "), badge)]
    assert posting.text == "REHEARSAL TLP:AMBER @bo (ACMA) acknowledged R-1. REHEARSAL TLP:AMBER"


def test_without_a_marking_the_words_stand_alone() -> None:
    message = Message(None, (say("one"), Items((spans("two"), (), spans(Strong("three"))))))
    items = [
        {"type": "rich_text_section", "elements": [words("two")]},
        {"type": "rich_text_section", "elements": [words("three", bold=True)]},
    ]
    listed = {"type": "rich_text", "elements": [{"type": "rich_text_list", "style": "bullet", "elements": items}]}
    assert one(message).blocks == [rich("section", words("one")), listed]


def test_what_says_nothing_leaves_nothing_that_slack_would_refuse() -> None:
    empty = (Heading(()), Paragraph(()), Fields(()), Items(((), ())), Quote(spans("")), Actions(()))
    assert render(Message(None, empty)) == []
    assert one(Message(Marking.AMBER, empty)).blocks == [AMBER, AMBER]


@pytest.mark.parametrize(
    "heading",
    [
        spans("x" * 151),
        spans("Fish & chips"),
        spans("Smile :smile: please"),
        spans("From ", Code("spam.example")),
        spans("For ", BO),
        spans(" "),
    ],
)
def test_a_heading_that_a_header_would_not_show_as_it_is_is_bold(heading: Spans) -> None:
    (block,) = one(Message(None, (Heading(heading),))).blocks
    (section,) = block["elements"]
    assert section["type"] == "rich_text_section"
    assert all(element["style"]["bold"] for element in section["elements"] if element["type"] == "text")


@pytest.mark.parametrize(
    "address",
    ["local:ana", "matrix:@bo:acma.example", "slack:T1", "slack:T1/U1\n", "slack:T1/!channel", "x:slack:T1/U1"],
)
def test_a_person_elsewhere_is_named(address: str) -> None:
    assert one(Message(None, (say(Mention(Address(address), "ana")),))).blocks == [rich("section", words("@ana"))]


def test_buttons_stand_in_rows_of_five() -> None:
    buttons = tuple(Button(f"C-{number}", f"/case show C-{number}") for number in range(1, 8))
    rows = one(Message(None, (Actions(buttons[:6]), say("or"), Actions(buttons[6:])))).blocks
    assert [len(row["elements"]) for row in rows] == [5, 1, 1, 1]
    assert [element["action_id"] for row in rows for element in row["elements"] if row["type"] == "actions"] == [
        f"press:{number}" for number in range(7)
    ]


@pytest.mark.parametrize(
    "button",
    [
        Button("x" * 76, "/request ack R-1"),
        Button(" ", "/request ack R-1"),
        Button("&" * 16, "/request ack R-1"),
        Button("Note", f"/case note --case C-1 {'x' * 2_000}"),
        Button("Note", f"/case note --case C-1 {'<' * 700}"),
        Button("What?", "no command"),
    ],
)
def test_a_button_that_slack_would_not_take_is_what_to_type(button: Button) -> None:
    actions, row = one(Message(None, (Actions((button, ACK)),))).blocks
    assert [element["text"]["text"] for element in actions["elements"]] == ["Acknowledge"]
    assert row == rich("section", words(f"{button.label}:", bold=True), words(" "), words(button.line, code=True))


@given(st.builds(Button, st.just("Do it"), WORDS.map("/case note C-1 {}".format), st.none() | st.integers(0, 10**8)))
def test_a_button_is_read_back_as_it_was_written(button: Button) -> None:
    (actions,) = one(Message(None, (Actions((button,)),))).blocks
    value = actions["elements"][0]["value"]
    assert unpressed(value) == (button.line, button.event)
    assert not set(value) & set("<>&")


@pytest.mark.parametrize(
    "value", ["", " ", "1", "/request ack R-1", "x /request ack R-1", "-1 /case", "1 ", "²  /case"]
)
def test_a_value_that_is_none_of_ours_is_an_error(value: str) -> None:
    with pytest.raises(ValueError, match="value of a button"):
        unpressed(value)


def test_a_long_text_is_several_postings_with_the_buttons_in_the_last() -> None:
    lines = "\n".join(f"{number} of a log" for number in range(2_000))
    root = Message(Marking.AMBER, (Heading(spans(Ref("R-1"))), Quote(typed(lines)), Actions((ACK,))))
    found = render(root, rehearsal=True)
    assert len(found) > 1
    assert ["press:0" in json.dumps(posting.blocks) for posting in found] == [False] * (len(found) - 1) + [True]
    quoted = [block["elements"][0] for posting in found for block in posting.blocks if block["type"] == "rich_text"]
    assert lines == "\n".join(
        element["text"] for run in quoted if run["type"] == "rich_text_quote" for element in run["elements"]
    )
    for posting in found:
        assert posting.text.startswith("REHEARSAL TLP:AMBER\n")
        assert posting.text.endswith("…\nREHEARSAL TLP:AMBER") or len(posting.text) < WORDS_LIMIT


def shown(blocks: Iterable[Json]) -> str:
    """The words that a reader finds in the blocks, in order."""
    return "".join(map(_shown, blocks))


def _shown(block: Json) -> str:
    match block:
        case {"type": "header", "text": {"text": str(heading)}}:
            return unescape(heading)
        case {"type": "actions", "elements": list(buttons)}:
            return "".join(f"[{unescape(button['text']['text'])}]" for button in buttons)
        case {"type": "user", "user_id": str(person)}:
            return f"<{person}>"
        case {"type": "text", "text": str(words)}:
            return words
        case {"elements": list(elements)}:
            return shown(elements)
        case _:
            raise AssertionError(block)


def said(message: Message, *, rehearsal: bool) -> str:
    """The words that the blocks are to have, told without their renderer."""
    message = replace(message, blocks=tuple(block for block in message.blocks if block != Actions(())))
    badge = text.badge_text(message, rehearsal=rehearsal)
    gap = " " if badge and text.is_line(message) else ""
    return gap.join((badge, "".join(map(_said, message.blocks)), badge))


def _said(block: Block) -> str:
    match block:
        case Heading(words):
            return _letters(words)
        case Paragraph(words) | Quote(words):
            return _letters(words)
        case Fields(rows):
            return "\n".join(f"{inert(label)}: {_letters(value)}" for label, value in rows)
        case Items(items):
            return "".join(map(_letters, items))
        case Picture():
            return "".join(_said(words) for words in block.in_words())
        case Document() | Enclosure():
            return block.described()
        case Actions(buttons):
            pressable = [button for button in buttons if button.line.startswith("/") and button.label.strip()]
            others = [button for button in buttons if button not in pressable]
            typed_out = "\n".join(inert(f"{button.label}: {button.line}") for button in others)
            return "".join(f"[{inert(button.label)}]" for button in pressable) + typed_out


def _letters(words: Spans) -> str:
    return "".join(map(_span_letters, words))


def _span_letters(span: Text | Strong | Code | Mention | Instant | Ref) -> str:
    match span:
        case Code(words):
            return inert(words)
        case Mention("slack:T1/U1"):
            return "<U1>"
        case _:
            return text.span_text(span)


def same(one: str, other: str) -> bool:
    """A heading has no line breaks, wherever it stands."""
    return one.replace("\n", " ") == other.replace("\n", " ")


@given(MESSAGES, st.booleans())
def test_nothing_typed_is_more_than_words(message: Message, rehearsal: bool) -> None:
    found = render(message, rehearsal=rehearsal)
    assert same("".join(shown(posting.blocks) for posting in found), said(message, rehearsal=rehearsal))
    for posting in found:
        assert not {"<", ">"} & set(posting.text)
        payload = {"text": posting.text, "blocks": posting.blocks, "parse": "none"}
        assert set(live(payload)) == ({"<user U1>"} if "<U1>" in shown(posting.blocks) else set())
        assert "mrkdwn" not in {node.get("type") for node in nodes(posting.blocks)}
        assert not any(ord(char) < 0x20 and char not in "\n\t" for char in shown(posting.blocks) + posting.text)


@given(st.lists(st.sampled_from((*TREACHEROUS, "*a*", "_a_", "~a~", "> a", ":a:", "• a")), max_size=8).map("".join))
def test_a_text_of_the_worst_words_is_a_text(line: str) -> None:
    for block in (Heading, Paragraph, Quote):
        found = render(Message(Marking.AMBER, (block((Text(line),)), say("."))))
        assert same("".join(shown(posting.blocks) for posting in found), f"TLP:AMBER{inert(line)}.TLP:AMBER")
        assert unescape("".join(posting.text for posting in found)).count("TLP:AMBER") == 2


def nodes(value: object) -> Iterator[Json]:
    if isinstance(value, dict):
        yield value
        for part in value.values():
            yield from nodes(part)
    elif isinstance(value, list):
        for part in value:
            yield from nodes(part)


@settings(deadline=None, max_examples=40)
@given(MESSAGES, st.booleans(), st.sampled_from([1, 5, 25]), st.integers(0, 60))
def test_every_posting_keeps_the_limits_and_has_the_marking_at_both_ends(
    message: Message, rehearsal: bool, times: int, longer: int
) -> None:
    badge = text.badge_text(message, rehearsal=rehearsal)
    blocks = (*message.blocks * times, Quote(spans("어 & <b> " * longer * 10)), Actions((ACK,) * longer))
    found = render(replace(message, blocks=blocks), rehearsal=rehearsal)
    for posting in found:
        for update in (False, True):
            refusal = check_message({"text": posting.text, "blocks": posting.blocks}, update=update)
            assert refusal is None, refusal.messages
        assert len(json.dumps(posting.blocks, ensure_ascii=False).encode()) <= LIMIT
        assert len(posting.text.encode()) <= WORDS_LIMIT
        ids = [node["action_id"] for node in nodes(posting.blocks) if "action_id" in node]
        assert len(ids) == len(set(ids))
        assert all(len(block["elements"]) <= 5 for block in posting.blocks if block["type"] == "actions")
        for words in (posting.text, shown(posting.blocks)):
            assert words.startswith(badge)
            assert words.endswith(badge)


REST = say(Code("/request list"), " shows the rest.")


def part(number: int, length: int = 10) -> tuple[Block, ...]:
    return (
        Heading(spans(f"Part {number}")),
        Items((spans("어" * length),)),
        Actions((Button(f"Show R-{number}", f"/request show R-{number}"),) * 6),
    )


def parts(count: int, length: int = 10) -> Message:
    return Message(Marking.AMBER, tuple(block for number in range(count) for block in part(number, length)))


def test_a_view_has_all_of_a_message_in_its_order() -> None:
    blocks = render_view(parts(24), REST)
    assert [block["type"] for block in blocks[1:-1]] == ["header", "rich_text", "actions", "actions"] * 24
    assert (blocks[0], blocks[-1]) == (AMBER, AMBER)
    assert check_view({"type": "home", "blocks": blocks}) is None
    ids = [node["action_id"] for node in nodes(blocks) if "action_id" in node]
    assert len(ids) == len(set(ids)) == 24 * 6


@pytest.mark.parametrize(("count", "length"), [(25, 10), (60, 10), (4, 10_000), (3, 20_000), (2, 20_000)])
def test_a_view_that_does_not_take_all_ends_with_where_the_rest_is(count: int, length: int) -> None:
    blocks = render_view(parts(count, length), REST)
    assert check_view({"type": "home", "blocks": blocks}) is None
    assert len(json.dumps(blocks, ensure_ascii=False).encode()) <= VIEW_LIMIT
    assert shown(blocks).endswith("/request list shows the rest.TLP:AMBER")
    assert blocks[0] == AMBER


def test_no_heading_stands_over_nothing_but_the_rest() -> None:
    message = Message(None, (say("one"), *part(1), *part(2, VIEW_LIMIT)))
    assert shown(render_view(message, REST)).endswith("[Show R-1]/request list shows the rest.")
    message = Message(None, part(1, VIEW_LIMIT))
    assert shown(render_view(message, REST)) == "/request list shows the rest."


@settings(deadline=None, max_examples=40)
@given(MESSAGES, st.booleans(), st.sampled_from([1, 5, 25, 100]))
def test_every_view_keeps_the_limits_and_has_the_marking_at_both_ends(
    message: Message, rehearsal: bool, times: int
) -> None:
    badge = text.badge_text(message, rehearsal=rehearsal)
    message = replace(message, blocks=(*message.blocks * times, REST))
    blocks = render_view(message, REST, rehearsal=rehearsal)
    assert check_view({"type": "home", "blocks": blocks}) is None
    assert shown(blocks).startswith(badge)
    assert shown(blocks).endswith(badge)

"""Messages as Matrix shows them: the marking at both ends of each, and what anybody types is words."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import text
from bot.matrix.html import LIMIT, Words, render
from bot.matrix.spelling import spelled
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
    spans,
    typed,
)
from commands.plain import inert
from storage.words import Address, Marking
from tests.messages import MESSAGES, NEW_YORK, SYDNEY, TREACHEROUS
from tests.pictured import PAGE, PICTURE

DUE = datetime(2026, 12, 15, 6, tzinfo=UTC)
BO = Mention(Address("matrix:@bo:acma.example"), "bo")
PILL = '<a href="https://matrix.to/#/@bo:acma.example">@bo</a>'
TAGS = {"h4", "p", "strong", "br", "ul", "li", "blockquote", "code", "a"}
"""All of them are in the specification's list."""


def one(message: Message, *, rehearsal: bool = False) -> Words:
    (words,) = render(message, rehearsal=rehearsal)
    return words


def test_the_root_of_a_request_at_the_asked_agencys_desk() -> None:
    root = Message(
        Marking.AMBER,
        (
            Heading(spans(Ref("R-1"), " FTC asks ACMA: evidence")),
            Quote(typed("Who rented mailbox 1200 in Canberra?\nThey send from spam.example.")),
            Fields(
                (
                    ("State", spans("sent")),
                    ("Due", spans(Instant(DUE, (SYDNEY, NEW_YORK)), " (10 working days)")),
                    ("Case", spans(Ref("C-1"))),
                )
            ),
            Actions((Button("Acknowledge", "/request ack R-1", 1), Button("Answer", "/request answer R-1", 1))),
        ),
    )
    words = one(root)
    assert words.plain.splitlines() == [
        "TLP:AMBER",
        "R-1 FTC asks ACMA: evidence",
        "> Who rented mailbox 1200 in Canberra?",
        "> They send from `spam.example`.",
        "State: sent",
        "Due: Tue 15 Dec 2026, 17:00 AEDT (Sydney) / 01:00 EST (New York) (10 working days)",
        "Case: C-1",
        "Acknowledge: !request ack R-1",
        "Answer: !request answer R-1",
        "TLP:AMBER",
    ]
    assert words.html == (
        "<p><strong>TLP:AMBER</strong></p>"
        "<h4>R-1 FTC asks ACMA: evidence</h4>"
        "<blockquote>Who rented mailbox 1200 in Canberra?<br/>They send from <code>spam.example</code>.</blockquote>"
        "<p><strong>State:</strong> sent<br/>"
        "<strong>Due:</strong> Tue 15 Dec 2026, 17:00 AEDT (Sydney) / 01:00 EST (New York) (10 working days)<br/>"
        "<strong>Case:</strong> C-1</p>"
        "<ul><li>Acknowledge: <code>!request ack R-1</code></li>"
        "<li>Answer: <code>!request answer R-1</code></li></ul>"
        "<p><strong>TLP:AMBER</strong></p>"
    )
    assert words.mentions == ()


def test_a_picture_is_said_and_a_document_named() -> None:
    assert one(Message(Marking.GREEN, (PICTURE, PAGE))).html == (
        "<p><strong>TLP:GREEN</strong></p>"
        "<h4>Open requests by partner and age</h4>"
        "<ul><li>ACMA: 10 (under a week: 3, 1 to 2 weeks: 2, 2 to 4 weeks: 1, older: 4)</li><li>ICO: 0</li>"
        "<li>KISA: 13 (1 to 2 weeks: 12, older: 1)</li></ul>"
        "<p>[file: digest.html, 60 bytes]</p>"
        "<p><strong>TLP:GREEN</strong></p>"
    )


def test_one_paragraph_is_one_line_between_its_markings() -> None:
    assert one(Message(Marking.RED, (say(BO, " (ACMA) acknowledged ", Ref("R-1"), "."),))) == Words(
        "TLP:RED @bo (ACMA) acknowledged R-1. TLP:RED",
        f"<strong>TLP:RED</strong> {PILL} (ACMA) acknowledged R-1. <strong>TLP:RED</strong>",
        ("@bo:acma.example",),
    )


def test_a_rehearsal_says_so_at_both_ends() -> None:
    assert one(Message(Marking.STRICT, (say("words"),)), rehearsal=True).html == (
        "<strong>REHEARSAL TLP:AMBER+STRICT</strong> words <strong>REHEARSAL TLP:AMBER+STRICT</strong>"
    )
    assert one(Message(None, (say("a\nb"),)), rehearsal=True).html == (
        "<p><strong>REHEARSAL</strong></p><p>a<br/>b</p><p><strong>REHEARSAL</strong></p>"
    )


def test_without_a_marking_the_words_stand_alone() -> None:
    assert one(Message(None, (say("one ", Strong("two")),))).html == "one <strong>two</strong>"
    assert one(Message(None, (say("one"), Items((spans("two"), spans("three")))))).html == (
        "<p>one</p><ul><li>two</li><li>three</li></ul>"
    )


def test_blocks_with_nothing_in_them_leave_no_tags() -> None:
    assert one(Message(None, (say("one"), Items(()), Fields(()), Actions(())))).html == "<p>one</p>"


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("&amp; &lt;b&gt;", "&amp;amp; &amp;lt;b&amp;gt;"),
        ("*a* _b_ [c](d) `e`", "*a* _b_ [c](d) `e`"),
        ("a\r\nb\n\nc", "a<br/>b<br/><br/>c"),
        ("a\u202eb\x1bc", "a\ufffdb\ufffdc"),
    ],
)
def test_words_as_they_were_typed_are_words(words: str, shown: str) -> None:
    assert one(Message(None, (Quote(spans(words)),))).html == f"<blockquote>{shown}</blockquote>"


def test_what_a_client_would_take_for_a_link_or_a_call_is_code() -> None:
    words = one(Message(None, (Quote(typed("<!channel> @room https://matrix.to/#/@bo:acma.example")),)))
    assert words.html == (
        "<blockquote><code>&lt;!channel&gt;</code> <code>@room</code> "
        "<code>https://matrix.to/#/@bo:acma.example</code></blockquote>"
    )
    assert words.mentions == ()


@pytest.mark.parametrize(
    ("address", "href", "person"),
    [
        ("matrix:@bo:acma.example", "@bo:acma.example", "@bo:acma.example"),
        ("matrix:@bo/b=1:127.0.0.1:8448", "@bo%2Fb%3D1:127.0.0.1:8448", "@bo/b=1:127.0.0.1:8448"),
        ('matrix:@"><b>:[::1]', "@%22%3E%3Cb%3E:%5B::1%5D", '@"><b>:[::1]'),
    ],
)
def test_a_person_on_matrix_is_called(address: str, href: str, person: str) -> None:
    words = one(Message(None, (say(Mention(Address(address), "b<o")),)))
    assert words.html == f'<a href="https://matrix.to/#/{href}">@b&lt;o</a>'
    assert words.mentions == (person,)


@pytest.mark.parametrize(
    "address",
    ["local:ana", "slack:T1/U1", "matrix:", "matrix:@room", "matrix:@a b:c", "matrix:@a:b\n", "x:matrix:@a:b"],
)
def test_a_person_elsewhere_is_named(address: str) -> None:
    assert one(Message(None, (say(Mention(Address(address), "ana")),))) == Words("@ana", "@ana", ())


def test_each_person_is_called_once() -> None:
    ada = Mention(Address("matrix:@ada:ftc.example"), "ada")
    rows = Fields((("Handler", spans(ada)),))
    message = Message(None, (Heading(spans(BO)), rows, Items((spans(BO), spans(ada))), Quote(spans(BO))))
    assert one(message).mentions == ("@bo:acma.example", "@ada:ftc.example")


def test_a_long_text_is_several_events_with_the_buttons_in_the_last() -> None:
    lines = "\n".join(f"{number} of a log" for number in range(3_000))
    root = Message(
        Marking.AMBER,
        (
            Heading(spans(Ref("R-1"))),
            Quote(typed(lines)),
            Fields((("State", spans("sent")),)),
            Actions((Button("Acknowledge", "/request ack R-1"),)),
        ),
    )
    found = render(root, rehearsal=True)
    assert len(found) > 1
    for words in found:
        assert size(words) <= LIMIT
        assert words.plain.startswith("REHEARSAL TLP:AMBER\n")
        assert words.plain.endswith("\nREHEARSAL TLP:AMBER")
    assert ["!request ack R-1" in words.html for words in found] == [False] * (len(found) - 1) + [True]
    quoted = [line.removeprefix("> ") for words in found for line in words.plain.splitlines() if line.startswith("> ")]
    assert "\n".join(quoted) == lines


class Page(HTMLParser):
    """What a client finds in the HTML: tags, links, and the words with their line breaks."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.open: list[str] = []
        self.links: list[str] = []
        self.words = ""
        self.feed(html)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.open.append(tag)
        self.links += [value or "" for _, value in attrs]
        assert [name for name, _ in attrs] == (["href"] if tag == "a" else [])

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
        self.words += "\n" if tag == "br" else ""

    def handle_data(self, data: str) -> None:
        self.words += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(decl)

    def handle_pi(self, data: str) -> None:
        raise AssertionError(data)


def size(words: Words) -> int:
    return len(json.dumps([words.plain, words.html], ensure_ascii=False).encode())


def said(message: Message, *, rehearsal: bool) -> str:
    """The words that the HTML is to have, told without its renderer."""
    badge = text.badge_text(message, rehearsal=rehearsal)
    words = [_said(block) for block in spelled(message).blocks]
    gap = " " if badge and text.is_line(message) else ""
    return gap.join((badge, "".join(words), badge))


def _said(block: Block) -> str:
    match block:
        case Heading(words):
            return _run(words).replace("\n", " ")
        case Paragraph(words) | Quote(words):
            return _run(words)
        case Fields(rows):
            return "\n".join(f"{inert(label)}: {_run(value)}" for label, value in rows)
        case Items(items):
            return "".join(map(_run, items))
        case Picture():
            return "".join(_said(words) for words in block.in_words())
        case Document() | Enclosure():
            return block.described()
        case Actions(buttons):
            return "".join(inert(f"{button.label}: {button.line}") for button in buttons)


def _run(words: Spans) -> str:
    return "".join(inert(span.text) if isinstance(span, Code) else text.span_text(span) for span in words)


def people(blocks: Iterable[Block]) -> set[str]:
    return {"@bo:acma.example" for block in blocks for span in _spans(block) if _is_bo(span)}


def _is_bo(span: Span) -> bool:
    return isinstance(span, Mention) and span.address == BO.address


def _spans(block: Block) -> Spans:
    match block:
        case Heading(words) | Paragraph(words) | Quote(words):
            return words
        case Fields(rows):
            return tuple(span for _, value in rows for span in value)
        case Items(items):
            return tuple(span for item in items for span in item)
        case Picture() | Document() | Enclosure() | Actions():
            return ()


@given(MESSAGES, st.booleans())
def test_nothing_typed_is_more_than_words(message: Message, rehearsal: bool) -> None:
    words = one(message, rehearsal=rehearsal)
    page = Page(words.html)
    assert page.tags <= TAGS
    assert page.words == said(message, rehearsal=rehearsal)
    called = people(message.blocks)
    assert set(words.mentions) == called
    assert set(page.links) == {f"https://matrix.to/#/{person}" for person in called}
    assert not any(ord(char) < 0x20 and char not in "\n\t" for char in words.plain + words.html)


@given(st.lists(st.sampled_from(TREACHEROUS), max_size=8).map("".join), st.booleans())
def test_a_text_of_the_worst_words_is_a_text(words: str, as_typed: bool) -> None:
    html = one(Message(None, (Quote(typed(words) if as_typed else (Text(words),)),))).html
    page = Page(html)
    assert page.tags <= {"blockquote", "br", "code"}
    assert page.words == inert(words)


@given(MESSAGES, st.booleans(), st.integers(1_500, 3_000))
def test_every_part_has_the_marking_at_both_ends_and_fits(message: Message, rehearsal: bool, limit: int) -> None:
    badge = text.badge_text(message, rehearsal=rehearsal)
    found = render(message, rehearsal=rehearsal, limit=limit)
    for words in found:
        shown = Page(words.html).words
        assert size(words) <= limit
        assert words.plain.startswith(badge)
        assert words.plain.endswith(badge)
        assert shown.startswith(badge)
        assert shown.endswith(badge)
    assert {person for words in found for person in words.mentions} == people(message.blocks)

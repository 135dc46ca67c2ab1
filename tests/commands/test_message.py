"""A message comes back from its JSON as it went in, and what people typed stays data."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.draft import Draft
from commands.message import (
    DOCUMENT_MOST,
    Actions,
    Button,
    Code,
    Document,
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
    Strong,
    Text,
    from_json,
    to_json,
    typed,
)
from storage.tables import LetterKind
from storage.words import Marking
from tests.messages import DOCUMENTS, PICTURES

WORDS = st.text(max_size=20)
TIMES = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # drawn with one
SPANS = st.lists(
    st.one_of(
        st.builds(Text, WORDS),
        st.builds(Strong, WORDS),
        st.builds(Code, WORDS),
        st.builds(Mention, WORDS, WORDS),
        st.builds(Instant, TIMES, st.lists(WORDS, max_size=3).map(tuple)),
        st.builds(Ref, WORDS),
    ),
    max_size=3,
).map(tuple)
BUTTONS = st.builds(Button, WORDS, WORDS, st.none() | st.integers(1))
BLOCKS = st.one_of(
    st.builds(Heading, SPANS),
    st.builds(Paragraph, SPANS),
    st.builds(Quote, SPANS),
    st.builds(Items, st.lists(SPANS, max_size=3).map(tuple)),
    st.builds(Fields, st.lists(st.tuples(WORDS, SPANS), max_size=3).map(tuple)),
    PICTURES,
    DOCUMENTS,
    st.builds(Actions, st.lists(BUTTONS, max_size=3).map(tuple)),
)
MESSAGES = st.builds(Message, st.none() | st.sampled_from(Marking), st.lists(BLOCKS, max_size=4).map(tuple))


@given(MESSAGES)
def test_a_message_comes_back_as_it_went_in(message: Message) -> None:
    back = from_json(to_json(message))
    assert back == message
    assert type(back.marking) is type(message.marking)


@pytest.mark.parametrize("text", ["[]", '"words"', "null", '{"_":"Text","text":"words"}', '{"_":"Nothing"}'])
def test_what_is_no_message_is_refused(text: str) -> None:
    with pytest.raises((KeyError, TypeError)):
        from_json(text)


@given(st.text(max_size=60))
def test_what_people_typed_is_all_there(text: str) -> None:
    assert "".join(span.text for span in typed(text) if isinstance(span, Text | Code)) == text


@given(st.text(max_size=20), st.text(max_size=20))
@pytest.mark.parametrize(
    "live",
    [
        "<!channel>",
        "<@U012AB3CD>",
        "<script>",
        "https://evil.example/x?y=1",
        "mail@evil.example",
        "@room",
        "evil.example",
    ],
)
def test_what_could_call_or_link_is_code_wherever_it_stands(live: str, before: str, after: str) -> None:
    code = [span.text for span in typed(f"{before} {live} {after}") if isinstance(span, Code)]
    assert any(live in text for text in code)


PICTURE = Picture("Open requests", ("new", "old"), (("ACMA", (2, 3)), ("ICO", (0, 0)), ("KISA", (1200, 0))))


def test_a_picture_says_in_words_what_it_shows() -> None:
    assert PICTURE.described() == "Open requests\n- ACMA: 5 (new: 2, old: 3)\n- ICO: 0\n- KISA: 1200 (new: 1200)"


@pytest.mark.parametrize("parts", [(), (1,), (1, 2, 3), (1, -2)])
def test_a_row_that_does_not_fit_the_columns_is_refused(parts: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="one number"):
        Picture("Open requests", ("new", "old"), (("ACMA", parts),))


def test_a_picture_has_a_title() -> None:
    with pytest.raises(ValueError, match="title"):
        Picture(" ", ("new",), ())


def test_a_document_says_what_it_is() -> None:
    assert Document("digest.csv", "text/csv", "caf\u00e9\n").described() == "[file: digest.csv, 6 bytes]"


@pytest.mark.parametrize(
    "name", ["", ".bashrc", "../digest.csv", "a/b", "a\\b", "a b", "a\nb", "di\u202egest.csv", "x" * 101]
)
def test_a_document_has_a_plain_name(name: str) -> None:
    with pytest.raises(ValueError, match="cannot be called"):
        Document(name, "text/csv", "a")


@pytest.mark.parametrize("text", ["", "x" * (DOCUMENT_MOST + 1)])
def test_a_document_is_neither_empty_nor_too_large(text: str) -> None:
    with pytest.raises(ValueError, match="bytes"):
        Document("digest.csv", "text/csv", text)


@pytest.mark.parametrize("block", [PICTURE, Document("digest.csv", "text/csv", "a")])
@pytest.mark.parametrize("kind", [LetterKind.ROOT, LetterKind.REROOT, LetterKind.EDIT])
def test_what_is_edited_in_place_has_no_picture_and_no_file(kind: LetterKind, block: Picture | Document) -> None:
    with pytest.raises(ValueError, match=f"of the kind {kind}"):
        Draft(kind, Message(Marking.AMBER, (block,)), place="local:ftc")

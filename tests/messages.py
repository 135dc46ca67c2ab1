"""Messages of every kind, as Hypothesis makes them for the renderers."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import strategies as st

from commands.message import (
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
)
from storage.words import Address, Marking

SYDNEY, NEW_YORK, SEOUL = "Australia/Sydney", "America/New_York", "Asia/Seoul"

TREACHEROUS = (
    "<script>", "</p>", "<br/>", "<!--", "<!channel>", "&amp;", "&#60;", '"', "'", "@room", "@bo:acma.example",
    "https://x.example", "https://matrix.to/#/@bo:acma.example", "[x](https://x.example)", "`", "```", "**x**", "# x",
    "TLP:CLEAR", "/case open", "⟨U+202E⟩", "\u202e", "\x1b[2J", "\r\n", "\n", " ", "e\u0301", "👩\u200d👧", "어",
)  # fmt: skip
WORDS = st.text(max_size=40) | st.lists(st.sampled_from(TREACHEROUS), max_size=4).map("".join)
ADDRESSES = st.sampled_from(("matrix:@bo:acma.example", "matrix:@room", "slack:T1/U1", "local:ana")) | WORDS
INSTANTS = st.builds(
    Instant,
    st.datetimes(datetime(1970, 1, 2), datetime(2200, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001  # their zone is the next argument
    st.lists(st.sampled_from([SYDNEY, NEW_YORK, SEOUL, "UTC", "Asia/Kathmandu"]), max_size=3).map(tuple),
)
SPANS = st.lists(
    st.one_of(
        st.builds(Text, WORDS),
        st.builds(Strong, WORDS),
        st.builds(Code, WORDS),
        st.builds(Mention, ADDRESSES.map(Address), WORDS),
        st.builds(Ref, st.just("R-1")),
        INSTANTS,
    ),
    max_size=4,
).map(tuple)
NUMBERS = st.integers(0, 10**9)
PICTURES = st.lists(WORDS, max_size=4).flatmap(
    lambda columns: st.builds(
        Picture,
        WORDS.filter(str.strip),
        st.just(tuple(columns)),
        st.lists(
            st.tuples(WORDS, st.lists(NUMBERS, min_size=len(columns), max_size=len(columns)).map(tuple)), max_size=4
        ).map(tuple),
    )
)
DOCUMENTS = st.builds(
    Document,
    st.sampled_from(("digest.html", "digest-ACMA_2026-12-01.csv", "a")),
    st.sampled_from(("text/html", "text/csv")),
    st.text(st.characters(codec="utf-8"), min_size=1, max_size=40),
)
BUTTONS = st.builds(Button, WORDS, WORDS, st.none() | st.integers(0, 9))
MESSAGES = st.builds(
    Message,
    st.none() | st.sampled_from(Marking),
    st.lists(
        st.one_of(
            st.builds(Heading, SPANS),
            st.builds(Paragraph, SPANS),
            st.builds(Fields, st.lists(st.tuples(WORDS, SPANS), max_size=3).map(tuple)),
            st.builds(Items, st.lists(SPANS, max_size=3).map(tuple)),
            st.builds(Quote, SPANS),
            PICTURES,
            DOCUMENTS,
            st.builds(Actions, st.lists(BUTTONS, max_size=3).map(tuple)),
        ),
        max_size=4,
    ).map(tuple),
)

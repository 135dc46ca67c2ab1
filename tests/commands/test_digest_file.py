"""`/digest file`: a page and a table of the digest, for whoever asked, with what was typed in them as text."""

from __future__ import annotations

import csv
import hashlib
from dataclasses import replace
from datetime import datetime
from html.parser import HTMLParser
from io import StringIO

import pytest

from bot.local.posted import channel_place
from bot.text import render
from commands import digest_csv, digest_html
from commands.digest_csv import COLUMNS
from commands.message import DOCUMENT_MOST, Document, Message
from storage.prospects import FILED, Some, Word
from storage.words import Step
from tests import outlooks
from tests.busy import fortnight
from tests.dialogue import Dialogue

ASK = "ana in #ftc: /digest file"
ENTICING = '=HYPERLINK("https://evil.example") <script>alert(1)</script> <img onerror=a()> \N{RIGHT-TO-LEFT OVERRIDE}x'


class Page(HTMLParser):
    """What a browser would have of it: the words of each cell and heading, and every tag and attribute."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.words: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag != "meta":
            self._open.append(tag)
        self.words.append("")

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] != "style":
            self.words[-1] += data


@pytest.fixture
def busy(talk: Dialogue) -> Dialogue:
    return fortnight(talk)


def newest(talk: Dialogue, place: str = "ftc") -> Message:
    body = next(iter(talk.house.rooms.backwards(channel_place(place)))).body
    assert isinstance(body, Message)
    return body


def given(talk: Dialogue) -> tuple[Document, Document]:
    """The page and the table for FTC."""
    talk(ASK)
    page, table = newest(talk).documents
    return page, table


def rows(table: Document) -> list[dict[str, str]]:
    assert table.text.startswith("\ufeff")
    reader = csv.DictReader(StringIO(table.text[1:], newline=""), strict=True)
    assert tuple(reader.fieldnames or ()) == COLUMNS
    return list(reader)


def test_whoever_asked_has_both_and_the_ledger_has_their_sums(busy: Dialogue) -> None:
    (said,) = busy.said(ASK)
    assert said.startswith(
        "#ftc (to ana) Comity: FTC's digest as a page and as a table. Their SHA-256 stand in the ledger"
    )
    page, table = newest(busy).documents
    sums = [hashlib.sha256(one.content).hexdigest() for one in (page, table)]
    assert (page.name, table.name) == ("digest-FTC-2026-12-14.html", "digest-FTC-2026-12-14.csv")
    assert all(total in render(newest(busy)) for total in sums)
    assert f"[file: digest-FTC-2026-12-14.html, {len(page.content)} bytes]" in said
    entry = busy.ledger("digest:file")[-1]
    assert (entry["subject"], entry["page"], entry["table"]) == ("FTC", *sums)


def test_the_page_says_what_the_digest_says(busy: Dialogue) -> None:
    preview = busy.private("ana in direct: /digest preview")
    page = Page(given(busy)[0].text)
    assert page.words.count("TLP:AMBER") == 2
    assert "FTC: outstanding at Mon 14 Dec 2026, 08:59 EST (New York)" in page.words
    headings = [line.strip() for line in preview.splitlines()[2:-1] if not line.startswith("  - ")]
    shown = [line for line in headings if not line.startswith(("[picture", "Ledger"))]
    assert [words for words in page.words if words in shown] == shown
    for words in (
        "R-7",
        "9 days over",
        "Overdue by us",
        "KISA sent it Tue 1 Dec 2026, 04:00 EST (New York)",
        "2.0 days",
    ):
        assert words in page.words


def test_the_page_fetches_and_runs_nothing(busy: Dialogue) -> None:
    busy(f"choi in #kisa: /request send FTC --case C-2 --due 2026-12-18 {ENTICING}")
    text = given(busy)[0].text
    page = Page(text)
    assert not page.tags & {"script", "img", "link", "iframe", "object", "a", "form", "base"}
    assert not [name for name, _ in page.attributes if name.startswith("on") or name in {"src", "href", "style"}]
    assert ("content", "default-src 'none'; style-src 'unsafe-inline'") in page.attributes
    (typed,) = (words for words in page.words if "evil.example" in words)
    assert typed.startswith('=HYPERLINK("https://evil.example") <script>alert(1)</script>')
    assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in text


def test_the_table_is_read_by_other_programs(busy: Dialogue) -> None:
    busy(f"choi in #kisa: /request send FTC --case C-2 --due 2026-12-18 {ENTICING}")
    found = rows(given(busy)[1])
    by_part = {row["part"]: row for row in found}
    over = by_part["overdue by us"]
    assert (over["request"], over["asking"], over["asked"], over["marking"]) == ("R-7", "KISA", "FTC", "AMBER")
    assert datetime.fromisoformat(over["due"]).isoformat() == "2026-12-04T22:00:00+00:00"
    assert float(over["days left"]) == -9.67
    assert (over["last word by"], over["last word"]) == ("KISA", "sent it")
    assert by_part["answer times of the last quarter"]["median days"] == "2.0"
    assert by_part["open requests by partner and age"]["1 to 2 weeks"] in {"4", "3", "1"}
    assert all(not cell.startswith(("=", "+", "-", "@")) or float(cell) for row in found for cell in row.values())
    assert any(row["what"].startswith("'=HYPERLINK") for row in found)


def test_of_a_red_one_stands_no_word(talk: Dialogue) -> None:
    talk("""
        ana in #ftc: /case open Silent calls
        ana in direct: /request send ACMA --case C-1 --due 2026-12-04 --marking red A source inside
    """)
    talk("clock 2026-12-07T14:00Z")
    page, table = given(talk)
    assert "A source" not in page.text + table.text
    assert "TLP:RED" in page.text
    assert "R-1 [RED]" in page.text
    (row, *_) = rows(table)
    assert (row["marking"], row["request"], row["asked"], row["what"]) == ("RED", "R-1", "", "")


def test_a_file_has_more_lines_than_a_message(talk: Dialogue) -> None:
    talk("ana in #ftc: /case open Silent calls")
    talk("\n".join(f"ana in #ftc: /request send ACMA --case C-1 Number {number}." for number in range(25)))
    talk("clock 2027-01-11T14:00Z")
    assert "Overdue to us: 25, the first 20" in talk.private("ana in direct: /digest preview")
    page, table = given(talk)
    assert "Overdue to us: 25<" in page.text
    assert len([row for row in rows(table) if row["part"] == "overdue to us"]) == 25
    assert FILED > 25


def test_nothing_outstanding_is_a_page_too(talk: Dialogue) -> None:
    page, table = given(talk)
    assert "Nothing is outstanding." in Page(page.text).words
    assert rows(table) == []


def test_it_is_not_given(busy: Dialogue) -> None:
    """What was closed since the last digest stands in the next one all the same."""
    given(busy)
    assert busy.ledger("digest:given") == []
    assert "Closed since the last one: 1" in busy.private("ana in direct: /digest preview")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("zed in #acma: /digest file", "Nobody has enrolled"),
        ("ana in #ftc: /digest file ACMA", "/digest file"),
        ("operator: /digest file", "takes no part in cases"),
    ],
)
def test_who_and_what_is_refused(busy: Dialogue, line: str, words: str) -> None:
    assert words in busy.answer(line)
    assert busy.ledger("digest:file") == []


def test_another_agency_has_its_own(busy: Dialogue) -> None:
    busy("chin in #kisa: /digest file")
    page, table = newest(busy, "kisa").documents
    assert page.name == "digest-KISA-2026-12-14.html"
    assert {row["request"] for row in rows(table)} & {"R-1", "R-3"} == set()


def test_the_longest_goes_with_a_message() -> None:
    """Every part full of the longest words, and more partners than there are agencies in the world's networks."""
    lines = [outlooks.line(number, -number, "\N{GRINNING FACE}" * 200) for number in range(100_000, 100_000 + FILED)]
    words = {line.number: ("LONGCODE", Word(1, outlooks.NOW, Step.CLARIFY)) for line in lines}
    own = outlooks.own()
    full = replace(
        own,
        parts={part: Some(len(lines), lines) for part in own.parts},
        words=words,
        ages={f"AGENCY-{number}": (1, 2, 3, 4) for number in range(300)},
    )
    assert len(digest_html.page(full, rehearsal=True).encode()) < DOCUMENT_MOST
    assert len(digest_csv.table(full).encode()) < DOCUMENT_MOST

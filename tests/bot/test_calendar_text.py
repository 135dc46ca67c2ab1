"""What RFC 5545 wants of a calendar's text, read by hand: lines, folds, escapes, and what must stand there."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import vobject
from hypothesis import given
from hypothesis import strategies as st

from bot.calendar import written
from commands.calendar import Entry
from storage.words import Marking

DUE = datetime(2026, 12, 15, 6, tzinfo=UTC)
SENT = datetime(2026, 12, 1, 9, tzinfo=UTC)
ENTRY = Entry("R-1-due", 3, DUE, "R-1: ACMA owes us an answer (evidence, sent)", SENT)

words = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=300)
names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=300)
entry = st.builds(
    Entry,
    uid=st.from_regex(r"R-[1-9][0-9]{0,8}-(due|kept)", fullmatch=True),
    sequence=st.integers(1, 10_000),
    at=st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001  # it is added
    title=words,
    changed_at=st.just(SENT),
    marking=st.sampled_from(Marking),
    stands=st.booleans(),
)


def _properties(page: bytes) -> list[tuple[str, str]]:
    """Names with their parameters, and texts: unfolded (3.1) and unescaped (3.3.11) by nobody's library."""
    assert page.endswith(b"\r\n")
    lines = page.removesuffix(b"\r\n").split(b"\r\n")
    assert all(0 < len(line) <= 75 for line in lines)
    assert not any(b"\r" in line or b"\n" in line for line in lines)
    for line in lines:
        line.decode()  # a fold parts no character
    unfolded = page.replace(b"\r\n ", b"").decode().removesuffix("\r\n").split("\r\n")
    parts = [re.fullmatch(r"([A-Z-]+(?:;[A-Z]+=[A-Z]+)*):(.*)", line, re.DOTALL) for line in unfolded]
    assert all(parts)
    return [(part[1], re.sub(r"\\(.)", _unescaped, part[2])) for part in parts if part]


def _unescaped(found: re.Match[str]) -> str:
    assert found[1] in "\\;,nN"
    return "\n" if found[1] in "nN" else found[1]


def test_the_whole_of_a_calendar() -> None:
    page = written("FTC", [ENTRY], name="Federal Trade Commission", network="1f2e")
    assert sorted(_properties(page)) == sorted(
        {
            ("BEGIN", "VCALENDAR"),
            ("PRODID", "-//Comity//Due times//EN"),
            ("VERSION", "2.0"),
            ("METHOD", "PUBLISH"),
            ("X-WR-CALNAME", "Comity: FTC"),
            ("X-WR-CALDESC", "Due times of Federal Trade Commission"),
            ("REFRESH-INTERVAL;VALUE=DURATION", "PT1H"),
            ("X-PUBLISHED-TTL", "PT60M"),
            ("BEGIN", "VEVENT"),
            ("UID", "R-1-due@1f2e.comity"),
            ("SEQUENCE", "3"),
            ("DTSTAMP", "20261201T090000Z"),
            ("LAST-MODIFIED", "20261201T090000Z"),
            ("DTSTART", "20261215T060000Z"),
            ("DTEND", "20261215T063000Z"),
            ("SUMMARY", "R-1: ACMA owes us an answer (evidence, sent)"),
            ("STATUS", "CONFIRMED"),
            ("CATEGORIES", "TLP:AMBER"),
            ("CLASS", "PRIVATE"),
            ("TRANSP", "TRANSPARENT"),
            ("END", "VEVENT"),
            ("END", "VCALENDAR"),
        }
    )


def test_an_agency_without_requests_has_a_calendar_all_the_same() -> None:
    assert [name for name, _ in _properties(written("FTC", []))][-1] == "END"
    assert vobject.readOne(written("FTC", []).decode()).version.value == "2.0"


@given(st.lists(entry, max_size=4), names)
def test_any_words_come_out_as_they_went_in(found: list[Entry], name: str) -> None:
    page = written("FTC", found, name=name)
    properties = _properties(page)
    texts = [text for kind, text in properties if kind == "SUMMARY"]
    assert texts == [one.title for one in found]
    shown = re.sub("[\x00-\x1f\x7f]+", " ", name)
    assert ("X-WR-CALDESC", f"Due times of {shown}") in properties
    assert [text for kind, text in properties if kind == "CATEGORIES"] == [f"TLP:{one.marking}" for one in found]
    times = [text for kind, text in properties if kind == "DTSTART"]
    assert times == [f"{one.at:%Y%m%dT%H%M%SZ}" for one in found]
    events = [text for kind, text in properties if kind in {"BEGIN", "END"} and text == "VEVENT"]
    assert len(events) == 2 * len(found)  # nothing that was typed begins another


def test_another_program_reads_names_of_every_alphabet() -> None:
    name = "Корейское агентство; 한국인터넷진흥원, Straße \\ “ACMA” " * 4
    calendar = vobject.readOne(written("KISA", [ENTRY], name=name).decode())
    assert calendar.contents["x-wr-caldesc"][0].value == f"Due times of {name}"
    assert calendar.vevent.dtend.value - calendar.vevent.dtstart.value == timedelta(minutes=30)


def test_nothing_is_loaded_before_somebody_asks() -> None:
    program = (
        "import sys, bot.program, datetime; assert 'icalendar' not in sys.modules;"
        "from bot.calendar import written; written('FTC', []); assert 'icalendar' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)

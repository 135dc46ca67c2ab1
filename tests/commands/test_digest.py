"""Digests: what stands in them, where they come, when, and who may have them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from storage import outbox
from storage.session import transaction
from storage.tables import LetterKind
from storage.words import LetterId
from tests.busy import fortnight
from tests.dialogue import Dialogue


@pytest.fixture
def busy(talk: Dialogue) -> Dialogue:
    return fortnight(talk)


def _parts(block: str) -> dict[str, list[str]]:
    """The lines of each part by its heading."""
    found: dict[str, list[str]] = {}
    heading = ""
    for line in block.splitlines()[1:-1]:
        if line.startswith("  - "):
            found[heading].append(line[4:])
        else:
            heading = line.strip()
            found[heading] = []
    return found


def test_everything_in_its_order(busy: Dialogue) -> None:
    parts = _parts(busy.private("ana in direct: /digest preview"))
    assert list(parts) == [
        "FTC: outstanding at Mon 14 Dec 2026, 08:59 EST (New York)",
        "Overdue by us: 1",
        "Due this week: 1",
        "Overdue to us: 1",
        "Waiting for our clarification: 1",
        "Answers to close: 2",
        "Preservation lapsing: 1",
        "Silent partners: 1",
        "Closed since the last one: 1",
        "Due later: 1 by us, 1 to us.",
        "Answer times of the last quarter",
        "[picture: Open requests by partner and age]",
        next(line for line in parts if line.startswith("Ledger: ")),
    ]
    (by_us,), (to_us,) = parts["Overdue by us: 1"], parts["Overdue to us: 1"]
    assert by_us == (
        "R-7 KISA, 9 days over, due Fri 4 Dec 2026, 17:00 EST (New York) / Sat 5 Dec, 07:00 KST (Seoul), "
        "last word KISA sent it Tue 1 Dec 2026, 04:00 EST (New York): Overdue by us"
    )
    assert to_us.startswith("R-1 ACMA, 10 days over, due Fri 4 Dec 2026, 17:00 AEDT (Sydney)")
    assert to_us.endswith("last word ACMA acknowledged Tue 1 Dec 2026, 04:00 EST (New York): Overdue to us")
    assert parts["Due this week: 1"][0].startswith("R-8 KISA, 3 days left")
    assert "ICO asked for clarification" in parts["Waiting for our clarification: 1"][0]
    assert [line[:3] for line in parts["Answers to close: 2"]] == ["R-3", "R-5"]
    (lapsing,) = parts["Preservation lapsing: 1"]
    assert lapsing.startswith(
        "R-5 ICO, data kept until Mon 4 Jan 2027, 17:00 GMT (London) / 12:00 EST (New York), 21 days left"
    )
    assert [line[:3] for line in parts["Silent partners: 1"]] == ["R-2"]
    assert [line[:3] for line in parts["Closed since the last one: 1"]] == ["R-6"]
    assert parts["Answer times of the last quarter"] == ["ICO: median 2.0 days, 90th percentile 2.0 days, 3 answers"]
    assert parts["[picture: Open requests by partner and age]"] == [
        "KISA: 4 (1 to 2 weeks: 4)",
        "ICO: 3 (1 to 2 weeks: 3)",
        "ACMA: 1 (1 to 2 weeks: 1)",
    ]


def test_what_a_reply_said_last(busy: Dialogue) -> None:
    busy("bo in #acma thread R-1: We are looking.")
    (line,) = _parts(busy.private("ana in direct: /digest preview"))["Overdue to us: 1"]
    assert "last word ACMA replied Mon 14 Dec 2026, 08:59 EST (New York): Overdue to us" in line


def test_a_letter_that_was_given_up_is_named(busy: Dialogue) -> None:
    with transaction(busy.engine) as session:
        now = datetime(2026, 12, 14, 13, tzinfo=UTC)
        outbox.post(session, [{"kind": LetterKind.POST, "place": "local:ftc", "request_id": 1, "body": "{}"}], now)
        outbox.set_aside(session, outbox.by_id(session, LetterId(outbox.last(session))), "channel_not_found")
    (line,) = _parts(busy.private("ana in direct: /digest preview"))["Undelivered: 1"]
    assert line.endswith("to `local:ftc` about R-1: channel_not_found.")
    assert "Undelivered" not in busy.private("chin in direct: /digest preview")


def test_nothing_outstanding_is_said(talk: Dialogue) -> None:
    (said,) = talk.said("ana in #ftc: /digest now")
    assert said.startswith(
        "#ftc Comity: FTC: outstanding at Tue 1 Dec 2026, 04:00 EST (New York) / Nothing is outstanding. / Ledger: "
    )


def test_a_long_one_folds_into_a_thread(talk: Dialogue) -> None:
    talk("ana in #ftc: /case open Silent calls")
    for number in range(14):
        talk(f"ana in #ftc: /request send ACMA --case C-1 --due 2d Number {number}")
    talk("clock +8d")
    root, below, silent = talk("ana in #ftc: /digest now")[1:]
    assert "Silent partners: 14" in silent
    assert "Overdue to us: 14, the first 3" in root
    assert root.count("\n  - R-") == 6  # silent partners besides
    assert below.count("\n  - R-") == 14
    assert "Overdue to us: 14" in below


def test_of_red_ones_no_word(talk: Dialogue) -> None:
    talk("""
        ana in direct: /case open --marking red Quiet matter
        ana in direct: /request send ACMA --case C-1 --due 2d Secret words
        clock +7d
    """)
    shown = talk.private("ana in direct: /digest preview")
    assert "TLP:RED" in shown
    assert "R-1 [RED] 5 days over, due" in shown
    assert "Secret" not in shown


# Again and again


def test_it_comes_on_monday_morning_and_once_after_an_outage(talk: Dialogue) -> None:
    (said,) = talk.said("ada in #ftc: /digest subscribe")
    assert said == (
        "#ftc Comity: FTC's digest comes every week on Monday at 09:00 (New York): "
        "first Mon 7 Dec 2026, 09:00 EST (New York)."
    )
    assert talk.said("clock 2026-12-07T13:59Z") == []
    (said,) = talk.said("clock +1m")
    assert said.startswith("#ftc Comity: FTC: outstanding at Mon 7 Dec 2026, 09:00 EST (New York) / ")
    assert len(talk.said("clock +7d")) == 1
    assert talk.late("2027-01-06T12:00Z") == []  # nobody is woken for what is late
    (late,) = talk.said("clock 2027-01-06T14:00Z")
    assert late.startswith(
        "#ftc Comity: FTC: outstanding at Wed 6 Jan 2027, 09:00 EST (New York); "
        "late, it was for Mon 21 Dec 2026, 09:00 EST (New York) / Nothing is outstanding."
    )
    assert talk.said("clock 2027-01-11T13:59Z") == []
    assert len(talk.said("clock +1m")) == 1


def test_it_goes_where_the_desk_is(talk: Dialogue) -> None:
    talk("""
        ada in #ftc: /digest subscribe --every day --at 10:00
        operator: /agency desk FTC local:ftc2
    """)
    (said,) = talk.said("clock 2026-12-01T15:00Z")
    assert said.startswith("#ftc2 Comity: FTC: outstanding")


def test_where_others_read_the_desk_coordinators_have_it_directly(talk: Dialogue) -> None:
    talk("""
        ada in #ftc: /digest subscribe --every day --at 10:00
        operator: /agency desk KISA local:ftc --shared
    """)
    (said,) = talk.said("clock 2026-12-01T15:00Z")
    assert said.startswith("direct (to ada) Comity: FTC: outstanding")


def test_a_daily_one_comes_on_working_days(talk: Dialogue) -> None:
    talk("""
        clock 2026-12-23T20:00Z
        ada in #ftc: /digest subscribe --every day
    """)
    said = talk.said("clock 2026-12-29T00:00Z")
    assert [line.split(" / ")[0].split(" at ")[1] for line in said] == [
        "Thu 24 Dec 2026, 09:00 EST (New York)",
        "Mon 28 Dec 2026, 09:00 EST (New York)",
    ]


def test_what_was_closed_since_the_last_one(busy: Dialogue) -> None:
    busy("ada in #ftc: /digest now")
    busy("""
        clock +1m
        ana in #ftc: /request close R-3
    """)
    parts = _parts(busy.private("ana in direct: /digest preview"))
    assert [line[:3] for line in parts["Closed since the last one: 1"]] == ["R-3"]


def test_a_digest_for_all_is_no_agencys_last_one(busy: Dialogue) -> None:
    busy("""
        ada in #network: /digest subscribe --network --every day --at 09:00
        clock +1h
    """)
    parts = _parts(busy.private("ana in direct: /digest preview"))
    assert [line[:3] for line in parts["Closed since the last one: 1"]] == ["R-6"]


def test_a_preview_is_not_given(busy: Dialogue) -> None:
    first = busy.private("ana in direct: /digest preview")
    assert busy.private("ana in direct: /digest preview") == first
    assert busy.ledger("digest") == []


def test_subscribing_again_changes_it_and_what_was_closed_counts_from_the_last_one(busy: Dialogue) -> None:
    busy("""
        ada in #ftc: /digest subscribe --every day
        clock 2026-12-14T14:00Z
        clock +1h
        ada in #ftc: /digest subscribe --every day --at 11:00
        ana in #ftc: /request close R-3
    """)
    (digest,) = (line for line in busy.said("clock 2026-12-14T16:00Z") if "outstanding" in line)
    assert "Closed since the last one: 1 / - R-3" in digest


def test_it_comes_though_whoever_asked_for_it_is_no_officer_any_more(talk: Dialogue) -> None:
    talk("""
        ada in #ftc: /digest subscribe
        operator: /officer remove local:ada
    """)
    (said,) = talk.said("clock 2026-12-07T14:00Z")
    assert said.startswith("#ftc Comity: FTC: outstanding")
    assert [entry["subject"] for entry in talk.ledger("digest:given")] == ["FTC"]


def test_list_replace_and_stop(talk: Dialogue) -> None:
    assert "FTC has no digest yet" in talk.private("ana in direct: /digest list")
    talk("""
        ada in #ftc: /digest subscribe
        ada in #ftc: /digest subscribe --every month --on friday --at 14:30 --zone Europe/London
        ada in #network: /digest subscribe --network
    """)
    monthly, weekly = talk.private("ana in direct: /digest list").removeprefix("direct (to ana) Comity: ").splitlines()
    assert monthly == (
        "- Every month on its first Friday at 14:30 (London), at the desk, next Fri 4 Dec 2026, 14:30 GMT (London)."
    )
    assert weekly == (
        "  - Every week on Monday at 09:00 (New York), for all who read `local:network`, "
        "next Mon 7 Dec 2026, 09:00 EST (New York)."
    )
    assert talk.said("ada in #ftc: /digest stop") == ["#ftc Comity: The digest comes no more."]
    assert talk.told("ada in #ftc: /digest stop").startswith("There is no such digest.")
    assert [line[:8] for line in talk.said("clock +8d")] == ["#network"]


# The network's


def test_the_networks_shows_what_all_its_readers_may_see(talk: Dialogue) -> None:
    talk("""
        ana in #network: /case open --marking green Open to all
        ana in #network: /request send ACMA --case C-1 --marking green --due 2026-12-04 Not these words
        ana in #network: /request send ACMA --case C-1 --marking amber --due 2026-12-04 Narrower
        ana in #ftc: /case open --marking green Between two
        ana in #ftc: /request send ACMA --case C-2 --marking green --due 2026-12-04 Not all may see it
        ada in #network: /digest subscribe --network
    """)
    said = [line for line in talk.said("clock 2026-12-07T14:00Z") if line.startswith("#network")]
    (digest,) = [line for line in said if "The network: outstanding" in line]
    assert "R-1 FTC asks ACMA, sent, 3 days over, due Fri 4 Dec 2026, 17:00 AEDT (Sydney)" in digest
    assert "last word" not in digest
    assert "R-2" not in digest
    assert "R-3" not in digest
    assert "Not these words" not in digest


def test_who_leaves_the_place_ends_what_they_asked_for(talk: Dialogue) -> None:
    talk("""
        ada in #network: /digest subscribe --network
        operator: /agency desk FTC local:network
        operator: /agency desk FTC local:ftc
    """)
    assert [line for line in talk.said("clock +8d") if line.startswith("#network")] == []


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("ana in #ftc: /digest subscribe", "Only a coordinator"),
        ("ana in #ftc: /digest stop", "Only a coordinator"),
        ("zed in #ftc: /digest list", "Nobody has enrolled"),
        ("ada in #ftc: /digest subscribe --network", "stands where several agencies sit"),
        ("ada in #ftc: /digest subscribe --at noon", "noon is no time of day."),
        ("ada in #ftc: /digest subscribe --at 25:00", "25:00 is no time of day."),
        ("ada in #ftc: /digest subscribe --zone Mars", "There is no time zone"),
        ("ada in #ftc: /digest subscribe --every year", "year"),
        ("ada in #ftc: /digest subscribe --on someday", "someday"),
        ("ada in #ftc: /digest subscribe --every day --on friday", "comes on every working day, not on one weekday."),
        ("ada in #ftc: /digest subscribe daily", "is more than this command takes"),
        ("ada in direct: /digest subscribe --network", "stands where several agencies sit"),
        ("ada in #kisa: /digest subscribe --network", "stands where several agencies sit"),
        ("ana in #ftc: /digest now <script>", "is more than this command takes"),
        ("ada in #ftc: /digest stop", "There is no such digest."),
        ("ada in #network: /digest stop --network", "There is no such digest."),
    ],
)
def test_refused(talk: Dialogue, line: str, words: str) -> None:
    assert words in talk.told(line)
    assert talk.said("clock +8d") == []

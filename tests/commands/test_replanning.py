"""An agency's days or hours change while requests wait: what was planned moves, and nothing is said twice."""

from __future__ import annotations

import pytest

from tests.dialogue import Dialogue


@pytest.fixture
def sent(talk: Dialogue) -> Dialogue:
    """R-1 of FTC to ACMA, Tuesday evening in Sydney, acknowledged, due on Tuesday the 15th at 17:00."""
    talk("""
        ana in #ftc: /case open Silent calls
        ana in #ftc: /request send ACMA --case C-1 Who called?
        bo in #acma thread R-1: !ack
    """)
    return talk


def _stages(said: list[str]) -> list[str]:
    """The words of each message that say why it came."""
    return [line.split(" / ")[1].removeprefix("R-1 ").split(". ")[0] for line in said]


def test_what_the_agency_owes(sent: Dialogue) -> None:
    sent("bea in #acma: /agency hours ACMA 11:00-17:00")
    assert sent.said("clock 2026-12-10T23:59Z") == []
    assert _stages(sent.said("clock 2026-12-11T00:00Z")) == ["has a third of its time left"]


def test_what_was_said_is_not_said_again(sent: Dialogue) -> None:
    said = _stages(sent.said("clock 2026-12-14T06:00Z"))
    assert said == ["has a third of its time left", "has one working day left"]
    sent("bea in #acma: /agency closed ACMA 2026-12-14")
    assert _stages(sent.said("clock 2026-12-15T22:00Z")) == ["is due now", "is 1 working day overdue"]


def test_what_is_owed_to_the_agency(sent: Dialogue) -> None:
    """It hears in its own hours that the other one is late."""
    sent("ada in #ftc: /agency hours FTC 09:00-16:00")
    assert [line for line in sent.said("clock 2026-12-22T13:59Z") if line.startswith("#ftc")] == []
    (overdue,) = (line for line in sent.said("clock 2026-12-22T14:00Z") if line.startswith("#ftc"))
    assert "R-1 is 5 working days overdue" in overdue


def test_a_reminder_that_was_asked_for(sent: Dialogue) -> None:
    (promised,) = sent.said("ana in #ftc thread R-1: !remind")
    assert "will be reminded of R-1 when its hours begin: Wed 2 Dec 2026, 09:00 AEDT" in promised
    sent("bea in #acma: /agency closed ACMA 2026-12-02")
    assert sent.said("clock 2026-12-02T21:59Z") == []
    assert _stages(sent.said("clock 2026-12-02T22:00Z")) == ["is asked for again by FTC"]


def test_data_that_lapse(talk: Dialogue) -> None:
    talk("""
        ana in #ftc: /case open Silent calls
        ana in #ftc: /request send ACMA --case C-1 --kind preserve Keep the logs.
        bo in #acma thread R-1: !answer --kept-until 2027-02-05 We keep them.
        ada in #ftc: /agency closed FTC 2027-01-01..2027-01-10
    """)
    (lapsing,) = talk.said("clock 2027-01-11T14:00Z")
    assert "ACMA keeps the data for 25 more days" in lapsing
    assert "late" not in lapsing


def test_a_digest_of_every_day(talk: Dialogue) -> None:
    talk("""
        ada in #ftc: /digest subscribe --every day --at 09:00
        ada in #ftc: /agency closed FTC 2026-12-01..2026-12-03
    """)
    assert talk.said("clock 2026-12-04T13:59Z") == []
    (digest,) = talk.said("clock 2026-12-04T14:00Z")
    assert digest.startswith("#ftc Comity: FTC: outstanding at Fri 4 Dec 2026, 09:00 EST")


def test_a_snooze_ends_though_a_change_has_gone_before_it(sent: Dialogue) -> None:
    sent("""
        bea in #acma: /agency hours ACMA 09:00-16:00
        bo in #acma thread R-1: !snooze friday
    """)
    assert _stages(sent.said("clock 2026-12-03T22:00Z")) == ["was snoozed until now"]


def test_an_urgent_one_keeps_its_moments(talk: Dialogue) -> None:
    talk("""
        ana in #ftc: /case open Silent calls
        ana in #ftc: /request send ACMA --case C-1 --urgent --due 36h Block it.
        bo in #acma thread R-1: !ack
        bea in #acma: /agency closed ACMA 2026-12-02..2026-12-20
    """)
    said = _stages(talk.said("clock +36h"))
    assert said == ["has 12 hours left", "has a sixth of its time left", "is due now"]


def test_a_change_that_changes_nothing_says_nothing(sent: Dialogue) -> None:
    assert len(sent.said("clock 2026-12-14T06:00Z")) == 2
    for words in ("hours ACMA 09:00-17:00", "closed ACMA 2027-03-01", "closed ACMA 2027-03-01 --open"):
        sent(f"bea in #acma: /agency {words}")
    assert sent.said("clock +1h") == []

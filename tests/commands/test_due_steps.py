"""How a due time came about, as `/request show` says it: from the first sending to what both agreed."""

from __future__ import annotations

import pytest

from tests.dialogue import Dialogue

BOXING_DAYS = "Sat 26 Dec 2026 (Boxing Day); Mon 28 Dec 2026 (Boxing Day (observed))"
CHRISTMAS = "Fri 25 Dec 2026 is no working day there (Christmas Day)"
NEW_YEAR = "Fri 1 Jan 2027 (New Year's Day)"


@pytest.fixture
def case(talk: Dialogue) -> Dialogue:
    talk("ana in #ftc: /case open Silent calls")
    return talk


def how(case: Dialogue, reader: str = "ana") -> list[str]:
    shown = case.private(f"{reader} in direct: /request show R-1").splitlines()
    begin, end = shown.index("  How the due time came about"), shown.index("  What happened")
    return [line.removeprefix("  - ") for line in shown[begin + 1 : end]]


def test_a_length_that_the_writer_wanted_over_the_holidays(case: Dialogue) -> None:
    case('ana in #ftc: /request send ACMA --case C-1 --due "23 working days" Who called?')
    assert (
        how(case)
        == how(case, "bo")
        == [
            "23 working days, as the writer wanted, from Tue 1 Dec 2026, 04:00 (New York).",
            "Counted there, working days only, from the day after Tue 1 Dec 2026.",
            f"Not counted: 9 days of weekends; Fri 25 Dec 2026 (Christmas Day); {BOXING_DAYS}; {NEW_YEAR}.",
            "It ends with the hours there: Wed 6 Jan 2027, 17:00 (Sydney).",
        ]
    )


def test_three_days_because_it_is_urgent(case: Dialogue) -> None:
    case("ana in #ftc: /request send ACMA --case C-1 --urgent Who called?")
    assert how(case) == [
        "3 days, by default because it is urgent, from Tue 1 Dec 2026, 20:00 (Sydney).",
        "By the calendar, at the same time of day: Fri 4 Dec 2026, 20:00 (Sydney).",
    ]


def test_a_bare_date_on_a_day_off(case: Dialogue) -> None:
    case("ana in #ftc: /request send ACMA --case C-1 --due 2026-12-25 Who called?")
    assert how(case) == [
        "A date that the writer fixed: Fri 25 Dec 2026.",
        f"{CHRISTMAS}: moved to Tue 29 Dec 2026, past 1 day of weekends; {BOXING_DAYS}.",
        "It ends with the hours there: Tue 29 Dec 2026, 17:00 (Sydney).",
    ]


def test_a_time_that_the_clocks_skip(case: Dialogue) -> None:
    case('ana in #ftc: /request send ACMA --case C-1 --due "2027-10-03 02:30 Sydney" Who called?')
    assert how(case) == [
        "A date and a time that the writer fixed: Sun 3 Oct 2027, 02:30 (Sydney).",
        "The clocks go forward that day: 02:30 is skipped, 03:30 stands.",
    ]


def test_a_year_without_a_calendar(case: Dialogue) -> None:
    case("""
        operator: /agency add MIIT --country CN --zone Asia/Shanghai Ministry of Industry
        ana in #ftc: /request send MIIT --case C-1 --due "25 working days" Who called?
    """)
    steps = how(case)
    assert steps[-1] == "The public holidays of CN in 2027 are not known yet: only weekends were left out."


def test_an_agency_without_its_state(case: Dialogue) -> None:
    case("""
        operator: /agency add CRTC --country CA --zone America/Toronto Radio and Telecommunications
        ana in #ftc: /request send CRTC --case C-1 Who called?
    """)
    assert how(case)[-1] == "Only public holidays of the whole of CA are known here, none of a state or province."


def test_the_asking_side_moves_it(case: Dialogue) -> None:
    case("""
        ana in #ftc: /request send ACMA --case C-1 --due 2d Who called?
        ana in #ftc thread R-1: !extend --due 2026-12-19 Take your time.
    """)
    assert how(case) == [
        "2 days, as the writer wanted, from Tue 1 Dec 2026, 04:00 (New York).",
        "By the calendar, at the same time of day: Thu 3 Dec 2026, 04:00 (New York).",
        "FTC moved the due time.",
        "A date that the writer fixed: Sat 19 Dec 2026.",
        "Sat 19 Dec 2026 is no working day there (a weekend): moved to Mon 21 Dec 2026.",
        "It ends with the hours there: Mon 21 Dec 2026, 17:00 (Sydney).",
    ]


def test_what_both_agreed_keeps_how_it_was_counted_when_it_was_proposed(case: Dialogue) -> None:
    case("""
        ana in #ftc: /request send ACMA --case C-1 --due 2d Who called?
        bo in #acma thread R-1: !extend --due 2026-12-19 We are few.
    """)
    assert len(how(case)) == 2
    case("""
        bea in #acma: /agency closed ACMA 2026-12-21
        clock +1d
    """)
    said = case.news("ana in #ftc thread R-1: !agree")
    assert said[0].endswith(
        "New due time: Mon 21 Dec 2026, 17:00 AEDT (Sydney) / 01:00 EST (New York). Moved from Sat 19 Dec 2026,"
        " no working day there."
    )
    assert how(case)[2:] == [
        "ACMA asked for another due time, and FTC agreed.",
        "A date that the writer fixed: Sat 19 Dec 2026.",
        "Sat 19 Dec 2026 is no working day there (a weekend): moved to Mon 21 Dec 2026.",
        "It ends with the hours there: Mon 21 Dec 2026, 17:00 (Sydney).",
    ]
    assert "Note: Moved from Sat 19 Dec 2026, no working day there." in case.root("#acma", "R-1")


def test_a_refused_proposal_leaves_no_step(case: Dialogue) -> None:
    case("""
        ana in #ftc: /request send ACMA --case C-1 --due 2d Who called?
        bo in #acma thread R-1: !extend --due 2026-12-19 We are few.
        ana in #ftc thread R-1: !refuse
    """)
    assert len(how(case)) == 2


def test_the_others_on_the_case_do_not_read_it(case: Dialogue) -> None:
    case("""
        ana in #ftc: /case add KISA --case C-1
        ana in #ftc: /request send ACMA --case C-1 Who called?
    """)
    assert "came about" not in case.private("chin in direct: /request show R-1")

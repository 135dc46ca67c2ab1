"""While a request is clarified its clock stands; what `explain` says of the due time, and what `show` keeps of it."""

from __future__ import annotations

import pytest

from tests.dialogue import Dialogue


@pytest.fixture
def case(talk: Dialogue) -> Dialogue:
    talk("ana in #ftc: /case open Silent calls")
    return talk


def _explained(case: Dialogue, due: str, meanwhile: str = "+3d") -> str:
    """What the asked agency's thread hears when a question that was asked at once is answered."""
    case(f"""
        ana in #ftc: /request send ACMA --case C-1 {due} Who called?
        bo in #acma thread R-1: !clarify Which calls?
        clock {meanwhile}
    """)
    return next(
        line for line in case.said("ana in #ftc thread R-1: !explain All.") if line.startswith("#acma [R-1] Comity: ")
    )


def test_working_days_that_began_meanwhile_are_added(case: Dialogue) -> None:
    assert _explained(case, "") == (
        "#acma [R-1] Comity: ana (FTC) explained R-1. / The clock stood: 3 working days more. New due time: "
        "Fri 18 Dec 2026, 17:00 AEDT (Sydney) / 01:00 EST (New York). / > All."
    )
    root = case.root("#acma", "R-1")
    assert "Due: Fri 18 Dec 2026, 17:00 AEDT (Sydney) / 01:00 EST (New York); first due DUE" in root


def test_a_calendar_length_gains_the_time_and_moves_from_a_day_off(case: Dialogue) -> None:
    heard = _explained(case, "--due 2d")
    assert "The clock stood: 3 days more. New due time: Mon 7 Dec 2026, 20:00 AEDT (Sydney)" in heard
    shown = case.private("bo in direct: /request show R-1")
    assert "- Sun 6 Dec 2026 is no working day there (a weekend): moved to Mon 7 Dec 2026." in shown


def test_a_fixed_date_stays_and_explain_says_so(case: Dialogue) -> None:
    heard = _explained(case, "--due 2026-12-10")
    assert "It stays due Thu 10 Dec 2026, 17:00 AEDT (Sydney) / 01:00 EST (New York): a date that was fixed" in heard


def test_an_answer_on_the_same_day_costs_nobody_a_working_day(case: Dialogue) -> None:
    assert "It stays due DUE: no working day began meanwhile." in _explained(case, "", "+2h")


def test_a_second_question_adds_to_what_the_first_gave(case: Dialogue) -> None:
    _explained(case, "", "+1d")
    case("""
        bo in #acma thread R-1: !clarify And which days?
        clock +1d
        ana in #ftc thread R-1: !explain All.
    """)
    assert "Due: Thu 17 Dec 2026, 17:00 AEDT (Sydney)" in case.root("#acma", "R-1")
    shown = case.private("ana in direct: /request show R-1").splitlines()
    at, begin = "2026, 20:00 (Sydney)", shown.index("  How the due time came about")
    assert shown[begin + 1 : begin + 9] == [
        "  - 10 working days, by default, from Tue 1 Dec 2026, 20:00 (Sydney).",
        "  - The day itself is not counted, and then working days there only.",
        "  - Not counted: 4 days of weekends.",
        "  - It ends with the hours there: Tue 15 Dec 2026, 17:00 (Sydney).",
        f"  - The clock stood from Tue 1 Dec {at} to Wed 2 Dec {at}: 1 working day began meanwhile.",
        "  - Due now: Wed 16 Dec 2026, 17:00 (Sydney).",
        f"  - The clock stood from Wed 2 Dec {at} to Thu 3 Dec {at}: 1 working day began meanwhile.",
        "  - Due now: Thu 17 Dec 2026, 17:00 (Sydney).",
    ]


def test_nothing_is_overdue_while_the_clock_stands(case: Dialogue) -> None:
    case("""
        ana in #ftc: /request send ACMA --case C-1 Who called?
        bo in #acma thread R-1: !clarify Which calls?
    """)
    assert case.said("clock +60d") == []
    assert "overdue" not in case.private("bo in direct: /request list --owing")

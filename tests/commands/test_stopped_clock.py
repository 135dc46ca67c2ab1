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
    return _heard(case, "ana in #ftc thread R-1: !explain All.")


def _heard(case: Dialogue, line: str) -> str:
    return next(said for said in case.said(line) if said.startswith("#acma [R-1] Comity: "))


def _how(case: Dialogue) -> list[str]:
    """How the due time came about, as `show` has it."""
    shown = case.private("ana in direct: /request show R-1").splitlines()
    begin, end = shown.index("  How the due time came about"), shown.index("  What happened")
    return [line.removeprefix("  - ") for line in shown[begin + 1 : end]]


def test_working_days_that_began_meanwhile_are_added(case: Dialogue) -> None:
    assert _explained(case, "") == (
        "#acma [R-1] Comity: ana (FTC) explained R-1. / The clock stood: 3 working days more. New due time: "
        "Fri 18 Dec 2026, 17:00 AEDT (Sydney) / 01:00 EST (New York). / > All."
    )
    root = case.root("#acma", "R-1")
    assert "Due: Fri 18 Dec 2026, 17:00 AEDT (Sydney) / 01:00 EST (New York); first due DUE" in root
    assert case.ledger("request:explained")[0]["due"] == "2026-12-18T06:00:00+00:00"


def test_both_sides_hear_it(case: Dialogue) -> None:
    case("""
        ana in #ftc: /request send ACMA --case C-1 Who called?
        bo in #acma thread R-1: !clarify Which calls?
        clock +1d
    """)
    said = case.news("ana in #ftc thread R-1: !explain All.")
    assert [line.split(" Comity", 1)[0] for line in said if "New due time: Wed 16 Dec 2026, 17:00 AEDT" in line] == [
        "#ftc [R-1]", "#acma [R-1]"
    ]  # fmt: skip


def test_a_calendar_length_gains_the_time_moves_from_a_day_off_and_says_so(case: Dialogue) -> None:
    assert _explained(case, "--due 2d") == (
        "#acma [R-1] Comity: ana (FTC) explained R-1. / The clock stood: 3 days more. New due time: "
        "Mon 7 Dec 2026, 20:00 AEDT (Sydney) / 04:00 EST (New York). Moved from Sun 6 Dec 2026, no working day there."
        " / > All."
    )
    assert "Note: Moved from Sun 6 Dec 2026, no working day there." in case.root("#acma", "R-1")
    assert _how(case)[-3:] == [
        "The clock stood from Tue 1 Dec 2026, 20:00 (Sydney) to Fri 4 Dec 2026, 20:00 (Sydney): 3 days more.",
        "Sun 6 Dec 2026 is no working day there (a weekend): moved to Mon 7 Dec 2026.",
        "Due now: Mon 7 Dec 2026, 20:00 (Sydney).",
    ]


def test_hours_run_by_the_clock_into_a_weekend(case: Dialogue) -> None:
    heard = _explained(case, "--due 8h", "2026-12-04T19:30Z")
    assert "The clock stood: 3 days, 10 hours and 30 minutes more. New due time: Sat 5 Dec 2026, 14:30 AEDT" in heard


def test_a_fixed_date_stays_and_explain_says_so(case: Dialogue) -> None:
    heard = _explained(case, "--due 2026-12-10")
    assert heard == (
        "#acma [R-1] Comity: ana (FTC) explained R-1. / It stays due Thu 10 Dec 2026, 17:00 AEDT (Sydney) / 01:00 EST "
        "(New York): a date that was fixed does not move. / > All."
    )
    assert _how(case)[0] == "A date that the writer fixed: Thu 10 Dec 2026."


def test_an_answer_on_the_same_day_costs_nobody_a_working_day(case: Dialogue) -> None:
    assert "It stays due DUE: no working day began meanwhile." in _explained(case, "", "+2h")


def test_an_explanation_at_once_changes_nothing(case: Dialogue) -> None:
    heard = _explained(case, "--due 3d", "+0m")
    assert "It stays due Fri 4 Dec 2026, 20:00 AEDT (Sydney) / 04:00 EST (New York): no time passed" in heard


def test_a_night_and_a_weekend_are_no_working_days(case: Dialogue) -> None:
    case("""
        ana in #ftc: /request send ACMA --case C-1 Who called?
        clock 2026-12-04T05:30Z
        bo in #acma thread R-1: !clarify Which calls?
        clock 2026-12-06T21:59Z
    """)
    assert "It stays due DUE: no working day began" in _heard(case, "ana in #ftc thread R-1: !explain All.")
    case("""
        bo in #acma thread R-1: !clarify And when?
        clock 2026-12-06T22:00Z
    """)
    assert "The clock stood: 1 working day more." in _heard(case, "ana in #ftc thread R-1: !explain Always.")


def test_the_end_of_summer_time_costs_no_working_day(case: Dialogue) -> None:
    case("""
        clock 2027-04-01T09:00Z
        ana in #ftc: /request send ACMA --case C-1 Who called?
        clock 2027-04-02T07:00Z
        bo in #acma thread R-1: !clarify Which calls?
        clock 2027-04-04T22:30Z
    """)
    # the clocks went back on Sunday: on Monday it is 08:30, not 09:30
    assert "no working day began meanwhile" in _heard(case, "ana in #ftc thread R-1: !explain All.")


def test_a_second_question_adds_to_what_the_first_gave(case: Dialogue) -> None:
    _explained(case, "", "+1d")
    case("""
        bo in #acma thread R-1: !clarify And which days?
        clock +1d
        ana in #ftc thread R-1: !explain All.
    """)
    assert "Due: Thu 17 Dec 2026, 17:00 AEDT (Sydney)" in case.root("#acma", "R-1")
    at = "2026, 20:00 (Sydney)"
    assert _how(case) == [
        "10 working days, by default, from Tue 1 Dec 2026, 20:00 (Sydney).",
        "Counted there, working days only, from the day after Tue 1 Dec 2026.",
        "Not counted: 4 days of weekends.",
        "It ends with the hours there: Tue 15 Dec 2026, 17:00 (Sydney).",
        f"The clock stood from Tue 1 Dec {at} to Wed 2 Dec {at}: 1 working day began meanwhile.",
        "Due now: Wed 16 Dec 2026, 17:00 (Sydney).",
        f"The clock stood from Wed 2 Dec {at} to Thu 3 Dec {at}: 1 working day began meanwhile.",
        "Due now: Thu 17 Dec 2026, 17:00 (Sydney).",
    ]


def test_a_question_after_the_due_time_leaves_it_as_late_as_it_was(case: Dialogue) -> None:
    case("""
        ana in #ftc: /request send ACMA --case C-1 --due 1wd Who called?
        clock 2026-12-04T01:00Z
        bo in #acma thread R-1: !clarify Which calls?
        clock 2026-12-09T01:00Z
        ana in #ftc thread R-1: !explain All.
    """)
    # due on Wednesday, asked on Friday, explained on Wednesday: three working days began meanwhile
    assert "Due: Mon 7 Dec 2026, 17:00 AEDT (Sydney)" in case.root("#acma", "R-1")
    assert "overdue" in case.private("bo in direct: /request list --owing")


def test_closing_days_do_not_begin(case: Dialogue) -> None:
    case("bea in #acma: /agency closed ACMA 2026-12-02..2026-12-03 Moving house")
    assert "The clock stood: 1 working day more. New due time: Fri 18 Dec 2026, 17:00 AEDT" in _explained(case, "")


def test_what_was_moved_while_the_clock_stood_gains_what_came_after_only(case: Dialogue) -> None:
    case("""
        ana in #ftc: /request send ACMA --case C-1 Who called?
        bo in #acma thread R-1: !clarify Which calls?
        clock 2026-12-10T09:00Z
        ana in #ftc thread R-1: !extend --due "10 working days"
        clock 2026-12-11T09:00Z
    """)
    assert "The clock stood: 1 working day more. New due time: Tue 29 Dec 2026, 17:00 AEDT" in _heard(
        case, "ana in #ftc thread R-1: !explain All."
    )
    assert "FTC moved the due time." in _how(case)


def test_a_proposal_that_is_no_later_any_more_lapses(case: Dialogue) -> None:
    case("""
        ana in #ftc: /request send ACMA --case C-1 Who called?
        bo in #acma thread R-1: !clarify Which calls?
        bo in #acma thread R-1: !extend --due 2026-12-17
        clock +3d
    """)
    assert _heard(case, "ana in #ftc thread R-1: !explain All.").endswith(
        "New due time: Fri 18 Dec 2026, 17:00 AEDT (Sydney) / 01:00 EST (New York). / The due time that ACMA asked for,"
        " Thu 17 Dec 2026, 17:00 AEDT (Sydney) / 01:00 EST (New York), is no later: it lapses. / > All."
    )
    assert "the step agree is not open to FTC now" in case.told("ana in #ftc thread R-1: !agree")


@pytest.mark.parametrize("step", ["answer Nobody.", "decline --reason not-held"])
def test_an_answer_without_an_explanation_ends_the_clarifying_too(case: Dialogue, step: str) -> None:
    case("""
        ana in #ftc: /request send ACMA --case C-1 Who called?
        bo in #acma thread R-1: !clarify Which calls?
        clock 2026-12-14T09:00Z
    """)
    heard = _heard(case, f"bo in #acma thread R-1: !{step}")
    assert "The clock stood: 9 working days more. New due time: Wed 30 Dec 2026, 17:00 AEDT" in heard
    case("""
        clock 2026-12-16T09:00Z
        ana in #ftc thread R-1: !reopen Which of them?
    """)
    assert "overdue" not in case.private("bo in direct: /request list --owing")


def test_a_part_of_the_answer_does_not_let_the_clock_go_on(case: Dialogue) -> None:
    case("""
        ana in #ftc: /request send ACMA --case C-1 Who called?
        bo in #acma thread R-1: !clarify Which calls?
        clock +1d
        bo in #acma thread R-1: !answer --partial Not us.
        clock +1d
    """)
    assert "The clock stood: 2 working days more." in _heard(case, "ana in #ftc thread R-1: !explain All.")


def test_what_is_withdrawn_has_no_clock_any_more(case: Dialogue) -> None:
    case("""
        ana in #ftc: /request send ACMA --case C-1 Who called?
        bo in #acma thread R-1: !clarify Which calls?
        clock +3d
        ana in #ftc thread R-1: !withdraw
    """)
    assert "Due: DUE" in case.root("#acma", "R-1")


def test_an_answer_on_the_same_day_says_nothing_of_the_clock(case: Dialogue) -> None:
    case("""
        ana in #ftc: /request send ACMA --case C-1 Who called?
        bo in #acma thread R-1: !clarify Which calls?
    """)
    assert _heard(case, "bo in #acma thread R-1: !answer Nobody.") == (
        "#acma [R-1] Comity: bo (ACMA) answered R-1. / > Nobody."
    )


def test_nothing_is_overdue_while_the_clock_stands(case: Dialogue) -> None:
    case("""
        ana in #ftc: /request send ACMA --case C-1 Who called?
        bo in #acma thread R-1: !clarify Which calls?
    """)
    assert case.said("clock +60d") == []
    assert "overdue" not in case.private("bo in direct: /request list --owing")


@pytest.mark.parametrize("line", ["bo in #acma thread R-1: !explain All.", "chin in #kisa: /request explain R-1 All."])
def test_who_may_not_explain_moves_no_clock(case: Dialogue, line: str) -> None:
    case("""
        ana in #ftc: /request send ACMA --case C-1 Who called?
        bo in #acma thread R-1: !clarify Which calls?
        clock +3d
    """)
    case.told(line)
    assert "Due: DUE" in case.root("#acma", "R-1")
    assert len(_how(case)) == 4


def test_an_explanation_that_nobody_asked_for_moves_nothing(case: Dialogue) -> None:
    case("ana in #ftc: /request send ACMA --case C-1 Who called?")
    assert "the step explain is not open to FTC now" in case.told("ana in #ftc thread R-1: !explain All.")
    assert len(_how(case)) == 4

"""Hours and closing days of an agency: who says them, and what follows from them."""

from __future__ import annotations

import pytest

from tests.dialogue import Dialogue


def test_a_closed_week_is_not_counted_and_the_request_says_so(talk: Dialogue) -> None:
    assert talk.said("bea in #acma: /agency closed ACMA 2026-12-07..2026-12-11 Moving house") == [
        "#acma Comity: ACMA is closed Mon 7 Dec 2026 to Fri 11 Dec 2026: Moving house. That is 5 working days less."
    ]
    talk("""
        ana in #ftc: /case open Silent calls
        ana in #ftc: /request send ACMA --case C-1 Who called?
    """)
    assert "Due: Tue 22 Dec 2026, 17:00 AEDT (Sydney)" in talk.root("#acma", "R-1")
    shown = talk.private("ana in direct: /request show R-1").splitlines()
    begin = shown.index("  How the due time came about")
    assert shown[begin + 1 : begin + 5] == [
        "  - 10 working days, by default, from Tue 1 Dec 2026, 20:00 (Sydney).",
        "  - Counted there, working days only, from the day after Tue 1 Dec 2026.",
        "  - Not counted: 6 days of weekends; 5 days from Mon 7 Dec 2026 to Fri 11 Dec 2026 (closed: Moving house).",
        "  - It ends with the hours there: Tue 22 Dec 2026, 17:00 (Sydney).",
    ]


def test_due_times_end_with_the_hours_and_reminders_come_within_them(talk: Dialogue) -> None:
    assert talk.said("bea in #acma: /agency hours ACMA 08:30-16:15") == [
        "#acma Comity: ACMA works from 08:30 to 16:15. Due times that stand, stay."
    ]
    talk("""
        ana in #ftc: /case open Silent calls
        ana in #ftc: /request send ACMA --case C-1 Who called?
    """)
    assert "Due: Tue 15 Dec 2026, 16:15 AEDT (Sydney)" in talk.root("#acma", "R-1")
    assert talk.said("clock 2026-12-02T21:29Z") == []
    assert len(talk.said("clock +1m")) == 1


def test_what_was_told_stands_and_what_falls_on_closed_days_is_counted(talk: Dialogue) -> None:
    talk("""
        ana in #ftc: /case open Silent calls
        ana in #ftc: /request send ACMA --case C-1 Who called?
    """)
    (said,) = talk.said("bea in #acma: /agency closed ACMA 2026-12-15")
    assert said == (
        "#acma Comity: ACMA is closed Tue 15 Dec 2026. That is 1 working day less. / 1 open request is due then: R-1."
        " Due times that stand, stay: `/request extend R-1 --due WHEN` asks for more time."
    )
    assert "Due: DUE" in talk.said("ana in #ftc thread R-1: !ref 4711")[-1]
    reminders = talk.said("clock 2026-12-17T00:00Z")
    assert "R-1 is due now" not in str(reminders)  # on the next day, when it is a day overdue as well
    assert "R-1 is 1 working day overdue" in reminders[-2]


def test_a_closing_is_taken_back_for_some_of_its_days(talk: Dialogue) -> None:
    talk("""
        bea in #acma: /agency closed ACMA 2026-12-07..2026-12-11 Moving house
        bea in #acma: /agency closed ACMA 2026-12-10..2026-12-14
    """)
    assert talk.said("bea in #acma: /agency closed ACMA 2026-12-09 --open") == [
        "#acma Comity: ACMA is no longer closed Wed 9 Dec 2026. That is 1 working day more."
    ]
    shown = talk.private("ana in direct: /agency show ACMA")
    assert "Hours: 09:00 to 17:00" in shown
    assert "Closed: Mon 7 Dec 2026 to Tue 8 Dec 2026 (Moving house); Thu 10 Dec 2026 to Mon 14 Dec 2026\n" in shown
    talk("clock 2026-12-10T00:00Z")
    assert "Closed: Thu 10 Dec 2026 to Mon 14 Dec 2026" in talk.private("ana in direct: /agency show ACMA")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("bo in #acma: /agency hours ACMA 08:30-16:30", "Only a coordinator"),
        ("bo in #acma: /agency closed ACMA 2026-12-24", "Only a coordinator"),
        ("bea in #acma: /agency hours KISA 08:30-16:30", "Only KISA's own coordinators, or the operator"),
        ("bea in #acma: /agency closed KISA 2026-12-24", "Only KISA's own coordinators, or the operator"),
        ("bea in #acma: /agency closed CRTC 2026-12-24", "CRTC"),
        ("bea in #acma: /agency hours ACMA 17:00-09:00", "17:00-09:00 are no hours."),
        ("bea in #acma: /agency hours ACMA 25:00-26:00", "25:00-26:00 are no hours."),
        ("bea in #acma: /agency hours ACMA nine-to-five", "nine-to-five are no hours."),
        ("bea in #acma: /agency closed ACMA 24.12.2026", "cannot be read as days."),
        ("bea in #acma: /agency closed ACMA 2026-02-30", "cannot be read as days."),
        ("bea in #acma: /agency closed ACMA 2026-12-11..2026-12-01", "2026-12-01 is before 2026-12-11."),
        ("bea in #acma: /agency closed ACMA 2026-11-30", "Those days are past."),
        ("bea in #acma: /agency closed ACMA 2026-12-24..2027-12-25", "That is too long or too far away."),
        ("bea in #acma: /agency closed ACMA 2030-01-01", "That is too long or too far away."),
        ("bea in #acma: /agency closed ACMA 2026-12-24 .. 2027-01-03", "Is that one day, or several?"),
        ("bea in #acma: /agency closed ACMA 2026-12-24 to 2027-01-03 Moving house", "Is that one day, or several?"),
        ("bea in #acma: /agency closed ACMA 2026-12-24 2026-12-31", "Is that one day, or several?"),
        ("bea in #acma: /agency hours ACMA 09:00 - 17:00", "“-” is more than this command takes."),
        ("bea in #acma: /agency hours ACMA 09:00-09:00", "09:00-09:00 are no hours."),
        ("bea in #acma: /agency closed ACMA 2026-12-24 --open", "ACMA is not closed then."),
        ("bea in #acma: /agency closed ACMA", "Days? Write it here"),
        ("zed in #acma: /agency closed ACMA 2026-12-24", "Nobody has enrolled"),
    ],
)
def test_refused(talk: Dialogue, line: str, words: str) -> None:
    assert words in talk.told(line)
    shown = talk.private("ana in direct: /agency show ACMA")
    assert "Closed:" not in shown
    assert "Hours: 09:00 to 17:00" in shown


def test_what_an_agency_owes_is_not_told_to_all_who_sit_in_a_place(talk: Dialogue) -> None:
    talk("""
        ana in #ftc: /case open Silent calls
        ana in #ftc: /request send ACMA --case C-1 Who called?
        ana in #ftc: /request send ACMA --case C-1 Who paid?
        ana in #ftc: /request send ACMA --case C-1 --due 2026-12-20 Who knew?
        bo in #acma thread R-2: !answer Nobody.
    """)
    room, private = talk.said("bea in #network: /agency closed ACMA 2026-12-14..2026-12-21")
    assert room == ("#network Comity: ACMA is closed Mon 14 Dec 2026 to Mon 21 Dec 2026. That is 6 working days less.")
    assert private.startswith("#network (to bea) Comity: 2 open requests are due then: R-1, R-3. Due times that stand")
    assert "2 open requests are due then: R-1, R-3." in talk.told(
        "bea in direct: /agency closed ACMA 2026-12-15..2026-12-21"
    )


def test_what_is_due_on_other_days_is_not_counted(talk: Dialogue) -> None:
    talk("""
        ana in #ftc: /case open Silent calls
        ana in #ftc: /request send ACMA --case C-1 --due "2026-12-14 18:00" Who called?
    """)
    # in Sydney that is the 15th already, which counts, though it is the 14th in New York
    assert "due then" not in talk.answer("bea in #acma: /agency closed ACMA 2026-12-14")
    assert "1 open request is due then: R-1." in talk.answer("bea in #acma: /agency closed ACMA 2026-12-15")
    assert "due then" not in talk.answer("bea in #acma: /agency closed ACMA 2026-12-15 --open")


def test_weekends_and_public_holidays_are_no_days_less(talk: Dialogue) -> None:
    talk("bea in #acma: /agency closed ACMA 2026-12-24..2027-01-03 Moving house")
    # Christmas, Boxing Day with its Monday, New Year's Day and three days of weekends were off before
    assert "4 working days less" in talk.answer("bea in #acma: /agency closed ACMA 2026-12-24..2027-01-03 Moving")
    assert talk.said("bea in #acma: /agency closed ACMA 2026-12-25..2026-12-28 --open") == [
        "#acma Comity: ACMA is no longer closed Fri 25 Dec 2026 to Mon 28 Dec 2026. That is 0 working days more."
    ]
    shown = talk.private("ana in direct: /agency show ACMA")
    assert "Closed: Thu 24 Dec 2026 (Moving); Tue 29 Dec 2026 to Sun 3 Jan 2027 (Moving)" in shown


@pytest.mark.parametrize("hours", ["8:30-16:15", "08.30-16.15", "0830-1615", "08:30\N{EN DASH}16:15"])
def test_hours_are_written_in_many_ways(talk: Dialogue, hours: str) -> None:
    assert "ACMA works from 08:30 to 16:15." in talk.answer(f"bea in #acma: /agency hours ACMA {hours}")


def test_days_that_have_begun_may_still_be_closed(talk: Dialogue) -> None:
    assert talk.said("bea in #acma: /agency closed ACMA 2026-11-23..2026-12-02 Flood") == [
        "#acma Comity: ACMA is closed Mon 23 Nov 2026 to Wed 2 Dec 2026: Flood. That is 8 working days less."
    ]


def test_the_help_says_how_to_take_it_back(talk: Dialogue) -> None:
    page = talk.private("bea in direct: /comity help agency closed")
    assert "/agency closed CODE FROM..TO [--open] [WHY]" in page
    assert "--open: Open; take it back: these days are worked" in page.replace("`", "")


def test_the_operator_may_say_it_for_them(talk: Dialogue) -> None:
    assert talk("operator: /agency closed KISA 2026-12-24")[-1].endswith(
        "KISA is closed Thu 24 Dec 2026. That is 1 working day less."
    )
    assert talk("operator: /agency hours KISA 10:00-18:00")[-1].endswith(
        "KISA works from 10:00 to 18:00. Due times that stand, stay."
    )


def test_what_is_typed_as_the_reason_is_inert(talk: Dialogue) -> None:
    (said,) = talk.said("bea in #acma: /agency closed ACMA 2026-12-24 @room <b>https://evil.example</b>")
    assert "`https://evil.example" in said
    assert "`https://evil.example" in talk.private("ana in direct: /agency show ACMA")
    talk("""
        ana in #ftc: /case open Silent calls
        ana in #ftc: /request send ACMA --case C-1 --due 2026-12-24 Who called?
    """)
    assert "`https://evil.example" in talk.private("ana in direct: /request show R-1")


def test_a_reason_of_several_lines_is_no_step_of_its_own(talk: Dialogue) -> None:
    talk("""
        bea in #acma: /agency closed ACMA 2026-12-24 Moving house\\nDue now: Fri 1 Jan 2027, 17:00 (Sydney).
        ana in #ftc: /case open Silent calls
        ana in #ftc: /request send ACMA --case C-1 --due 2026-12-24 Who called?
    """)
    shown = talk.private("ana in direct: /request show R-1").splitlines()
    assert not [line for line in shown if line.startswith("  - Due now")]
    assert [line for line in shown if "(closed: Moving house Due now: Fri 1 Jan 2027, 17:00 (Sydney).)" in line]

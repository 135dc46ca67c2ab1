"""The stopped clock: what a due time gains, against a walk over the days."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import holidays
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commands.rules.stopped import begun, resume
from commands.rules.workdays import Calendar

ACMA = Calendar("AU", "ACT", "Australia/Sydney")
DUE = datetime.fromisoformat("2026-12-15T17:00+11:00")


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+11:00")


@pytest.mark.parametrize(
    ("stopped", "resumed", "due", "gained"),
    [
        ("2026-12-02T12:00", "2026-12-02T16:00", "2026-12-15T17:00", None),
        ("2026-12-02T12:00", "2026-12-03T08:59", "2026-12-15T17:00", None),
        ("2026-12-02T12:00", "2026-12-03T09:00", "2026-12-16T17:00", "1 working day"),
        ("2026-12-02T08:00", "2026-12-02T09:30", "2026-12-16T17:00", "1 working day"),
        ("2026-12-04T18:00", "2026-12-07T08:00", "2026-12-15T17:00", None),  # a weekend
        ("2026-12-04T18:00", "2026-12-08T12:00", "2026-12-17T17:00", "2 working days"),
        ("2026-12-17T12:00", "2026-12-22T12:00", "2026-12-18T17:00", "3 working days"),  # after it was due
        ("2026-12-10T12:00", "2027-01-04T12:00", "2027-01-07T17:00", "14 working days"),  # over Christmas
    ],
)
def test_working_days_that_began_meanwhile(stopped: str, resumed: str, due: str, gained: str | None) -> None:
    found = resume(DUE, "10 working days", at(stopped), at(resumed), ACMA)
    assert (found.at, found.gained) == (at(due), gained)


@pytest.mark.parametrize(
    ("spec", "resumed", "due", "gained"),
    [
        ("8 hours", "2026-12-02T13:05", "2026-12-15T18:05", "1 hour and 5 minutes"),
        ("3 days", "2026-12-02T13:05", "2026-12-15T18:05", "1 hour and 5 minutes"),
        ("3 days", "2026-12-06T12:00", "2026-12-21T17:00", "4 days"),  # the 19th is a Saturday
        ("1 month", "2026-12-14T12:00", "2026-12-29T17:00", "12 days"),  # the 27th a Sunday, the 28th Boxing Day's
        ("2 weeks", "2026-12-02T12:00", "2026-12-15T17:00", None),
    ],
)
def test_other_lengths_gain_the_time_that_passed(spec: str, resumed: str, due: str, gained: str | None) -> None:
    found = resume(DUE, spec, at("2026-12-02T12:00"), at(resumed), ACMA)
    assert (found.at, found.gained) == (at(due), gained)


def test_a_date_that_was_fixed_does_not_move() -> None:
    found = resume(DUE, None, at("2026-12-02T12:00"), at("2026-12-09T12:00"), ACMA)
    assert (found.at, found.gained, found.stays) == (DUE, None, "a date that was fixed does not move")
    (step,) = found.steps
    assert step == (
        "The clock stood from Wed 2 Dec 2026, 12:00 (Sydney) to Wed 9 Dec 2026, 12:00 (Sydney): "
        "a date that was fixed does not move."
    )


def test_how_it_came_about() -> None:
    stood = "The clock stood from Wed 9 Dec 2026, 12:00 (Sydney) to Thu 17 Dec 2026, 12:00 (Sydney)"
    assert resume(DUE, "10 working days", at("2026-12-09T12:00"), at("2026-12-17T12:00"), ACMA).steps == (
        f"{stood}: 6 working days began meanwhile.",
        "Not counted: 2 days of weekends.",
        "Due now: Wed 23 Dec 2026, 17:00 (Sydney).",
    )


ZONES = {"AU": "Australia/Sydney", "CL": "America/Santiago", "GB": "Europe/London", "IL": "Asia/Jerusalem"}


@given(
    st.sampled_from(sorted(ZONES)),
    st.integers(0, 3 * 365 * 96).map(lambda n: datetime(2025, 1, 1, tzinfo=UTC) + n * timedelta(minutes=15)),
    st.timedeltas(timedelta(), timedelta(days=40)),
)
@settings(max_examples=200, deadline=None)
def test_days_that_began_are_those_whose_opening_was_passed(country: str, stopped: datetime, stood: timedelta) -> None:
    cal, zone = Calendar(country, None, ZONES[country]), ZoneInfo(ZONES[country])
    known, number = holidays.country_holidays(country, years=range(2024, 2030)), 0
    day = stopped.astimezone(zone).date() - timedelta(days=2)
    for _ in range(50):
        day += timedelta(days=1)
        opening = datetime.combine(day, cal.opens, zone).astimezone(UTC)
        number += known.is_working_day(day) and stopped < opening <= stopped + stood
    assert begun(cal, stopped, stopped + stood) == number


def test_a_second_half_of_a_doubled_hour_stays_the_second() -> None:
    """Due at 02:30 in winter time, where it was 02:30 in summer time an hour before."""
    due = datetime(2027, 4, 3, 15, 30, tzinfo=UTC)
    always = Calendar("AU", "ACT", "Australia/Sydney", frozenset({5}))
    found = resume(due, "3 days", due - timedelta(days=2), due - timedelta(days=1), always)
    assert found.at == due + timedelta(days=1)
    found = resume(due, "3 days", due - timedelta(hours=3), due - timedelta(hours=2), always)
    assert found.at == due + timedelta(hours=1)
    found = resume(due - timedelta(hours=1), "3 days", due - timedelta(hours=3), due - timedelta(hours=2), always)
    assert found.at == due


def test_a_day_off_whose_wall_time_the_clocks_skip_next_morning() -> None:
    """Moved from Saturday 02:30 to Sunday 02:30, which is 03:30; Sunday is worked here."""
    always = Calendar("AU", "ACT", "Australia/Sydney", frozenset({5}))
    due = datetime(2027, 9, 30, 16, 30, tzinfo=UTC)  # Friday, 02:30
    found = resume(due, "3 days", due - timedelta(days=2), due - timedelta(days=1), always)
    assert found.at == datetime(2027, 10, 2, 16, 30, tzinfo=UTC)
    assert found.steps[1:] == (
        "Sat 2 Oct 2027 is no working day there (a weekend): moved to Sun 3 Oct 2027.",
        "The clocks go forward that day: 02:30 is skipped, 03:30 stands.",
        "Due now: Sun 3 Oct 2027, 03:30 (Sydney).",
    )


def test_a_year_that_nobody_knows_is_said() -> None:
    sri_lanka = Calendar("LK", None, "Asia/Colombo")
    due = datetime(2026, 12, 29, 11, 30, tzinfo=UTC)
    found = resume(due, "10 working days", due - timedelta(days=10), due - timedelta(days=1), sri_lanka)
    assert found.uncovered == 2027
    assert "The public holidays of LK in 2027 are not known yet: only weekends were left out." in found.steps

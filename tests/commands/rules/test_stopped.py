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
        ("2026-12-02T12:00", "2026-12-02T16:00", "2026-12-15T17:00", "0 working days"),
        ("2026-12-02T12:00", "2026-12-03T08:59", "2026-12-15T17:00", "0 working days"),
        ("2026-12-02T12:00", "2026-12-03T09:00", "2026-12-16T17:00", "1 working day"),
        ("2026-12-02T08:00", "2026-12-02T09:30", "2026-12-16T17:00", "1 working day"),
        ("2026-12-04T18:00", "2026-12-07T08:00", "2026-12-15T17:00", "0 working days"),  # a weekend
        ("2026-12-04T18:00", "2026-12-08T12:00", "2026-12-17T17:00", "2 working days"),
        ("2026-12-17T12:00", "2026-12-22T12:00", "2026-12-18T17:00", "3 working days"),  # after it was due
        ("2026-12-10T12:00", "2027-01-04T12:00", "2027-01-07T17:00", "14 working days"),  # over Christmas
    ],
)
def test_working_days_that_began_meanwhile(stopped: str, resumed: str, due: str, gained: str) -> None:
    found = resume(DUE, "10 working days", at(stopped), at(resumed), ACMA)
    assert (found.at, found.gained) == (at(due), gained)


@pytest.mark.parametrize(
    ("spec", "resumed", "due", "gained"),
    [
        ("8 hours", "2026-12-02T13:05", "2026-12-15T18:05", "1 hour and 5 minutes"),
        ("3 days", "2026-12-02T13:05", "2026-12-15T18:05", "1 hour and 5 minutes"),
        ("3 days", "2026-12-06T12:00", "2026-12-21T17:00", "4 days"),  # the 19th is a Saturday
        ("1 month", "2026-12-14T12:00", "2026-12-29T17:00", "12 days"),  # the 27th a Sunday, the 28th Boxing Day's
        ("2 weeks", "2026-12-02T12:00", "2026-12-15T17:00", "1 minute"),
    ],
)
def test_other_lengths_gain_the_time_that_passed(spec: str, resumed: str, due: str, gained: str) -> None:
    found = resume(DUE, spec, at("2026-12-02T12:00"), at(resumed), ACMA)
    assert (found.at, found.gained) == (at(due), gained)


def test_a_date_that_was_fixed_does_not_move() -> None:
    found = resume(DUE, None, at("2026-12-02T12:00"), at("2026-12-09T12:00"), ACMA)
    assert (found.at, found.gained) == (DUE, None)
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

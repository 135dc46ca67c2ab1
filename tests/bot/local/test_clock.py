"""The clock goes forwards, by lengths and to instants, and from where it was left."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.local.clock import ClockError, RunningClock, moved

NINE = datetime(2026, 12, 1, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("how", "then"),
    [
        ("+3d", NINE + timedelta(days=3)),
        ("+2h", NINE + timedelta(hours=2)),
        ("+30m", NINE + timedelta(minutes=30)),
        ("2026-12-01T09:00Z", NINE),
        ("2026-12-01T20:30+11:00", NINE + timedelta(minutes=30)),
    ],
)
def test_the_clock_is_moved_by_a_length_or_to_an_instant(how: str, then: datetime) -> None:
    assert moved(NINE, how) == then
    assert moved(NINE, how).tzinfo is UTC


@pytest.mark.parametrize("how", ["", "3d", "+3w", "+-1d", "2026-12-01", "2026-12-01T08:59Z", "9999-12-31T23:59-12:00"])
def test_what_is_no_move_says_what_can_be_written(how: str) -> None:
    with pytest.raises(ClockError, match=r"write \+3d|is UTC|forwards only"):
        moved(NINE, how)


def test_a_running_clock_stays_ahead_by_as_much_as_it_was_moved() -> None:
    real = [NINE]
    clock = RunningClock(lambda: real[0], not_before=NINE + timedelta(hours=1))
    assert clock.now() == NINE + timedelta(hours=1)
    assert clock.move("+1d") == NINE + timedelta(days=1, hours=1)
    real[0] += timedelta(minutes=5)
    assert clock.now() == NINE + timedelta(days=1, hours=1, minutes=5)
    assert RunningClock(lambda: real[0], not_before=NINE).now() == real[0]

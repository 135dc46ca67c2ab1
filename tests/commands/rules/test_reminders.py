"""Which reminders come when: the issue's table, and what holds whatever the calendar."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import holidays
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commands.rules import reminders
from commands.rules.reminders import Audience, Facts, Reminder, Stage
from commands.rules.workdays import Calendar
from storage.words import RUNNING_STATES, State

ACMA, FTC = Calendar("AU", "ACT", "Australia/Sydney"), Calendar("US", None, "America/New_York")
ZONES = {
    "AU": "Australia/Sydney", "BR": "America/Sao_Paulo", "IL": "Asia/Jerusalem", "JP": "Asia/Tokyo",
    "KR": "Asia/Seoul", "NL": "Europe/Amsterdam", "NZ": "Pacific/Auckland", "US": "America/New_York",
}  # fmt: skip
FAR = datetime(2030, 1, 1, tzinfo=UTC)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


SENT = at("2026-12-01T20:00+11:00")  # a Tuesday evening in Sydney
PLAIN = Facts(State.SENT, False, SENT, at("2026-12-15T17:00+11:00"), None, ACMA, FTC)  # not urgent


def _shown(facts: Facts, audience: Audience, until: str) -> list[str]:
    found = reminders.between(facts, audience, facts.sent_at, at(until))
    zone = ZoneInfo((facts.asking if audience is Audience.ASKING else facts.asked).zone)
    return [f"{one.at.astimezone(zone):%a %d %b %H:%M} {one.stage}{one.days or ''}" for one in found]


def test_at_the_desk() -> None:
    assert _shown(PLAIN, Audience.DESK, "2027-01-20T00:00+11:00") == [
        "Thu 03 Dec 09:00 unacknowledged",  # the evening of the next working day is outside the hours
        "Fri 11 Dec 09:00 a third is left",
        "Mon 14 Dec 17:00 a working day is left",
        "Tue 15 Dec 17:00 due",
        "Wed 16 Dec 09:00 overdue1",
        "Fri 18 Dec 09:00 overdue3",
        "Thu 24 Dec 09:00 overdue7",
        "Thu 07 Jan 09:00 overdue14",  # Christmas, Boxing Day's substitute and New Year's Day are not counted
        "Mon 18 Jan 09:00 overdue21",
    ]


def test_an_acknowledged_one_is_not_said_to_wait_for_it() -> None:
    acknowledged = replace(PLAIN, state=State.ACKNOWLEDGED)
    assert "unacknowledged" not in str(_shown(acknowledged, Audience.DESK, "2026-12-31T00:00+11:00"))


def test_who_else_is_told() -> None:
    assert _shown(PLAIN, Audience.COORDINATORS, "2027-12-31T00:00+11:00") == ["Thu 17 Dec 09:00 overdue2"]
    # 9:00 in Sydney is the last minute of the day before in New York; in London it is the middle of the night
    assert _shown(PLAIN, Audience.ASKING, "2027-12-31T00:00+11:00") == ["Mon 21 Dec 17:00 overdue5"]
    asked_by_ico = replace(PLAIN, asking=Calendar("GB", "ENG", "Europe/London"))
    assert _shown(asked_by_ico, Audience.ASKING, "2027-12-31T00:00+11:00") == ["Tue 22 Dec 09:00 overdue5"]


def test_an_urgent_one_counts_halved_and_at_any_hour() -> None:
    urgent = replace(PLAIN, urgent=True, due_at=at("2026-12-04T20:00+11:00"))
    assert _shown(urgent, Audience.DESK, "2026-12-12T00:00+11:00") == [
        "Wed 02 Dec 08:00 unacknowledged",
        "Fri 04 Dec 08:00 a third is left",
        "Fri 04 Dec 08:00 a working day is left",
        "Fri 04 Dec 20:00 due",
        "Sat 05 Dec 08:00 overdue1",
        "Sun 06 Dec 08:00 overdue3",
        "Tue 08 Dec 08:00 overdue7",
        "Fri 11 Dec 20:00 overdue14",
    ]
    assert _shown(urgent, Audience.COORDINATORS, "2027-12-31T00:00+11:00") == ["Sat 05 Dec 20:00 overdue2"]
    assert _shown(urgent, Audience.ASKING, "2027-12-31T00:00+11:00") == ["Sun 06 Dec 16:00 overdue5"]


def test_a_snooze_silences_the_desk_alone() -> None:
    snoozed = replace(PLAIN, snoozed_until=at("2026-12-21T09:00+11:00"))
    assert _shown(snoozed, Audience.DESK, "2026-12-25T00:00+11:00") == [
        "Mon 21 Dec 09:00 snoozed",
        "Thu 24 Dec 09:00 overdue7",
    ]
    assert _shown(snoozed, Audience.COORDINATORS, "2027-12-31T00:00+11:00") == ["Thu 17 Dec 09:00 overdue2"]


@pytest.mark.parametrize("state", [state for state in State if state not in RUNNING_STATES])
def test_nobody_is_reminded_while_nothing_is_owed_or_the_clock_stands(state: State) -> None:
    for audience in Audience:
        assert reminders.following(replace(PLAIN, state=state), audience, SENT) is None


def test_a_snooze_ends_with_what_comes_at_that_moment() -> None:
    """It is quiet before it, not at it: what is overdue by then is said, and not only that it was snoozed."""
    snoozed = replace(PLAIN, snoozed_until=at("2026-12-18T09:00+11:00"))
    until = "2026-12-18T09:00+11:00"
    assert _shown(snoozed, Audience.DESK, until) == ["Fri 18 Dec 09:00 snoozed", "Fri 18 Dec 09:00 overdue3"]


def test_of_what_comes_at_one_moment_the_gravest_is_last() -> None:
    """Due on an evening: when the hours begin it waits to be acknowledged, is due and is overdue."""
    sent, due = at("2026-12-01T20:00+11:00"), at("2026-12-02T20:00+11:00")
    assert _shown(replace(PLAIN, sent_at=sent, due_at=due), Audience.DESK, "2026-12-03T10:00+11:00") == [
        "Wed 02 Dec 09:00 a working day is left",
        "Wed 02 Dec 12:00 a third is left",
        "Thu 03 Dec 09:00 unacknowledged",
        "Thu 03 Dec 09:00 due",
        "Thu 03 Dec 09:00 overdue1",
    ]


def test_data_that_lapse_are_told_of_in_the_asking_agencys_hours() -> None:
    found = reminders.lapsing(at("2027-03-15T17:00+11:00"), FTC)
    zone = ZoneInfo(FTC.zone)
    assert [(f"{one.at.astimezone(zone):%a %d %b %H:%M}", one.days) for one in found] == [
        ("Tue 16 Feb 09:00", 30),  # 13 February is a Saturday, and the 15th Washington's birthday
        ("Fri 05 Mar 09:00", 10),
        ("Fri 12 Mar 09:00", 3),
    ]


# Whatever the calendar

moments = st.integers(0, 2 * 365 * 24 * 4).map(lambda n: datetime(2026, 1, 1, tzinfo=UTC) + n * timedelta(minutes=15))
calendars = st.sampled_from(sorted(ZONES)).map(lambda country: Calendar(country, None, ZONES[country]))
some_facts = st.builds(
    lambda state, urgent, sent, length, snoozed, asked, asking: Facts(
        state, urgent, sent, sent + length, sent + snoozed if snoozed else None, asked, asking
    ),
    st.sampled_from(RUNNING_STATES),
    st.booleans(),
    moments,
    st.timedeltas(timedelta(hours=1), timedelta(days=60)),
    st.none() | st.timedeltas(timedelta(hours=1), timedelta(days=90)),
    calendars,
    calendars,
)


def _off(known: holidays.HolidayBase, day: datetime) -> bool:
    resting = known.is_weekend(day.date())
    return day.date() not in known.weekend_workdays if resting else day.date() in known


def _is_there(cal: Calendar, moment: datetime) -> bool:
    there = moment.astimezone(ZoneInfo(cal.zone))
    known = holidays.country_holidays(cal.country, years=there.year)
    return not _off(known, there) and cal.opens <= there.time() <= cal.closes


@given(some_facts, st.sampled_from(Audience))
@settings(max_examples=150, deadline=None)
def test_in_order_never_at_night_and_each_once_whatever_is_asked(facts: Facts, audience: Audience) -> None:
    until = facts.due_at + timedelta(days=45)
    found = reminders.between(facts, audience, facts.sent_at, until)
    assert list(found) == sorted(found, key=lambda one: one.at)
    assert len({(one.stage, one.days) for one in found}) == len(found)
    reader = facts.asking if audience is Audience.ASKING else facts.asked
    assert facts.urgent or all(_is_there(reader, one.at) for one in found)
    assert _one_by_one(facts, audience, until) == _by_moment(found)


def _one_by_one(facts: Facts, audience: Audience, until: datetime) -> list[datetime]:
    """As the house asks: always for the next one only."""
    asked, since = [], facts.sent_at
    while (coming := reminders.following(facts, audience, since)) is not None and coming.at <= until:
        since = coming.at
        asked.append(since)
    return asked


def _by_moment(found: tuple[Reminder, ...]) -> list[datetime]:
    return sorted({one.at for one in found})


@given(some_facts)
@settings(max_examples=100, deadline=None)
def test_overdue_ones_come_when_the_nth_working_day_begins(facts: Facts) -> None:
    facts = replace(facts, urgent=False, snoozed_until=None)
    day = facts.due_at.astimezone(ZoneInfo(facts.asked.zone))
    expected, days = {}, 0
    while days < 21:
        day = day + timedelta(days=1)
        if not _off(holidays.country_holidays(facts.asked.country, years=day.year), day):
            days += 1
            expected[days] = datetime.combine(day.date(), facts.asked.opens, ZoneInfo(facts.asked.zone))
    found = reminders.between(facts, Audience.DESK, facts.due_at, expected[21])
    overdue = {one.days: one.at for one in found if one.stage is Stage.OVERDUE}
    assert overdue == {days: expected[days] for days in (1, 3, 7, 14, 21)}


def test_long_overdue_ones_are_found_without_counting_for_ever() -> None:
    coming = reminders.following(replace(PLAIN, urgent=True), Audience.DESK, FAR)
    assert coming is not None
    assert coming.at - FAR <= timedelta(days=3.5)

"""When an agency works, beside its country's public holidays: its hours and its closing days; their commands."""

from __future__ import annotations

import re
from datetime import date, time, timedelta
from typing import Annotated

from commands import find
from commands.call import Call, Outcome, key, record
from commands.declare import AgencyCode, Ask, Dates, Hours, Permission, command
from commands.due import calendar_of
from commands.message import Code, Message, Paragraph, Ref, Spans, Strong, Text, say, typed
from commands.refusals import BadValue, NotPermitted
from commands.replanning import replan
from commands.rules import hours
from commands.rules.names import show_date
from commands.rules.workdays import Calendar, is_working_day
from storage import agencies, requests
from storage.tables import Agency
from storage.words import request_ref

P = Permission
LONGEST = timedelta(days=366)
FURTHEST = timedelta(days=3 * 366)
NAMED = 10
"""How many of the requests that are due on closing days are named."""
_DATES = re.compile(r"(\d{4}-\d{2}-\d{2})(?:(?:\.\.|\N{HORIZONTAL ELLIPSIS})(\d{4}-\d{2}-\d{2}))?", re.ASCII)
_GOES_ON = re.compile(r"\W*(?:to|till?|until|through)?\W*\d{4}-\d{2}-\d{2}\b", re.ASCII | re.IGNORECASE)
_CLOCK = re.compile(r"(\d{1,2})[:.]?(\d{2})", re.ASCII)
_DASH = re.compile("[-\N{EN DASH}]")


@command("agency hours", permit=P.AGENCY_HOURS)
class SetHours:
    """Say when your agency's working day begins and ends: due times end with it, reminders come within it."""

    code: Annotated[AgencyCode, Ask("Agency")]
    hours: Annotated[Hours, Ask("Hours", help="by your agency's clocks", example="08:30-16:30")]

    def perform(self, call: Call) -> Outcome:
        agency = _own_agency(call, self.code)
        opens, closes = _read_hours(self.hours)
        before = calendar_of(call.session, agency)
        agency.opens, agency.closes = opens, closes
        replan(call, agency, before)
        hours, earlier = f"{opens:%H:%M}-{closes:%H:%M}", f"{before.opens:%H:%M}-{before.closes:%H:%M}"
        kept = record("agency:hours", agency.code, hours=hours, before=earlier)
        words = say(Strong(agency.code), f" works from {opens:%H:%M} to {closes:%H:%M}. Due times that stand, stay.")
        return Outcome((kept,), said=Message(None, (words,)))


@command("agency closed", permit=P.AGENCY_CLOSED)
class CloseAgency:
    """Say on which days your agency does not work, besides weekends and public holidays."""

    code: Annotated[AgencyCode, Ask("Agency")]
    days: Annotated[Dates, Ask("Days", help="the last one included", example="2026-12-24..2027-01-03")]
    open: Annotated[bool, Ask("Open", flag=True, help="take it back: these days are worked")] = False
    why: Annotated[
        str | None, Ask("Why", rest=True, max_length=200, help="your partners read it", example="Moving house")
    ] = None

    def perform(self, call: Call) -> Outcome:
        agency = _own_agency(call, self.code)
        first, last = self._read(call, agency)
        counted = before = calendar_of(call.session, agency)
        if not agencies.open_days(call.session, key(agency.id), first, last) and self.open:
            raise BadValue(f"{agency.code} is not closed then.")
        if not self.open:
            counted = calendar_of(call.session, agency)  # as if it had not been closed before
            agencies.close_days(call.session, key(agency.id), first, last, self.why)
        replan(call, agency, before)
        what = "open" if self.open else "closed"
        kept = record("agency:closed", agency.code, self.why, what=what, first=str(first), last=str(last))
        why = (": ", *typed(self.why)) if self.why else ()
        changed = _changed(counted, calendar_of(call.session, agency), first, last)
        number = f"{changed} working day{'' if changed == 1 else 's'} {'more' if self.open else 'less'}"
        what = "no longer closed" if self.open else what
        days = say(Strong(agency.code), f" is {what} {_shown(first, last)}", *why, f". That is {number}.")
        due = () if self.open else _due_then(call, agency, first, last)
        if not due or _alone(call, agency):
            return Outcome((kept,), said=Message(None, (days, *due)))
        return Outcome((kept,), said=Message(None, (days,)), reply=Message(None, due))

    def _read(self, call: Call, agency: Agency) -> tuple[date, date]:
        first, last = _read_dates(self.days)
        today = hours.local(calendar_of(call.session, agency), call.now).date()
        if last < first:
            raise BadValue(f"{last} is before {first}.", instead=("Write the first day first.",))
        if last < today:
            raise BadValue("Those days are past.", instead=("What was due then was counted then.",))
        if self.why and _GOES_ON.match(self.why):
            raise BadValue(
                "Is that one day, or several? ", *typed(f"{self.days} {self.why}"),
                instead=("Write for example 2026-12-24..2027-01-03, without spaces.",),
            )  # fmt: skip
        if last - first >= LONGEST or last > today + FURTHEST:
            raise BadValue("That is too long or too far away.", instead=("At most a year, within the next three.",))
        return first, last


def closings_shown(call: Call, agency: Agency) -> list[Spans]:
    """The closing days that are not over, a line each."""
    today = hours.local(calendar_of(call.session, agency), call.now).date()
    return [
        (Text(_shown(closed.first, closed.last)), *((Text(" ("), *typed(closed.why), Text(")")) if closed.why else ()))
        for closed in agencies.closings(call.session, key(agency.id))
        if closed.last >= today
    ]


def _shown(first: date, last: date) -> str:
    return show_date(first) if first == last else f"{show_date(first)} to {show_date(last)}"


def _changed(before: Calendar, after: Calendar, first: date, last: date) -> int:
    """On how many of these days it is worked before and not after, or the reverse."""
    days = map(date.fromordinal, range(first.toordinal(), last.toordinal() + 1))
    return sum(is_working_day(before, day) != is_working_day(after, day) for day in days)


def _due_then(call: Call, agency: Agency, first: date, last: date) -> tuple[Paragraph, ...]:
    """What the agency owes by a day on which it will not be there."""
    calendar = calendar_of(call.session, agency)
    falling = [
        Ref(request_ref(key(request.id)))
        for request in requests.owed_by(call.session, key(agency.id))
        if first <= hours.local(calendar, request.due_at).date() <= last
    ]
    if not falling:
        return ()
    number = "1 open request is" if len(falling) == 1 else f"{len(falling)} open requests are"
    named = [part for ref in falling[:NAMED] for part in (Text(", "), ref)][1:]
    more = f" and {len(falling) - NAMED} more" if len(falling) > NAMED else ""
    extend = Code(f"/request extend {falling[0].ref} --due WHEN")
    stay = ". Due times that stand, stay: "
    return (say(f"{number} due then: ", *named, more, stay, extend, " asks for more time."),)


def _alone(call: Call, agency: Agency) -> bool:
    """Nobody else reads what is answered: what an agency owes is not everybody's business."""
    return call.place is None or agencies.readers(call.session, call.place).keys() <= {agency.id}


def _own_agency(call: Call, code: str) -> Agency:
    agency = find.agency(call, code)
    if not call.actor.operator and agency.id != call.agency_id:
        raise NotPermitted(f"Only {agency.code}'s own coordinators, or the operator, can say that.")
    return agency


def read_clock(text: str) -> time | None:
    """`9:00`, `09.30`, `0930`; None if it is no time of day."""
    found = _CLOCK.fullmatch(text)
    try:
        return time(int(found[1]), int(found[2])) if found else None
    except ValueError:
        return None


def _read_hours(text: str) -> tuple[time, time]:
    first, *last = _DASH.split(text, maxsplit=1)
    opens, closes = read_clock(first), read_clock(last[0]) if last else None
    if opens is None or closes is None or opens >= closes:
        raise BadValue(*typed(text), " are no hours.", instead=("Write for example 09:00-17:00.",))
    return opens, closes


def _read_dates(text: str) -> tuple[date, date]:
    found = _DATES.fullmatch(text)
    try:
        first = date.fromisoformat(found[1] if found else "")
        return first, date.fromisoformat(found[2]) if found and found[2] else first
    except ValueError:
        raise BadValue(
            *typed(text), " cannot be read as days.", instead=("Write for example 2026-12-24..2027-01-03.",)
        ) from None

"""WHEN as someone typed it, for a request: the rules' answer with its words, or the refusal that says what to type."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from commands.call import Call, key
from commands.message import typed
from commands.refusals import BadValue
from commands.rules import deadline, hours
from commands.rules.names import show_date
from commands.rules.when import EXAMPLES, is_day, read_when
from commands.rules.workdays import Calendar
from storage import agencies
from storage.tables import Agency


@dataclass(frozen=True)
class DueTime:
    """When (aware, UTC), the length that was read (`10 working days`; None: a date), and what is worth saying."""

    at: datetime
    spec: str | None
    note: str | None


def calendar_of(session: Session, agency: Agency) -> Calendar:
    weekend = frozenset(int(day) for day in agency.weekend.split(",")) if agency.weekend else None
    closings = agencies.closings(session, key(agency.id))
    return Calendar(agency.country, agency.subdivision, agency.zone, weekend, closings, agency.opens, agency.closes)


def read_due(when_words: str, call: Call, asked: Agency) -> DueTime:
    """Read in the writer's agency's zone, counted by the asked agency's days; raises BadValue."""
    when = read_when(when_words)
    if when is None:
        raise BadValue(
            "I cannot read ", *typed(when_words), " as a time.", instead=(f"Write for example: {EXAMPLES}.",)
        )
    try:
        due = deadline.resolve(when, call.now, call.agency.zone, calendar_of(call.session, asked))
    except deadline.DueRefused as refused:
        raise BadValue(*typed(str(refused)), ".", instead=(f"Write for example: {EXAMPLES}.",)) from None
    return _said(due, asked)


def read_quiet(when_words: str, call: Call) -> datetime:
    """Until when reminders are to rest at the writer's own desk (UTC): a date ends when its hours begin there."""
    calendar, due = calendar_of(call.session, call.agency), read_due(when_words, call, call.agency)
    if not is_day(read_when(when_words)):
        return due.at
    begins = hours.opening(calendar, hours.local(calendar, due.at).date())
    if begins <= call.now:
        raise BadValue(
            *typed(when_words), " has begun already.", instead=("Write a later day, or a length such as 3h.",)
        )
    return begins


def default_due(call: Call, asked: Agency, *, urgent: bool) -> DueTime:
    return _said(deadline.default_due(call.now, urgent, calendar_of(call.session, asked)), asked)


def _said(due: deadline.Due, asked: Agency) -> DueTime:
    notes = []
    if due.moved_from is not None:
        notes.append(f"Moved from {show_date(due.moved_from)}, no working day there.")
    if due.uncovered is not None:
        notes.append(f"The public holidays of {asked.country} in {due.uncovered} are not known yet: check the date.")
    return DueTime(due.at, None if due.fixed else due.spec, " ".join(notes) or None)

"""WHEN as someone typed it, for a request: the rules' answer with its words, or the refusal that says what to type."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from commands.call import Call, key
from commands.message import Instant, Paragraph, say, typed
from commands.refusals import BadValue
from commands.rules import deadline, hours, stopped
from commands.rules.names import show_date
from commands.rules.when import EXAMPLES, is_day, read_when
from commands.rules.workdays import Calendar
from storage import agencies, requests
from storage.tables import Agency, Request

NO_PROPOSAL: dict[str, Any] = dict.fromkeys(
    ("proposed_due_at", "proposed_due_spec", "proposed_due_note", "proposed_due_steps")
)
"""No extension waits to be agreed to; none does once nothing is owed any more."""


@dataclass(frozen=True)
class DueTime:
    """When (aware, UTC), the length that was read (`10 working days`; None: a date), and what is worth saying.

    `steps` say how it came about, a line each.
    """

    at: datetime
    spec: str | None
    note: str | None
    steps: str


def calendar_of(session: Session, agency: Agency) -> Calendar:
    weekend = frozenset(int(day) for day in agency.weekend.split(",")) if agency.weekend else None
    closings = agencies.closings(session, key(agency.id))
    return Calendar(agency.country, agency.subdivision, agency.zone, weekend, closings, agency.opens, agency.closes)


def calendars_of(session: Session, agency_ids: Collection[int]) -> dict[int, Calendar]:
    """Those of several agencies, read at once."""
    known = agencies.by_ids(session, agency_ids)
    agencies.read_closings(session, known.keys())
    return {number: calendar_of(session, agency) for number, agency in known.items()}


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


@dataclass(frozen=True)
class Resumed:
    """The columns that change once a request's clock runs again, and what is said about it; `at` if it has moved."""

    changes: dict[str, Any] = field(default_factory=dict)
    said: tuple[Paragraph, ...] = ()
    at: datetime | None = None


def resumed(call: Call, request: Request) -> Resumed:
    """What a request's due time gains because its clock stood."""
    asked = call.session.get_one(Agency, request.asked_id)
    zones = (asked.zone, call.session.get_one(Agency, request.asking_id).zone)
    since = requests.stood_since(call.session, request)
    found = stopped.resume(request.due_at, request.due_spec, since, call.now, calendar_of(call.session, asked))
    changes: dict[str, Any] = {"due_steps": told_on(request, *found.steps)}
    if found.stays:
        return Resumed(changes, (say("It stays due ", Instant(found.at, zones), f": {found.stays}."),))
    note = _note(found.moved_from, found.uncovered, asked)
    changes |= {"due_at": found.at, "due_note": note}
    new = say(
        f"The clock stood: {found.gained} more. New due time: ", Instant(found.at, zones), f". {note or ''}".rstrip()
    )
    proposed = request.proposed_due_at
    if proposed is None or proposed > found.at:
        return Resumed(changes, (new,), found.at)
    lapsed = say(f"The due time that {asked.code} asked for, ", Instant(proposed, zones), ", is no later: it lapses.")
    return Resumed(changes | NO_PROPOSAL, (new, lapsed), found.at)


def told_on(request: Request, *steps: str) -> str:
    """How its due time came about, with what has been added since."""
    return "\n".join(filter(None, (request.due_steps, *steps)))


def default_due(call: Call, asked: Agency, *, urgent: bool) -> DueTime:
    return _said(deadline.default_due(call.now, urgent, calendar_of(call.session, asked)), asked)


def _said(due: deadline.Due, asked: Agency) -> DueTime:
    note = _note(due.moved_from, due.uncovered, asked)
    return DueTime(due.at, None if due.fixed else due.spec, note, "\n".join(due.steps))


def _note(moved_from: date | None, uncovered: int | None, asked: Agency) -> str | None:
    notes = []
    if moved_from is not None:
        notes.append(f"Moved from {show_date(moved_from)}, no working day there.")
    if uncovered is not None:
        notes.append(f"The public holidays of {asked.country} in {uncovered} are not known yet: check the date.")
    return " ".join(notes) or None

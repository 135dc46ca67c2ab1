"""WHEN as someone typed it, for a request: the rules' answer with its words, or the refusal that says what to type."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
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
from storage.words import Step


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


def resumed(call: Call, request: Request) -> tuple[dict[str, Any], Paragraph]:
    """What a request's due time gains because its clock stood: the columns that change, and what is said about it."""
    asked = call.session.get_one(Agency, request.asked_id)
    stopped_at = requests.last_step(call.session, key(request.id), Step.CLARIFY)
    found = stopped.resume(request.due_at, request.due_spec, stopped_at, call.now, calendar_of(call.session, asked))
    how = told_on(request, *found.steps)
    at = Instant(found.at, (asked.zone, call.session.get_one(Agency, request.asking_id).zone))
    if found.gained is None:
        return {"due_steps": how}, say("It stays due ", at, ": a date that was fixed does not move.")
    if found.at == request.due_at:
        return {"due_steps": how}, say("It stays due ", at, ": no working day began meanwhile.")
    words = say("The clock stood: ", f"{found.gained} more. New due time: ", at, ".")
    return {"due_at": found.at, "due_steps": how, "due_note": None}, words


def told_on(request: Request, *steps: str) -> str:
    """How its due time came about, with what has been added since."""
    return "\n".join(filter(None, (request.due_steps, *steps)))


def default_due(call: Call, asked: Agency, *, urgent: bool) -> DueTime:
    return _said(deadline.default_due(call.now, urgent, calendar_of(call.session, asked)), asked)


def _said(due: deadline.Due, asked: Agency) -> DueTime:
    notes = []
    if due.moved_from is not None:
        notes.append(f"Moved from {show_date(due.moved_from)}, no working day there.")
    if due.uncovered is not None:
        notes.append(f"The public holidays of {asked.country} in {due.uncovered} are not known yet: check the date.")
    return DueTime(due.at, None if due.fixed else due.spec, " ".join(notes) or None, "\n".join(due.steps))

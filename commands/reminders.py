"""Reminders of what an agency owes: when the next one comes, and what is to be said then; not how, nor to whom.

A request has a row among the due moments for each of its readers, with the next of its reminders.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlmodel import Session

from commands.call import Call, key
from commands.due import calendar_of
from commands.rules import hours, reminders
from commands.rules.reminders import Audience, Facts, Reminder, Stage
from commands.rules.workdays import Calendar
from storage import moments, requests
from storage.moments import Planned
from storage.tables import Agency, Request
from storage.words import RUNNING_STATES

ASKED = "asked"


@dataclass(frozen=True)
class Given:
    """One request of which readers are reminded now; `late`: it should have been at that moment."""

    request: Request
    audience: Audience
    reminder: Reminder
    late: datetime | None = None


def facts_of(session: Session, request: Request) -> Facts:
    asked, asking = (
        calendar_of(session, session.get_one(Agency, one)) for one in (request.asked_id, request.asking_id)
    )
    return Facts(request.state, request.urgent, request.sent_at, request.due_at, request.snoozed_until, asked, asking)


def plan(session: Session, request: Request, now: datetime, *, afresh: bool = True, new: bool = False) -> None:
    """Plan the next reminder for each of its readers, and forget what was planned before.

    `afresh`: what was said before counts no more, since the due time is another one. `new`: nothing was planned.
    """
    facts = facts_of(session, request)
    for audience in Audience:
        planned = None if afresh else moments.of(session, _job(request, audience))
        since = planned.since if planned is not None and planned.since is not None else now
        if request.snoozed_until is not None and request.snoozed_until > now:
            # a changed calendar may have put `since` behind it
            since = min(since, request.snoozed_until - timedelta.resolution)
        _plan(session, request, facts, audience, since, now, new=new)


def plan_anew(session: Session, request: Request, now: datetime, changed: int, before: Calendar) -> None:
    """An agency's days or hours have changed: what is planned moves; what was said and is not planned stays said."""
    facts = facts_of(session, request)
    earlier = replace(facts, asked=before) if request.asked_id == changed else replace(facts, asking=before)
    for audience in Audience:
        planned = moments.of(session, _job(request, audience))
        if planned is not None and planned.since is not None:
            since = reminders.carried(earlier, facts, audience, planned.since)
            _plan(session, request, facts, audience, since, now)


def _plan(
    session: Session,
    request: Request,
    facts: Facts,
    audience: Audience,
    since: datetime,
    now: datetime,
    *,
    new: bool = False,
) -> None:
    coming = reminders.following(facts, audience, since)
    job = _job(request, audience)
    if coming is None:
        moments.plan(session, job, None, new=new)
        return
    reader = facts.asking if audience is Audience.ASKING else facts.asked
    at = coming.at if coming.at > now else now if request.urgent else hours.within(reader, now)
    bundle = None if request.urgent else bundle_of(request, audience)
    moments.plan(session, job, at, since=since, bundle=bundle, new=new)


def bundle_of(request: Request, audience: Audience) -> str:
    """What falls together is one message: all for an agency's desk, and all for its coordinators."""
    if audience is Audience.COORDINATORS:
        return f"{audience}:{request.asked_id}"
    return f"{Audience.DESK}:{request.asking_id if audience is Audience.ASKING else request.asked_id}"


def coming(call: Call, audience: Audience, moment: Planned, request: Request, until: datetime) -> Given | None:
    """What is to be said of all that comes up to a moment: the newest, what came before it is no news any more."""
    facts = facts_of(call.session, request)
    found = reminders.between(facts, audience, moment.since or moment.at, until)
    _plan(call.session, request, facts, audience, until, call.now)
    return given(call, request, audience, found[-1]) if found else None


def given(call: Call, request: Request, audience: Audience, reminder: Reminder) -> Given:
    return Given(request, audience, reminder, reminder.at if reminders.late(reminder.at, call.now) else None)


def ask_later(session: Session, request: Request, at: datetime) -> None:
    """The asking agency wants the asked agency's desk to be reminded then."""
    moments.plan(session, asked_job(request), at, since=at, bundle=bundle_of(request, Audience.DESK))


def asked(call: Call, moment: Planned, request: Request) -> Given | None:
    """What `ask_later` wanted, if an answer is owed still."""
    moments.plan(call.session, moment.job, None)
    if request.state not in RUNNING_STATES:
        return None
    return given(call, request, Audience.DESK, Reminder(moment.since or moment.at, Stage.ASKED))


def asked_job(request: Request) -> str:
    return f"{ASKED}:{request.id}"


def _job(request: Request, audience: Audience) -> str:
    return f"{audience}:{request.id}"


def request_of(session: Session, moment: Planned) -> Request:
    """The request that a job is about."""
    return requests.by_id(session, int(moment.job.partition(":")[2]))


def reader_of(audience: Audience, request: Request) -> int:
    """The agency that is reminded."""
    return key(request.asking_id if audience is Audience.ASKING else request.asked_id)

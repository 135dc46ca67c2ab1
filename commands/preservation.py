"""Data that a partner keeps for a while: the agency that asked is reminded before they are kept no more."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session

from commands.call import Call, key
from commands.due import calendar_of
from commands.message import Button, Instant, Ref, Spans, Text, spans
from commands.reminders import Given, bundle_of, given
from commands.rules import hours, reminders
from commands.rules.reminders import Audience, Reminder
from commands.rules.workdays import Calendar
from storage import moments, requests
from storage.moments import Planned
from storage.tables import Agency, Request
from storage.words import case_ref, request_ref

KEPT = "kept"


def plan(session: Session, request: Request, since: datetime, now: datetime) -> None:
    """Plan the next reminder after `since`, if the request's data are kept for a while."""
    at = min((one.at for one in _all(session, request) if one.at > since), default=None)
    if at is not None and at <= now:
        at = hours.within(_asking(session, request), now)
    moments.plan(session, f"{KEPT}:{request.id}", at, since=since, bundle=bundle_of(request, Audience.ASKING))


def plan_anew(session: Session, request: Request, now: datetime, before: Calendar) -> None:
    """The asking agency's days or hours have changed: what was not said yet is said, be its moment past by now."""
    planned = moments.of(session, f"{KEPT}:{request.id}")
    if planned is None or planned.since is None or request.kept_until is None:
        return
    left = {one.days for one in reminders.lapsing(request.kept_until, before) if one.at > planned.since}
    moved = min(one.at for one in _all(session, request) if one.days in left)
    plan(session, request, moved - timedelta.resolution, now)


def coming(call: Call, moment: Planned, request: Request, until: datetime) -> Given | None:
    """What is to be said of all that comes up to a moment: the newest."""
    since = moment.since or moment.at
    plan(call.session, request, until, call.now)
    found = [one for one in _all(call.session, request) if since < one.at <= until]
    return given(call, request, Audience.ASKING, found[-1]) if found else None


def _all(session: Session, request: Request) -> tuple[Reminder, ...]:
    kept = request.kept_until
    return reminders.lapsing(kept, _asking(session, request)) if kept is not None else ()


def _asking(session: Session, request: Request) -> Calendar:
    return calendar_of(session, session.get_one(Agency, request.asking_id))


def line(call: Call, one: Given) -> Spans:
    """No text of the request stands in it, so that it may name a RED one."""
    request = one.request
    asked, asking = (call.session.get_one(Agency, agency) for agency in (request.asked_id, request.asking_id))
    until = request.kept_until or call.now
    days = round((until - call.now) / timedelta(days=1))
    left = f"for {days} more day{'' if days == 1 else 's'}, " if days else ""
    kept = f": {asked.code} keeps the data {left}until " if until > call.now else f": {asked.code} kept the data until "
    late = spans(" (late: it was for ", Instant(one.late, (asking.zone,)), ")") if one.late else ()
    later = requests.follow_ups(call.session, request)
    followed = [part for number in later for part in (Ref(request_ref(number)), Text(", "))][:-1]
    word = spans(". Asked for since then: ", *followed, ".") if later else spans(". No follow-up request was sent.")
    ref = Ref(request_ref(key(request.id)))
    return (ref, Text(kept), Instant(until, (asking.zone, asked.zone)), *late, *word)


def buttons(session: Session, request: Request) -> tuple[Button, ...]:
    asked = session.get_one(Agency, request.asked_id).code
    ask = f"/request send {asked} --case {case_ref(request.case_id)} --kind evidence"
    return (Button("Ask for the data", ask), Button("Show", f"/request show {request_ref(key(request.id))}"))

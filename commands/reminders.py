"""Reminders of what an agency owes: when the next one comes, and what is said then; who is reminded is the rules' word.

A request has one row among the due moments, for the next of its reminders. What falls within an hour for the same
readers is one message.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import Session

from commands import reminder_page
from commands.call import Call, Outcome, key, record
from commands.draft import Draft
from commands.due import calendar_of
from commands.message import Message
from commands.reminder_page import Given
from commands.rules import hours, reminders
from commands.rules.reminders import Audience, Facts, Reminder, Stage
from storage import agencies, moments, requests
from storage.moments import Planned
from storage.tables import Agency, LetterKind, Request
from storage.words import RUNNING_STATES, Lane, Place, Sight, request_ref

HOUR = timedelta(hours=1)
ASKED = "asked"


def facts_of(session: Session, request: Request) -> Facts:
    asked, asking = (calendar_of(session, _agency(session, one)) for one in (request.asked_id, request.asking_id))
    return Facts(request.state, request.urgent, request.sent_at, request.due_at, request.snoozed_until, asked, asking)


def plan(session: Session, request: Request, now: datetime, *, afresh: bool = True, new: bool = False) -> None:
    """Plan the next reminder for each of its readers, and forget what was planned before.

    `afresh`: what was said before counts no more, since the due time is another one. `new`: nothing was planned.
    """
    facts = facts_of(session, request)
    for audience in Audience:
        planned = None if afresh else moments.of(session, _job(request, audience))
        since = planned.since if planned is not None and planned.since is not None else now
        _plan(session, request, facts, audience, since, new=new)


def plan_agency(call: Call, agency_id: int) -> None:
    """The agency's working days or hours have changed."""
    for request in requests.owed_by(call.session, agency_id):
        plan(call.session, request, call.now, afresh=False)


def _plan(
    session: Session, request: Request, facts: Facts, audience: Audience, since: datetime, *, new: bool = False
) -> None:
    coming = reminders.following(facts, audience, since)
    job = _job(request, audience)
    if coming is None:
        moments.plan(session, job, None, new=new)
        return
    reader = request.asking_id if audience is Audience.ASKING else request.asked_id
    bundle = None if request.urgent else f"{audience}:{reader}"
    moments.plan(session, job, coming.at, since=since, bundle=bundle, new=new)


def remind(call: Call, audience: Audience, moment: Planned) -> Outcome:
    """A reminder's moment has come: give it, with all others that the same readers would hear of within an hour."""
    session, request = call.session, _request(call.session, moment)
    until, others = call.now, tuple[Planned, ...]()
    if moment.bundle is not None:
        if put_off(call, moment, request.asking_id if audience is Audience.ASKING else request.asked_id):
            return Outcome()
        until += HOUR
        others = tuple(moments.in_bundle(session, moment.bundle, until))
    given = []
    for one in (moment, *others):
        request = _request(session, one)
        facts = facts_of(session, request)
        coming = reminders.between(facts, audience, one.since or one.at, until)
        _plan(session, request, facts, audience, until)
        if coming:  # what the earlier ones would have said is no news any more
            at = coming[-1].at
            given.append(Given(request, coming[-1], at if reminders.late(at, call.now) else None))
    return _said(call, audience, given) if given else Outcome()


def ask_now(call: Call, request: Request) -> tuple[Draft, ...]:
    """The asking agency wants its desk to be reminded."""
    return tuple(_drafts(call, Audience.DESK, [Given(request, Reminder(call.now, Stage.ASKED), None)]))


def ask_later(call: Call, request: Request, at: datetime) -> None:
    moments.plan(call.session, f"{ASKED}:{request.id}", at, bundle=f"{ASKED}:{request.asked_id}")


def asked(call: Call, moment: Planned) -> Outcome:
    """The moment has come at which `ask_later` wanted to remind."""
    if not (first := _request(call.session, moment)).urgent and put_off(call, moment, first.asked_id):
        return Outcome()
    due = [moment, *moments.in_bundle(call.session, moment.bundle or "", call.now + HOUR)]
    given = []
    for one in due:
        moments.plan(call.session, one.job, None)
        request = _request(call.session, one)
        if request.state in RUNNING_STATES:
            late = one.at if reminders.late(one.at, call.now) else None
            given.append(Given(request, Reminder(one.at, Stage.ASKED), late))
    return _said(call, Audience.DESK, given) if given else Outcome()


def put_off(call: Call, moment: Planned, reader: int) -> bool:
    """Whether the reader has gone home meanwhile: then the moment comes again when its hours begin."""
    opens = hours.within(calendar_of(call.session, _agency(call.session, reader)), call.now)
    if opens == call.now:
        return False
    moments.plan(call.session, moment.job, opens, since=moment.since, bundle=moment.bundle)
    return True


def _said(call: Call, audience: Audience, given: Sequence[Given]) -> Outcome:
    records = tuple(
        record(
            "request:reminded", request_ref(key(one.request.id)), stage=one.reminder.stage, to=audience,
            at=one.reminder.at.isoformat(), late=one.late is not None or None,
        )
        for one in given
    )  # fmt: skip
    return Outcome(records, tuple(_drafts(call, audience, given)))


def _drafts(call: Call, audience: Audience, given: Sequence[Given]) -> list[Draft]:
    request = given[0].request
    agency = _agency(call.session, request.asking_id if audience is Audience.ASKING else request.asked_id)
    if audience is Audience.COORDINATORS:
        return _directly(call, audience, agency, given)
    desk = agencies.desk_of(call.session, key(agency.id))
    if desk is None:
        return _directly(call, audience, agency, given)
    sights = {key(one.request.id): reminder_page.sight(call.session, one.request, desk) for one in given}
    here = [one for one in given if sights[key(one.request.id)]]
    elsewhere = [one for one in given if not sights[key(one.request.id)]]
    drafts = _directly(call, audience, agency, elsewhere) if elsewhere else []
    if here:
        drafts.append(_at_desk(call, audience, desk, here, sights))
    return drafts


def _at_desk(call: Call, audience: Audience, desk: Place, given: Sequence[Given], sights: dict[int, Sight]) -> Draft:
    message = reminder_page.message(call, audience, given, lambda request: sights[key(request.id)], desk)
    only = given[0].request if len(given) == 1 else None
    return Draft(
        LetterKind.POST, message, place=desk, lane=Lane.DEADLINE,
        request_id=only.id if only else None, sight=sights[key(only.id)] if only else Sight.NONE,
    )  # fmt: skip


def _directly(call: Call, audience: Audience, agency: Agency, given: Sequence[Given]) -> list[Draft]:
    return directly_to(call, key(agency.id), reminder_page.message(call, audience, given, lambda _: Sight.FULL, None))


def directly_to(call: Call, agency_id: int, message: Message) -> list[Draft]:
    """To the agency's coordinators, each in a direct message."""
    return [
        Draft(LetterKind.PRIVATE, message, addressee=address, agency_id=officer.agency_id, lane=Lane.DEADLINE)
        for officer, address in agencies.coordinators(call.session, [agency_id])
    ]


def _job(request: Request, audience: Audience) -> str:
    return f"{audience}:{request.id}"


def _request(session: Session, moment: Planned) -> Request:
    return requests.by_id(session, int(moment.job.partition(":")[2]))


def _agency(session: Session, number: int) -> Agency:
    return session.get_one(Agency, number)

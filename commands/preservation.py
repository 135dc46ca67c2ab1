"""Data that a partner keeps for a while: the agency that asked is reminded before they are kept no more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from commands.call import Call, Outcome, key, record
from commands.draft import Draft
from commands.due import calendar_of
from commands.message import (
    Actions,
    Block,
    Button,
    Heading,
    Instant,
    Items,
    Message,
    Paragraph,
    Ref,
    Spans,
    Text,
    spans,
)
from commands.reminders import HOUR, directly_to, put_off
from commands.rules import reminders
from commands.rules.marking import narrowest
from commands.standing import parties_of, request_standing
from storage import agencies, moments, requests
from storage.moments import Planned
from storage.tables import Agency, LetterKind, Request
from storage.words import Lane, Sight, case_ref, request_ref

KEPT = "kept"


def plan(call: Call, request: Request, since: datetime) -> None:
    """Plan the next reminder after `since`, if the request's data are kept for a while."""
    job = f"{KEPT}:{request.id}"
    asking = calendar_of(call.session, call.session.get_one(Agency, request.asking_id))
    coming = reminders.lapsing(request.kept_until, asking) if request.kept_until is not None else ()
    at = min((at for at, _days in coming if at > since), default=None)
    moments.plan(call.session, job, at, since=since, bundle=f"{KEPT}:{request.asking_id}")


def lapsing(call: Call, moment: Planned) -> Outcome:
    """The moment of a reminder has come: give it, with all others that the agency would hear of within an hour."""
    first = _request(call, moment)
    if put_off(call, moment, first.asking_id):
        return Outcome()
    found = [_request(call, one) for one in moments.in_bundle(call.session, moment.bundle or "", call.now + HOUR)]
    lapse = [first, *found]
    for request in lapse:
        plan(call, request, call.now + HOUR)
    drafts = _drafts(call, lapse)
    records = tuple(record("request:lapsing", request_ref(key(request.id))) for request in lapse)
    return Outcome(records, drafts)


def _request(call: Call, moment: Planned) -> Request:
    return requests.by_id(call.session, int(moment.job.partition(":")[2]))


def _drafts(call: Call, lapse: Sequence[Request]) -> tuple[Draft, ...]:
    asking = lapse[0].asking_id
    desk = agencies.desk_of(call.session, asking)
    sights = [
        request_standing(call.session, request, parties_of(call.session, request), desk) if desk else Sight.NONE
        for request in lapse
    ]
    message = _message(call, lapse)
    if desk is None or min(sights) is not Sight.FULL:
        return tuple(directly_to(call, asking, message))
    only = lapse[0] if len(lapse) == 1 else None
    return (
        Draft(
            LetterKind.POST, message, place=desk, lane=Lane.DEADLINE,
            request_id=only.id if only else None, sight=Sight.FULL if only else Sight.NONE,
        ),
    )  # fmt: skip


def _message(call: Call, lapse: Sequence[Request]) -> Message:
    """No text of a request stands in it, so that it may name a RED one."""
    lines = tuple(_line(call, request) for request in lapse)
    blocks: list[Block] = [
        Heading((Text("Preserved data will be kept no more"),)),
        Items(lines) if len(lines) > 1 else Paragraph(lines[0]),
    ]
    if len(lapse) == 1:
        asked, case = call.session.get_one(Agency, lapse[0].asked_id).code, case_ref(lapse[0].case_id)
        line = f"/request send {asked} --case {case} --kind evidence"
        show = Button("Show", f"/request show {request_ref(key(lapse[0].id))}")
        blocks.append(Actions((Button("Ask for the data", line), show)))
    return Message(narrowest(request.marking for request in lapse), tuple(blocks))


def _line(call: Call, request: Request) -> Spans:
    asked, asking = (call.session.get_one(Agency, one) for one in (request.asked_id, request.asking_id))
    until = request.kept_until or call.now
    days = round((until - call.now) / timedelta(days=1))
    left = f"for {days} more day{'' if days == 1 else 's'}, " if days else ""
    kept = f": {asked.code} keeps the data {left}until " if until > call.now else f": {asked.code} kept the data until "
    later = requests.follow_ups(call.session, request)
    followed = [part for number in later for part in (Ref(request_ref(number)), Text(", "))][:-1]
    word = spans(". Asked for since then: ", *followed, ".") if later else spans(". No follow-up request was sent.")
    return (Ref(request_ref(key(request.id))), Text(kept), Instant(until, (asking.zone, asked.zone)), *word)

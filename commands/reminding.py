"""What people do about reminders: ask for one, or for quiet; its commands. Neither is a step in a request's life."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from commands import bundle, find, reminders, request_page
from commands.call import Call, Outcome, record
from commands.declare import Ask, Permission, RequestNo, When, command
from commands.due import calendar_of, read_quiet
from commands.message import Instant, Message, Ref, say
from commands.refusals import NotPermitted, StepNotOpen
from commands.reminders import Given
from commands.rules import hours
from commands.rules.reminders import Audience, Reminder, Stage
from commands.steps import mind_event
from storage.tables import Agency, Request
from storage.words import RUNNING_STATES, Side, request_ref

P = Permission


@command("request remind", permit=P.REQUEST_REMIND)
class RemindRequest:
    """Remind the asked agency of your request, within its hours; once a working day."""

    request: Annotated[RequestNo, Ask("Request", here=True)]

    def perform(self, call: Call) -> Outcome:
        request = _running(call, self.request, Side.ASKING)
        asked, ref = call.session.get_one(Agency, request.asked_id), Ref(request_ref(self.request))
        calendar = calendar_of(call.session, asked)
        if request.reminded_at is not None and not request.urgent:
            _mind_often(call, request, asked, hours.nth_opening(calendar, request.reminded_at, 1))
        request.reminded_at = call.now
        at = call.now if request.urgent else hours.within(calendar, call.now)
        kept = record("request:reminded", request_ref(self.request), to=asked.code, planned=at.isoformat())
        if at > call.now:
            reminders.ask_later(call.session, request, at)
            when = request_page.instant(call.session, request, at)
            words = say(f"{asked.code} will be reminded of ", ref, " when its hours begin: ", when, ".")
            return Outcome((kept,), said=Message(request.marking, (words,)))
        words = say(f"{asked.code} is reminded of ", ref, ".")
        now = Given(request, Audience.DESK, Reminder(call.now, Stage.ASKED))
        return Outcome((kept,), bundle.drafts(call, [now]), said=Message(request.marking, (words,)))


def _mind_often(call: Call, request: Request, asked: Agency, again: datetime) -> None:
    if call.now < again and request.reminded_at is not None:
        zones = (call.agency.zone, asked.zone)
        raise NotPermitted(
            f"{asked.code} is reminded of {request_ref(request.id or 0)} once a working day, last ",
            Instant(request.reminded_at, zones), ".",
            instead=("Again from ", Instant(again, zones), "."),
        )  # fmt: skip


@command("request snooze", permit=P.REQUEST_SNOOZE)
class SnoozeRequest:
    """No reminder of it at your desk until then; its due time stays, and others are told when it is long overdue."""

    request: Annotated[RequestNo, Ask("Request", here=True)]
    until: Annotated[When, Ask("Quiet until", rest=True, help="a date ends when that day's hours begin")]

    def perform(self, call: Call) -> Outcome:
        request = _running(call, self.request, Side.ASKED)
        until = read_quiet(self.until, call)
        request.snoozed_until = until
        call.session.flush()
        reminders.plan(call.session, request, call.now, afresh=False)
        kept = record("request:snoozed", request_ref(self.request), until=until.isoformat())
        zone = (call.agency.zone,)
        words = [say(Ref(request_ref(self.request)), " is snoozed until ", Instant(until, zone), ".")]
        if until > request.due_at:
            words.append(say("It is due before that: ", Instant(request.due_at, zone), "."))
        return Outcome((kept,), said=Message(request.marking, tuple(words)))


def _running(call: Call, number: int, side: Side) -> Request:
    """A request of which this side may say so, while an answer is owed and the clock runs."""
    request, found = find.own_request(call, number)
    mind_event(call, request)
    ref = request_ref(number)
    if found is not side:
        whose, does = (request.asking_id, "reminds of") if side is Side.ASKING else (request.asked_id, "snoozes")
        raise NotPermitted(f"Only {call.session.get_one(Agency, whose).code} {does} {ref}.")
    if request.state not in RUNNING_STATES:
        raise StepNotOpen(f"{ref} is {request.state}: nobody is reminded of it now.", marking=request.marking)
    return request

"""How reminders read; who gets them, and when, is decided before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from commands import request_page
from commands.call import Call, key, named
from commands.message import (
    Actions,
    Block,
    Button,
    Heading,
    Instant,
    Items,
    Mention,
    Message,
    Paragraph,
    Spans,
    Strong,
    Text,
    say,
    spans,
)
from commands.rules.marking import narrowest
from commands.rules.reminders import Audience, Reminder, Stage
from commands.standing import parties_of, request_standing
from storage import agencies
from storage.lines import line_of
from storage.tables import Agency, Officer, Request
from storage.words import Marking, Place, Sight, State, Step, platform_of, request_ref

_STAGES = {
    Stage.UNACKNOWLEDGED: "waits to be acknowledged",
    Stage.THIRD_LEFT: "has a third of its time left",
    Stage.DAY_LEFT: "has one working day left",
    Stage.DUE: "is due now",
    Stage.SNOOZED: "was snoozed until now",
}
_TWO_DAYS = 4  # in half days
_URGENT = _STAGES | {Stage.THIRD_LEFT: "has a sixth of its time left", Stage.DAY_LEFT: "has 12 hours left"}


@dataclass(frozen=True)
class Given:
    """One request of which readers are reminded now; `late`: it should have been at that moment."""

    request: Request
    reminder: Reminder
    late: datetime | None


def sight(session: Session, request: Request, place: Place) -> Sight:
    """How much of it may stand there."""
    return request_standing(session, request, parties_of(session, request), place)


def message(
    call: Call, audience: Audience, given: Sequence[Given], shown: Callable[[Request], Sight], place: Place | None
) -> Message:
    """One message for all that falls together; one request alone brings its buttons."""
    reader = given[0].request.asking_id if audience is Audience.ASKING else given[0].request.asked_id
    zone = call.session.get_one(Agency, reader).zone
    lines = tuple(_line(call, audience, one, shown(one.request), place, zone) for one in given)
    heading = _heading(call.session, given[0].request, audience, len(given))
    blocks: list[Block] = [Heading(spans(heading)), Items(lines) if len(lines) > 1 else Paragraph(lines[0])]
    if audience is Audience.ASKING:
        blocks.append(say(_advice(call.session, given)))
    if len(given) == 1:
        blocks.append(Actions(_buttons(given[0].request, audience)))
    return Message(narrowest(one.request.marking for one in given), tuple(blocks))


def _heading(session: Session, request: Request, audience: Audience, number: int) -> str:
    answers = "an answer" if number == 1 else f"{number} answers"
    code = session.get_one(Agency, request.asked_id).code
    match audience:
        case Audience.DESK:
            return f"Reminder: {code} owes {answers}"
        case Audience.COORDINATORS:
            return f"To {code}'s coordinators: {answers} overdue"
        case Audience.ASKING:
            return f"Overdue to you: {answers}"


def _line(call: Call, audience: Audience, one: Given, shown: Sight, place: Place | None, zone: str) -> Spans:
    request, found = one.request, line_of(call.session, one.request)
    ref, *rest = request_page.line(found, shown, found.due_at)
    handler = None
    if shown is Sight.FULL and request.marking is not Marking.RED and request.handler_id is not None:
        handler = _handler(call.session, request.handler_id, place if audience is Audience.DESK else None)
    return (
        ref,
        Text(" "),
        Strong(_stage(call, one)),
        *(spans(" (late: it was for ", Instant(one.late, (zone,)), ")") if one.late else ()),
        Text("."),
        *(spans(" Handler: ", handler, ".") if handler else ()),
        *rest,
    )


def _stage(call: Call, one: Given) -> str:
    request, reminder = one.request, one.reminder
    if reminder.stage is Stage.DUE and request.due_at > call.now:
        return "is due within the hour"
    if reminder.stage is Stage.DUE and one.late is not None:
        return "was due"
    if reminder.stage is Stage.ASKED:
        return f"is asked for again by {call.session.get_one(Agency, request.asking_id).code}"
    if reminder.stage in _STAGES:
        return (_URGENT if request.urgent else _STAGES)[reminder.stage]
    if request.urgent:
        over = f"{reminder.days * 12} hours" if reminder.days < _TWO_DAYS else f"{reminder.days / 2:g} days"
        return f"is {over} overdue"
    return f"is {reminder.days} working day{'' if reminder.days == 1 else 's'} overdue"


def _handler(session: Session, officer_id: int, place: Place | None) -> Mention | Text:
    """Who has it in hand; called by the platform's own means in a place of theirs."""
    officer = session.get_one(Officer, officer_id)
    name = named(officer, session.get_one(Agency, officer.agency_id))
    address = agencies.address_on(session, officer_id, platform_of(place)) if place else None
    return Mention(address, name) if address and officer.removed_at is None else Text(name)


def _advice(session: Session, given: Sequence[Given]) -> str:
    code = session.get_one(Agency, given[0].request.asked_id).code
    them = "its" if len({one.request.asked_id for one in given}) == 1 else "their"
    who = code if them == "its" else "The agencies asked"
    return (
        f"{who} and {them} coordinators were reminded. You can remind again, give more time, "
        f"ask them directly in the thread, or withdraw."
    )


def _buttons(request: Request, audience: Audience) -> tuple[Button, ...]:
    ref, number = request_ref(key(request.id)), request.number
    if audience is Audience.ASKING:
        remind = Button("Remind again", f"/request remind {ref}", number)
        return (remind, request_page.button(request, Step.EXTEND), request_page.button(request, Step.WITHDRAW))
    steps = [Step.ACK] * (request.state is State.SENT) + [Step.ANSWER, Step.EXTEND]
    return (*(request_page.button(request, step) for step in steps), Button("Snooze", f"/request snooze {ref}", number))

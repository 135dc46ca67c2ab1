"""How reminders read; who gets them, and when, is decided before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from sqlmodel import Session

from commands import preservation, request_page
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
from commands.reminders import Given, reader_of
from commands.rules.marking import narrowest
from commands.rules.reminders import Audience, Stage, late
from commands.standing import parties_of, request_standing
from storage import agencies
from storage.lines import line_of
from storage.tables import Agency, Officer
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


Shown = tuple[Given, Sight]
"""With how much of it may stand where it is shown."""


def sight(session: Session, one: Given, place: Place) -> Sight:
    """How much of it may stand there; of data that lapse either all is said or nothing."""
    request = one.request
    found = request_standing(session, request, parties_of(session, request), place)
    return Sight.NONE if one.reminder.stage is Stage.LAPSING and found is not Sight.FULL else found


def message(call: Call, shown: Sequence[Shown], place: Place | None) -> Message:
    """One message for all that falls together; one request alone brings its buttons."""
    parts = groupby(sorted(shown, key=_part), _part)
    blocks = tuple(block for _, those in parts for block in _blocks(call, tuple(those), place))
    if len(shown) == 1:
        blocks += (Actions(_buttons(call.session, shown[0][0])),)
    return Message(narrowest(one.request.marking for one, _sight in shown), blocks)


def _part(shown: Shown) -> tuple[int, bool]:
    """What the reader owes comes before what is owed to them, and that before data that lapse."""
    return list(Audience).index(shown[0].audience), shown[0].reminder.stage is Stage.LAPSING


def _blocks(call: Call, shown: Sequence[Shown], place: Place | None) -> Iterator[Block]:
    given = [one for one, _sight in shown]
    lapsing = given[0].reminder.stage is Stage.LAPSING
    yield Heading(spans(_heading(call.session, given)))
    lines = tuple(preservation.line(call, one) if lapsing else _line(call, one, seen, place) for one, seen in shown)
    yield Items(lines) if len(lines) > 1 else Paragraph(lines[0])
    if given[0].audience is Audience.ASKING and not lapsing:
        yield say(_advice(call.session, given))


def _heading(session: Session, given: Sequence[Given]) -> str:
    if given[0].reminder.stage is Stage.LAPSING:
        return "Preserved data will be kept no more"
    answers = "an answer" if len(given) == 1 else f"{len(given)} answers"
    code = session.get_one(Agency, given[0].request.asked_id).code
    match given[0].audience:
        case Audience.DESK:
            return f"Reminder: {code} owes {answers}"
        case Audience.COORDINATORS:
            return f"To {code}'s coordinators: {answers} overdue"
        case Audience.ASKING:
            return f"Overdue to you: {answers}"


def _line(call: Call, one: Given, shown: Sight, place: Place | None) -> Spans:
    request, found = one.request, line_of(call.session, one.request)
    zone = call.session.get_one(Agency, reader_of(one.audience, request)).zone
    ref, *rest = request_page.line(found, shown, found.due_at)
    handler = None
    if shown is Sight.FULL and request.marking is not Marking.RED and request.handler_id is not None:
        handler = _handler(call.session, request.handler_id, place if one.audience is Audience.DESK else None)
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
    if reminder.stage is Stage.DUE and late(request.due_at, call.now):
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


def _buttons(session: Session, one: Given) -> tuple[Button, ...]:
    request = one.request
    ref, number = request_ref(key(request.id)), request.number
    if one.reminder.stage is Stage.LAPSING:
        return preservation.buttons(session, request)
    if one.audience is Audience.ASKING:
        remind = Button("Remind again", f"/request remind {ref}", number)
        return (remind, request_page.button(request, Step.EXTEND), request_page.button(request, Step.WITHDRAW))
    steps = [Step.ACK] * (request.state is State.SENT) + [Step.ANSWER, Step.EXTEND]
    return (*(request_page.button(request, step) for step in steps), Button("Snooze", f"/request snooze {ref}", number))

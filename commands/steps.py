"""One step in the life of a request, whichever it is: asked of the rules, kept, told and recorded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from commands import find, reminders, request_page, threads
from commands.call import Call, Outcome, key, record
from commands.due import NO_PROPOSAL, Resumed, resumed
from commands.message import Block, Code, Message, Quote, spans, typed
from commands.refusals import Stale, StepNotOpen
from commands.rules.lifecycle import after, open_steps
from storage import requests
from storage.tables import Agency, Request
from storage.words import OWED_STATES, Reason, Side, Sight, State, Step, request_ref

RECORDED = {
    Step.ACK: "request:acked", Step.ASSIGN: "request:assigned", Step.CLARIFY: "request:clarified",
    Step.EXPLAIN: "request:explained", Step.ANSWER: "request:answered", Step.DECLINE: "request:declined",
    Step.EXTEND: "request:extended", Step.AGREE: "request:agreed", Step.REFUSE: "request:refused",
    Step.WITHDRAW: "request:withdrawn", Step.CLOSE: "request:closed", Step.REOPEN: "request:reopened",
    Step.REF: "request:ref",
}  # fmt: skip


@dataclass(frozen=True)
class Open:
    """A step that this side may take now, and the state that it leads to."""

    request: Request
    side: Side
    state: State


def open_step(call: Call, number: int, step: Step, *, partial: bool = False) -> Open:
    """Raises Stale if the request has changed since the button was shown, and what else stands against the step."""
    request, side = find.own_request(call, number)
    mind_event(call, request)
    proposed = request.proposed_due_at is not None
    state = after(request.state, step, side, partial=partial, proposed=proposed)
    if state is None:
        raise _not_open(call, request, step)
    return Open(request, side, state)


def mind_event(call: Call, request: Request) -> None:
    """Raises Stale if the request has changed since the button was shown that was pressed."""
    if call.event is not None and call.event != request.number:
        stale = Stale(request_ref(key(request.id)))
        stale.drafts = threads.refresh_request(call, request)
        raise stale


def take_step(
    call: Call,
    number: int,
    step: Step,
    *,
    text: str | None = None,
    partial: bool = False,
    reason: Reason | None = None,
    due_at: datetime | None = None,
    to: str | None = None,
    done: str | None = None,
    more: Sequence[Block] = (),
    changes: Mapping[str, Any] | None = None,
) -> Outcome:
    """One step in the life of a request: refused if it is not open, else kept, told in its threads and recorded.

    `text` is what was typed, `to` whom it was handed to, `due_at` the time that the step is about.
    """
    found = open_step(call, number, step, partial=partial)
    request, side, state = found.request, found.side, found.state
    call.mind_red(request.marking, text)
    if side is Side.ASKED and request.handler_id is None and step is not Step.REF:
        request.handler_id = call.hand[1]
    clock = _clock_goes_on(call, found, step)
    lapsed = {} if state in OWED_STATES else NO_PROPOSAL
    changes = {**(changes or {}), **clock.changes, **lapsed}
    due_at, more = due_at or clock.at, (*more, *clock.said)
    for name, value in changes.items():
        setattr(request, name, value)
    tag = RECORDED[step]
    requests.take_step(
        call.session, request, step, tag, state, call.hand, call.now, text=text or to, reason=reason, due_at=due_at
    )
    reminders.plan(call.session, request, call.now, afresh="due_at" in changes)
    words = done or request_page.DONE[step]
    said = more + ((Quote(typed(text)),) if text else ())

    def news(sight: Sight) -> Message:
        return request_page.news(request, call.who, words, sight, *said)

    told = threads.tell_request(call, request, news)
    heard = any(draft.place == call.place for draft in told)
    due = due_at and due_at.isoformat()
    details = {"state": state, "event": request.number, "reason": reason, "due": due, "to": to}
    kept = record(tag, request_ref(number), text, **details)
    return Outcome((kept,), told, None if heard else news(Sight.FULL))


def _clock_goes_on(call: Call, found: Open, step: Step) -> Resumed:
    """What follows for the due time where a step ends the clarifying, be it without an explanation."""
    if found.request.state is not State.CLARIFYING or found.state in (State.CLARIFYING, State.WITHDRAWN):
        return Resumed()
    clock = resumed(call, found.request)
    # that nothing has changed is worth a word to those who wait for an answer only
    return clock if step is Step.EXPLAIN or clock.at is not None else replace(clock, said=())


def _not_open(call: Call, request: Request, step: Step) -> StepNotOpen:
    """Which steps are open now, and to whom."""
    ref = request_ref(key(request.id))
    proposed = request.proposed_due_at is not None
    lines, own = [], ""
    for side, party in ((Side.ASKED, request.asked_id), (Side.ASKING, request.asking_id)):
        steps = open_steps(request.state, side, proposed=proposed)
        lines.append(spans(f"{call.session.get_one(Agency, party).code}: {', '.join(steps) or 'nothing'}"))
        if party == call.agency_id and steps:
            own = f"/request {steps[0]} {ref}"
    return StepNotOpen(
        f"{ref} is {request.state}: the step {step} is not open to {call.agency.code} now. Open now:",
        items=lines,
        instead=("For example: ", Code(own), ".") if own else (),
        marking=request.marking,
    )

"""How a request reads: its root, its line in a list, its page and its news; nothing here decides who may read it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from commands import exhibit_lines
from commands.call import key, named
from commands.message import (
    Actions,
    Block,
    Button,
    Code,
    Fields,
    Heading,
    Instant,
    Items,
    Message,
    Quote,
    Ref,
    Spans,
    Strong,
    Text,
    say,
    spans,
    typed,
)
from commands.rules.lifecycle import open_steps, side_of
from storage import agencies, exhibits, replies, requests
from storage.lines import Line
from storage.tables import Agency, Event, Officer, Reply, Request
from storage.words import RUNNING_STATES, Marking, Place, Side, Sight, State, Step, case_ref, request_ref

DONE = {
    Step.SEND: "sent",
    Step.ACK: "acknowledged",
    Step.ASSIGN: "handed over",
    Step.CLARIFY: "asked for clarification of",
    Step.EXPLAIN: "explained",
    Step.ANSWER: "answered",
    Step.DECLINE: "declined",
    Step.EXTEND: "extended",
    Step.AGREE: "agreed to the new due time of",
    Step.REFUSE: "refused the new due time of",
    Step.WITHDRAW: "withdrew",
    Step.CLOSE: "closed",
    Step.REOPEN: "reopened",
    Step.REF: "noted a reference for",
}


def done_words(request: Request, event: Event) -> str:
    """`acknowledged`, with which a line about the event goes on."""
    if event.step is None:
        raise TypeError("a case's event has no step")
    if event.step is Step.EXTEND and event.agency_id == request.asked_id:
        return "asked for more time for"
    return "answered part of" if event.step is Step.ANSWER and event.state is not State.ANSWERED else DONE[event.step]


BUTTONS = {
    Step.ACK: "Acknowledge",
    Step.ANSWER: "Answer",
    Step.CLARIFY: "Clarify",
    Step.DECLINE: "Decline",
    Step.EXTEND: "Extend",
    Step.EXPLAIN: "Explain",
    Step.AGREE: "Agree",
    Step.REFUSE: "Refuse",
    Step.CLOSE: "Close",
    Step.REOPEN: "Reopen",
    Step.WITHDRAW: "Withdraw",
}


def button(request: Request, step: Step, label: str | None = None, words: str = "") -> Button:
    line = f"/request {step} {request_ref(key(request.id))}{words and ' ' + words}"
    return Button(label or BUTTONS[step], line, request.number)


def buttons(request: Request, sides: Sequence[Side]) -> tuple[Button, ...]:
    """What these sides may do now, each step once."""
    proposed = request.proposed_due_at is not None
    steps = {step for side in sides for step in open_steps(request.state, side, proposed=proposed)}
    return tuple(button(request, step) for step in BUTTONS if step in steps)


def instant(session: Session, request: Request, at: datetime) -> Instant:
    """A moment in both parties' zones, the asked agency's first."""
    return Instant(at, zones(session, request))


def zones(session: Session, request: Request) -> tuple[str, ...]:
    """Both parties', the asked agency's first."""
    asked, asking = session.get_one(Agency, request.asked_id), session.get_one(Agency, request.asking_id)
    return asked.zone, asking.zone


def _parties(session: Session, request: Request) -> tuple[str, str]:
    return session.get_one(Agency, request.asking_id).code, session.get_one(Agency, request.asked_id).code


def _due(session: Session, request: Request) -> Spans:
    parts: Spans = (instant(session, request, request.due_at),)
    if request.due_spec:
        parts += spans(f" ({request.due_spec})")
    if request.first_due_at != request.due_at:
        parts += spans("; first due ", instant(session, request, request.first_due_at))
    if request.proposed_due_at is not None:
        parts += spans("; asked to move to ", instant(session, request, request.proposed_due_at))
    return parts


def outline(session: Session, request: Request) -> tuple[Block, ...]:
    """What the others on the case see; of RED, what anyone sees outside `show`: reference, state and due time."""
    ref, rows = request_ref(key(request.id)), _state_rows(session, request)
    if request.marking is Marking.RED:
        return (Heading((Ref(ref),)), Fields(rows))
    asking, asked = _parties(session, request)
    return (Heading((Ref(ref), Text(f" {asking} asks {asked}: {request.kind}"))), Fields(rows))


def _state_rows(session: Session, request: Request) -> tuple[tuple[str, Spans], ...]:
    return (("State", spans(request.state)), ("Due", _due(session, request)))


def _full(session: Session, request: Request) -> tuple[Block, ...]:
    asking, asked = _parties(session, request)
    urgent = ", urgent" if request.urgent else ""
    rows = list(_state_rows(session, request))
    if request.due_note:
        rows.append(("Note", spans(request.due_note)))
    if request.handler_id is not None:
        handler = session.get_one(Officer, request.handler_id)
        rows.append(("Handler", spans(named(handler, session.get_one(Agency, handler.agency_id)))))
    if request.instrument:
        rows.append(("Under", typed(request.instrument)))
    if request.kept_until is not None:
        rows.append(("Kept until", spans(instant(session, request, request.kept_until))))
    for code, ref in ((asking, request.asking_ref), (asked, request.asked_ref)):
        if ref:
            rows.append((f"{code} reference", typed(ref)))
    rows.append(
        ("Case", spans(Ref(case_ref(request.case_id)), ", shared with all on the case" if request.shared else ""))
    )
    heading = spans(Ref(request_ref(key(request.id))), f" {asking} asks {asked}: {request.kind}{urgent}")
    return (Heading(heading), Quote(typed(request.what)), Fields(tuple(rows)))


def root(session: Session, request: Request, place: Place, sight: Sight) -> Message:
    """The message under which everything about the request is said in this place."""
    sides = [side_of(agency, request.asking_id, request.asked_id) for agency in agencies.readers(session, place)]
    blocks = _full(session, request) if sight is Sight.FULL else outline(session, request)
    shown = buttons(request, sides)
    return Message(request.marking, blocks + ((Actions(shown),) if shown else ()))


def elsewhere(request: Request, *, seen: bool) -> Message:
    """What is left where the request may not stand any more; `seen`: someone there may still see it."""
    ref = request_ref(key(request.id))
    how = (": ", Code(f"/request show {ref}")) if seen else ()
    return Message(request.marking, (say(Ref(ref), " goes on elsewhere", *how, "."),))


def news(request: Request, who: str, done: str, sight: Sight, *more: Block) -> Message:
    """What happened, for those who may read it all; the others learn that something did."""
    ref = Ref(request_ref(key(request.id)))
    if sight is Sight.FULL:
        return Message(request.marking, (say(Strong(who), f" {done} ", ref, "."), *more))
    if request.marking is Marking.RED:
        return Message(request.marking, (say(ref, f" is {request.state}."),))
    return Message(request.marking, (say(Strong(who), f" {done} ", ref, f"; it is {request.state}."),))


def line(found: Line, sight: Sight, now: datetime) -> Spans:
    """One line of a list: reference, parties, state, due time; the text's first words only where they may stand."""
    ref, due = Ref(request_ref(found.number)), Instant(found.due_at, (found.asked_zone, found.asking_zone))
    when = (Text(f"{found.state}, due "), due, Text(late(found, now)))
    if found.marking is Marking.RED:
        return (ref, Text(" [RED] "), *when)
    words = (Text(": "), *typed(short(found.what))) if sight is Sight.FULL else ()
    return (ref, Text(f" {found.asking} asks {found.asked}, "), *when, *words)


def late(found: Line, now: datetime) -> str:
    """`, 2 days overdue` while the asked agency owes an answer; overdue is computed, never stored."""
    days = overdue_days(found, now)
    return "" if days is None else f", {days} day{'' if days == 1 else 's'} overdue" if days else ", overdue"


def overdue_days(found: Line, now: datetime) -> int | None:
    """Whole days (24 h) past due; None if not overdue, which a request that is being clarified never is."""
    if found.state not in RUNNING_STATES or found.due_at >= now:
        return None
    return (now - found.due_at).days


def short(words: str, length: int = 80) -> str:
    first = words.split("\n", 1)[0]
    return first if len(first) <= length and first == words else first[: length - 1].rstrip() + "…"


def page(session: Session, request: Request, sight: Sight) -> Message:
    """Everything, for `show`: the parties (all on the case, if it is shared) read each word that was kept."""
    if sight is not Sight.FULL:
        return Message(request.marking, outline(session, request))
    number = key(request.id)
    people = _People(session)
    happened = tuple(_event(session, request, event, people) for event in requests.events(session, number))
    blocks: list[Block] = [*_full(session, request)]
    if request.due_steps:
        steps = tuple(typed(step) for step in request.due_steps.split("\n"))  # a closing's reason was typed
        blocks += [Heading((Text("How the due time came about"),)), Items(steps)]
    blocks += [Heading((Text("What happened"),)), Items(happened)]
    for reply in replies.of_request(session, number):
        blocks += _reply(session, request, reply, people)
    return Message(request.marking, tuple(blocks))


class _People:
    """Names of officers, each read once."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def name(self, officer_id: int) -> str:
        officer = self.session.get_one(Officer, officer_id)
        return named(officer, self.session.get_one(Agency, officer.agency_id))


def _event(session: Session, request: Request, event: Event, people: _People) -> Spans:
    done = spans(f", {people.name(event.officer_id)} {done_words(request, event)} ", Ref(request_ref(key(request.id))))
    out: Spans = (instant(session, request, event.at), *done)
    if event.due_at is not None:
        out += spans(", due ", instant(session, request, event.due_at))
    if event.reason is not None:
        out += spans(f" ({event.reason})")
    return out + ((Text(": "), *typed(event.text)) if event.text else ())


def _reply(session: Session, request: Request, reply: Reply, people: _People) -> list[Block]:
    revisions = replies.wording(session, key(reply.id))
    head: Spans = (Strong(people.name(reply.officer_id)), Text(", "), instant(session, request, reply.at))
    if reply.held_until is not None:
        head += spans(", held until ", instant(session, request, reply.held_until))
    if reply.deleted_at is not None:
        head += spans(", deleted ", instant(session, request, reply.deleted_at))
    words = (Quote(typed(revisions[-1].text)),) if revisions[-1].text.strip() else ()
    blocks: list[Block] = [say(*head), *words]
    for former in reversed(revisions[:-1]):
        blocks += [say("Earlier wording, ", instant(session, request, former.at), ":"), Quote(typed(former.text))]
    if files := exhibits.of_reply(session, key(reply.id)):
        blocks.append(Items(tuple(exhibit_lines.line(one) for one in files)))
    return blocks

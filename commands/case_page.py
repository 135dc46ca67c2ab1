"""How a case reads: its root, its line in a list, its page and its timeline; nothing here decides who may read it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlmodel import Session

from commands import request_page
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
    Ref,
    Spans,
    Strong,
    Text,
    say,
    spans,
    typed,
)
from commands.rules.marking import narrowest
from commands.rules.names import show_date
from storage import agencies, cases, requests
from storage.lines import line_of
from storage.tables import Agency, Case, Event, Officer
from storage.words import Marking, Place, Sight, case_ref, request_ref

EVENTS = {
    "case:opened": "opened the case",
    "case:added": "added",
    "case:removed": "removed",
    "case:noted": "noted",
    "case:set": "changed",
    "case:closed": "closed the case",
    "case:reopened": "reopened the case",
    "case:ref": "noted a reference",
    "case:kept": "said how long exhibits are kept",
}
NAMING = ("case:added", "case:removed")
"""Events whose words are no more than an agency's code."""


def _agencies(session: Session, case: Case, on_case: Collection[int]) -> Spans:
    known = agencies.by_ids(session, on_case)
    names = [known[number].code + (" (opened it)" if number == case.agency_id else "") for number in on_case]
    return spans(", ".join(names))


def root(session: Session, case: Case, place: Place, sight: Sight) -> Message:
    """The message under which the case is talked about in this place."""
    ref = case_ref(key(case.id))
    state = "open" if case.closed_at is None else "closed"
    if sight is not Sight.FULL:
        return Message(case.marking, (Heading((Ref(ref),)), Fields((("State", spans(state)),))))
    rows = [("State", spans(state)), *_facts(session, case)]
    if case.outcome:
        rows.append(("Outcome", typed(case.outcome)))
    own = case.agency_id in agencies.readers(session, place)
    if case.closed_at is None:
        shown = [Button("Ask a partner", f"/request send --case {ref}"), Button("Note", f"/case note --case {ref}")]
        shown += [Button("Close", f"/case close --case {ref}")] if own else []
    else:
        shown = [Button("Reopen", f"/case reopen {ref}")] if own else []
    blocks: tuple[Block, ...] = (Actions(tuple(shown)),) if shown else ()
    return Message(case.marking, (Heading((Ref(ref), Text(" "), *typed(case.title))), Fields(tuple(rows)), *blocks))


def _facts(session: Session, case: Case) -> list[tuple[str, Spans]]:
    on_case = cases.their_refs(session, key(case.id))
    rows: list[tuple[str, Spans]] = [("Agencies", _agencies(session, case, on_case))]
    if case.conduct is not None:
        rows.append(("Conduct", spans(case.conduct)))
    if case.keep_until is not None:
        rows.append(("Exhibits kept until", spans(show_date(case.keep_until))))
    if case.priority != "normal":
        rows.append(("Priority", spans(case.priority)))
    known = agencies.by_ids(session, on_case)
    rows += [
        (f"{known[number].code} reference", typed(their_ref)) for number, their_ref in on_case.items() if their_ref
    ]
    return rows


def elsewhere(case: Case, *, seen: bool) -> Message:
    """What is left where the case may not stand any more; `seen`: someone there may still see it."""
    ref = case_ref(key(case.id))
    how = (": ", Code(f"/case show {ref}")) if seen else ()
    return Message(case.marking, (say(Ref(ref), " goes on elsewhere", *how, "."),))


def news(case: Case, who: str, done: str, sight: Sight, *more: Block) -> Message:
    ref = Ref(case_ref(key(case.id)))
    if sight is Sight.FULL:
        return Message(case.marking, (say(Strong(who), f" {done} ", ref, "."), *more))
    return Message(case.marking, (say(ref, " has changed: ", Code(f"/case show {ref.ref}")),))


def line(case: Case) -> Spans:
    """One line of a list; a RED title is given by `show` only."""
    state = "" if case.closed_at is None else " (closed)"
    title = (Text("[RED]"),) if case.marking is Marking.RED else typed(case.title)
    return (Ref(case_ref(key(case.id))), Text(" "), *title, Text(state))


def page(session: Session, viewer: Agency, case: Case, now: datetime) -> Message:
    number = key(case.id)
    state = "open" if case.closed_at is None else "closed"
    opener = session.get_one(Officer, case.officer_id)
    rows: list[tuple[str, Spans]] = [
        ("State", spans(state)),
        (
            "Opened",
            spans(
                Instant(case.opened_at, (viewer.zone,)),
                " by ",
                named(opener, session.get_one(Agency, opener.agency_id)),
            ),
        ),
        *_facts(session, case),
    ]
    if case.outcome and case.closed_at is not None:
        rows.append(("Outcome", spans(*typed(case.outcome), ", ", Instant(case.closed_at, (viewer.zone,)))))
    blocks: list[Block] = [Heading((Ref(case_ref(number)), Text(" "), *typed(case.title))), Fields(tuple(rows))]
    happened = cases.events(session, key(viewer.id), number)
    notes = tuple(_line(session, event, (), event.text, viewer) for event in happened if event.tag == "case:noted")
    if notes:
        blocks += [Heading((Text("Notes"),)), Items(notes)]
    found = requests.of_case(session, key(viewer.id), number)
    asked = tuple(request_page.line(line_of(session, request), sight, now) for request, sight in found)
    if asked:
        blocks += [Heading((Text("Requests"),)), Items(asked)]
    return Message(narrowest((case.marking, *(request.marking for request, _sight in found))), tuple(blocks))


def timeline(session: Session, viewer: Agency, case: Case) -> Message:
    """What happened, in order; without the words of requests that the viewer may not read, and of what is RED."""
    number = key(case.id)
    sights = {key(request.id): (request, sight) for request, sight in requests.of_case(session, key(viewer.id), number)}
    lines = []
    for event in cases.events(session, key(viewer.id), number):
        if event.request_id is None:
            words = None if case.marking is Marking.RED and event.tag not in NAMING else event.text
            lines.append(_line(session, event, spans(" " + EVENTS[event.tag]), words, viewer))
            continue
        request, sight = sights[event.request_id]
        words = event.text if sight is Sight.FULL and request.marking is not Marking.RED else None
        done = spans(f" {request_page.done_words(request, event)} ", Ref(request_ref(event.request_id)))
        lines.append(_line(session, event, done, words, viewer))
    marking = narrowest((case.marking, *(request.marking for request, _sight in sights.values())))
    return Message(marking, (Heading(spans("Timeline of ", Ref(case_ref(number)))), Items(tuple(lines))))


def _line(session: Session, event: Event, done: Spans, words: str | None, viewer: Agency) -> Spans:
    officer = session.get_one(Officer, event.officer_id)
    name = named(officer, session.get_one(Agency, officer.agency_id))
    said: Spans = (Text(": "), *typed(words)) if words else ()
    return (Instant(event.at, (viewer.zone,)), Text(f", {name}"), *done, *said)

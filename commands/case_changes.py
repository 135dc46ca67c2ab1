"""What changes a case: who is on it, notes, markings, closing; their commands."""

from __future__ import annotations

from typing import Annotated

from commands import case_page, find, request_page, threads
from commands.call import Call, Outcome, key, record
from commands.case import unreached_told
from commands.declare import AgencyCode, Ask, CaseNo, Permission, command
from commands.draft import Draft
from commands.message import Block, Message, Quote, Spans, typed
from commands.refusals import BadValue, NotPermitted
from commands.rules.marking import narrower
from commands.sending import together
from commands.steps import take_step
from storage import cases
from storage.tables import Case, Request
from storage.words import Conduct, Marking, Priority, Sight, Step, case_ref

P = Permission


@command("case add", permit=P.CASE_ADD)
class AddAgency:
    """Put another agency on your case."""

    agency: Annotated[AgencyCode, Ask("Agency")]
    case: Annotated[CaseNo, Ask("Case", flag=True, here=True)]

    def perform(self, call: Call) -> Outcome:
        case = find.own_case(call, self.case)
        agency = find.agency(call, self.agency)
        if agency.id in cases.on_case(call.session, self.case):
            raise BadValue(f"{agency.code} is on {case_ref(self.case)} already.")
        cases.join(call.session, self.case, key(agency.id), call.now)
        return _changed(call, case, "case:added", f"added {agency.code} to", text=agency.code)


@command("case remove", permit=P.CASE_REMOVE)
class RemoveAgency:
    """Take an agency off your case; it sees nothing of it from then on."""

    agency: Annotated[AgencyCode, Ask("Agency")]
    case: Annotated[CaseNo, Ask("Case", flag=True, here=True)]

    def perform(self, call: Call) -> Outcome:
        case = find.own_case(call, self.case)
        agency = find.agency(call, self.agency)
        row = cases.on_case(call.session, self.case).get(key(agency.id))
        if row is None:
            raise BadValue(f"{agency.code} is not on {case_ref(self.case)}.")
        if agency.id == case.agency_id:
            raise BadValue(f"{agency.code} opened {case_ref(self.case)} and stays on it.")
        still = [r for r in cases.open_requests(call.session, self.case) if agency.id in {r.asking_id, r.asked_id}]
        if still:
            raise BadValue(
                f"{agency.code} still has open requests in {case_ref(self.case)}:",
                items=_lines(call, still),
                instead=("Close or withdraw them first.",),
                marking=case.marking,
            )
        row.removed_at = call.now
        call.session.flush()
        return _changed(call, case, "case:removed", f"removed {agency.code} from", text=agency.code)


def _lines(call: Call, found: list[Request]) -> list[Spans]:
    return [request_page.line(call.session, request, Sight.OUTLINE, call.now) for request in found]


def _changed(
    call: Call,
    case: Case,
    tag: str,
    done: str,
    *,
    text: str | None = None,
    said: tuple[Block, ...] = (),
) -> Outcome:
    """Something about the case changed: kept, told in its threads, roots raised and pointed on where needed."""
    cases.note_event(call.session, key(case.id), tag, call.hand, call.now, text)
    settled = threads.resettle_case(call, case)
    raised = {draft.thread_id for draft in settled.drafts}

    def news(sight: Sight) -> Message:
        return case_page.news(case, call.who, done, sight, *said)

    # a root raised just now says it all
    drafts = tuple(draft for draft in threads.tell_case(call, case, news) if draft.thread_id not in raised)
    heard = any(draft.place == call.place for draft in (*drafts, *settled.drafts))
    kept = record(tag, case_ref(key(case.id)), text)
    unreached = unreached_told(call, case, settled.unreached)
    return Outcome((kept,), drafts + settled.drafts + unreached, None if heard else news(Sight.FULL))


@command("case note", permit=P.CASE_NOTE)
class NoteCase:
    """Keep a note on a case; all agencies on it read it."""

    case: Annotated[CaseNo, Ask("Case", flag=True, here=True)]
    text: Annotated[str, Ask("Note", rest=True, example="The domain was registered on 2 May.")]

    def perform(self, call: Call) -> Outcome:
        case = find.case(call, self.case)
        call.mind_red(case.marking, self.text)
        return _changed(call, case, "case:noted", "noted in", text=self.text, said=(Quote(typed(self.text)),))


@command("case ref", permit=P.CASE_REF)
class RefCase:
    """Note your agency's own file number of this case."""

    case: Annotated[CaseNo, Ask("Case", flag=True, here=True)]
    number: Annotated[str, Ask("Your file number", rest=True, shows="THEIR-NUMBER", max_length=200, example="2026/114")]

    def perform(self, call: Call) -> Outcome:
        case = find.case(call, self.case)
        cases.on_case(call.session, self.case)[call.agency_id].their_ref = self.number
        call.session.flush()
        said = (Quote(typed(self.number)),)
        return _changed(
            call, case, "case:ref", f"noted {call.agency.code}'s reference for", text=self.number, said=said
        )


@command("case set", permit=P.CASE_SET)
class SetCase:
    """Change what your case is called, or how it is marked, ranked and classed."""

    case: Annotated[CaseNo, Ask("Case", flag=True, here=True)]
    title: Annotated[str | None, Ask("Title", flag=True, max_length=200, example="Pump and dump by fax")] = None
    priority: Annotated[Priority | None, Ask("Priority", flag=True)] = None
    marking: Annotated[Marking | None, Ask("Marking", flag=True, shows="TLP", help="requests follow it")] = None
    conduct: Annotated[Conduct | None, Ask("Kind of conduct", flag=True, shows="KIND")] = None

    def perform(self, call: Call) -> Outcome:
        case = find.own_case(call, self.case)
        values = {"title": self.title, "priority": self.priority, "marking": self.marking, "conduct": self.conduct}
        changed = {name: value for name, value in values.items() if value is not None}
        if not changed:
            raise BadValue("Nothing to change.", instead=("Give --title, --priority, --marking or --conduct.",))
        call.mind_red(self.marking or case.marking, self.title)
        former = case.marking
        for name, value in changed.items():
            setattr(case, name, value)
        call.session.flush()
        narrowed = _narrow_requests(call, case) if case.marking is not former else ()
        words = ", ".join(f"{name} {value}" for name, value in changed.items() if name != "title")
        words = ", ".join(part for part in ("title" if self.title else "", words) if part)
        outcome = _changed(call, case, "case:set", f"changed ({words})", text=words)
        return Outcome(outcome.records, outcome.drafts + narrowed, outcome.reply)


def _narrow_requests(call: Call, case: Case) -> tuple[Draft, ...]:
    """A request is never wider than its case."""
    drafts: tuple[Draft, ...] = ()
    for request in cases.all_requests(call.session, key(case.id)):
        if narrower(request.marking, case.marking) is not request.marking:
            request.marking = case.marking
            call.session.flush()
            drafts += threads.resettle_request(call, request).drafts + threads.refresh_request(call, request)
    return drafts


@command("case close", permit=P.CASE_CLOSE)
class CloseCase:
    """Close your case with its outcome."""

    case: Annotated[CaseNo, Ask("Case", flag=True, here=True)]
    anyway: Annotated[bool, Ask("Anyway", flag=True, help="withdraw your own open requests first")] = False
    outcome: Annotated[str, Ask("Outcome", rest=True, example="The mailings have stopped.")]

    def perform(self, call: Call) -> Outcome:
        case = find.own_case(call, self.case)
        ref = case_ref(self.case)
        if case.closed_at is not None:
            raise NotPermitted(f"{ref} is closed already.")
        call.mind_red(case.marking, self.outcome)
        still = list(cases.open_requests(call.session, self.case))
        own = [request for request in still if request.asking_id == call.agency_id] if self.anyway else []
        if remaining := [request for request in still if request not in own]:
            raise BadValue(
                f"{ref} still has open requests:",
                items=_lines(call, remaining),
                instead=(f"Close or withdraw them first; --anyway withdraws those that {call.agency.code} sent.",),
                marking=case.marking,
            )
        withdrawn = [take_step(call, key(request.id), Step.WITHDRAW) for request in own]
        case.closed_at, case.outcome = call.now, self.outcome
        call.session.flush()
        said = (Quote(typed(self.outcome)),)
        closed = _changed(call, case, "case:closed", "closed", text=self.outcome, said=said)
        return together(case.marking, [*withdrawn, closed])


@command("case reopen", permit=P.CASE_REOPEN)
class ReopenCase:
    """Open your closed case again."""

    case: Annotated[CaseNo, Ask("Case", here=True)]
    reason: Annotated[str | None, Ask("Reason", rest=True, example="They began again on 9 June.")] = None

    def perform(self, call: Call) -> Outcome:
        case = find.own_case(call, self.case)
        if case.closed_at is None:
            raise NotPermitted(f"{case_ref(self.case)} is open.")
        call.mind_red(case.marking, self.reason)
        case.closed_at = case.outcome = None
        call.session.flush()
        said = (Quote(typed(self.reason)),) if self.reason else ()
        return _changed(call, case, "case:reopened", "reopened", text=self.reason, said=said)

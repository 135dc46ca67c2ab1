"""What changes a case: notes, markings, closing; their commands."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Annotated

from commands import case_page, find, request_page, threads, unreached
from commands.call import Call, Outcome, key, record
from commands.declare import Ask, CaseNo, Permission, command
from commands.draft import Draft
from commands.message import Block, Code, Fields, Message, Quote, Spans, typed
from commands.refusals import BadValue, StepNotOpen
from commands.resettling import resettle_case, resettle_request
from commands.rules.marking import narrower
from commands.sending import together
from commands.steps import take_step
from storage import agencies, cases
from storage.ledger import Record
from storage.lines import line_of
from storage.tables import Case, Request
from storage.words import Conduct, Marking, Priority, Sight, Step, case_ref

P = Permission


def changed(
    call: Call,
    case: Case,
    kept: Record,
    done: str,
    *,
    text: str | None = None,
    said: tuple[Block, ...] = (),
    joined: Collection[int] = (),
    on_root: bool = True,
) -> Outcome:
    """Something about the case changed: kept, told in its threads, roots raised and pointed on where needed.

    `on_root`: its root reads otherwise now.
    """
    cases.note_event(call.session, key(case.id), kept.tag, call.hand, call.now, text)
    settled = resettle_case(call, case, joined)
    raised = {draft.thread_id for draft in settled.drafts}

    def news(sight: Sight) -> Message:
        return case_page.news(case, call.who, done, sight, *said)

    # a root raised just now says it all
    drafts = tuple(d for d in threads.tell_case(call, case, news, on_root=on_root) if d.thread_id not in raised)
    heard = any(draft.place == call.place for draft in (*drafts, *settled.drafts))
    told = unreached.of_case(call, case, settled.unreached)
    return Outcome((kept,), drafts + settled.drafts + told, None if heard else news(Sight.FULL))


@command("case note", permit=P.CASE_NOTE)
class NoteCase:
    """Keep a note on a case; all agencies on it read it."""

    case: Annotated[CaseNo, Ask("Case", flag=True, here=True)]
    text: Annotated[str, Ask("Note", rest=True, example="The domain was registered on 2 May.")]

    def perform(self, call: Call) -> Outcome:
        case = find.case(call, self.case)
        call.mind_red(case.marking, self.text)
        kept = record("case:noted", case_ref(self.case), self.text)
        said = (Quote(typed(self.text)),)
        return changed(call, case, kept, "noted in", text=self.text, said=said, on_root=False)


@command("case ref", permit=P.CASE_REF)
class RefCase:
    """Note your agency's own file number of this case."""

    case: Annotated[CaseNo, Ask("Case", flag=True, here=True)]
    number: Annotated[str, Ask("Your file number", rest=True, shows="THEIR-NUMBER", max_length=200, example="2026/114")]

    def perform(self, call: Call) -> Outcome:
        case = find.case(call, self.case)
        call.mind_red(case.marking, self.number)
        cases.on_case(call.session, self.case)[call.agency_id].their_ref = self.number
        call.session.flush()
        said = (Quote(typed(self.number)),)
        kept = record("case:ref", case_ref(self.case), self.number)
        return changed(call, case, kept, f"noted {call.agency.code}'s reference for", text=self.number, said=said)


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
        new = {name: value for name, value in values.items() if value is not None}
        if not new:
            raise BadValue("Nothing to change.", instead=("Give --title, --priority, --marking or --conduct.",))
        call.mind_red(self.marking or case.marking, self.title)
        former = case.marking
        for name, value in new.items():
            setattr(case, name, value)
        call.session.flush()
        narrowed = _narrow_requests(call, case) if case.marking is not former else ()
        said = Fields(tuple((name.capitalize(), typed(value)) for name, value in new.items()))
        kept = record("case:set", case_ref(self.case), self.title, **{k: v for k, v in new.items() if k != "title"})
        text = ", ".join(f"{name} {value}" for name, value in new.items())
        outcome = changed(call, case, kept, "changed", text=text, said=(said,))
        return replace(outcome, drafts=outcome.drafts + narrowed)


def _narrow_requests(call: Call, case: Case) -> tuple[Draft, ...]:
    """A request is never wider than its case."""
    drafts: tuple[Draft, ...] = ()
    for request in cases.all_requests(call.session, key(case.id)):
        if narrower(request.marking, case.marking) is not request.marking:
            request.marking = case.marking
            call.session.flush()
            settled = resettle_request(call, request)
            drafts += settled.drafts + unreached.of_request(call, request, settled.unreached)
            drafts += threads.refresh_request(call, request)
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
            raise StepNotOpen(f"{ref} is closed already.", instead=(Code(f"/case reopen {ref}"), " opens it again."))
        call.mind_red(case.marking, self.outcome)
        still = list(cases.open_requests(call.session, self.case))
        own = [request for request in still if request.asking_id == call.agency_id] if self.anyway else []
        if remaining := [request for request in still if request not in own]:
            raise StepNotOpen(
                f"{ref} still has open requests:",
                items=request_lines(call, remaining),
                instead=(self._instead(call, remaining),),
                marking=case.marking,
            )
        withdrawn = [take_step(call, key(request.id), Step.WITHDRAW) for request in own]
        case.closed_at, case.outcome = call.now, self.outcome
        call.session.flush()
        said = (Quote(typed(self.outcome)),)
        kept = record("case:closed", ref, self.outcome)
        closed = changed(call, case, kept, "closed", text=self.outcome, said=said)
        return together(case.marking, [*withdrawn, closed])

    def _instead(self, call: Call, remaining: list[Request]) -> str:
        others = [request.asking_id for request in remaining if request.asking_id != call.agency_id]
        codes = " and ".join(sorted(agency.code for agency in agencies.by_ids(call.session, others).values()))
        theirs = f"Those that {codes} sent are {codes}'s to close or withdraw." if codes else ""
        ours = f"Close or withdraw them first; --anyway withdraws those that {call.agency.code} sent."
        return theirs if self.anyway else f"{ours} {theirs}".rstrip()


@command("case reopen", permit=P.CASE_REOPEN)
class ReopenCase:
    """Open your closed case again."""

    case: Annotated[CaseNo, Ask("Case", here=True)]
    reason: Annotated[str | None, Ask("Reason", rest=True, example="They began again on 9 June.")] = None

    def perform(self, call: Call) -> Outcome:
        case = find.own_case(call, self.case)
        if case.closed_at is None:
            raise StepNotOpen(f"{case_ref(self.case)} is open: there is nothing to reopen.")
        call.mind_red(case.marking, self.reason)
        case.closed_at = case.outcome = None
        call.session.flush()
        said = (Quote(typed(self.reason)),) if self.reason else ()
        kept = record("case:reopened", case_ref(self.case), self.reason)
        return changed(call, case, kept, "reopened", text=self.reason, said=said)


def request_lines(call: Call, found: Iterable[Request]) -> list[Spans]:
    """What anyone on the case may see of these requests, a line each."""
    return [request_page.line(line_of(call.session, request), Sight.OUTLINE, call.now) for request in found]

"""The life of a request, from sending to closing: its commands; which step is open when is rules.lifecycle's word."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from commands import find, grammar, preservation, questions, request_page
from commands.call import Call, Outcome, named
from commands.declare import AgencyCode, Ask, CaseNo, Permission, Person, RequestNo, When, command
from commands.due import NO_PROPOSAL, DueTime, default_due, read_due, told_on
from commands.message import Block, say
from commands.people import officer_named
from commands.refusals import BadValue, NotPermitted
from commands.resettling import resettle_request
from commands.rules import account
from commands.sending import marking_within, put_on_case, send, together
from commands.steps import open_step, take_step
from storage import cases
from storage.tables import Agency
from storage.words import Marking, Reason, RequestKind, Side, Step

P = Permission


@command("request send", permit=P.REQUEST_SEND)
class SendRequest:
    """Ask a partner agency for evidence or another kind of help."""

    to: Annotated[tuple[AgencyCode, ...], Ask("Agency asked", help="one code, or several with commas")]
    case: Annotated[CaseNo, Ask("Case", flag=True, here=True)]
    kind: Annotated[RequestKind, Ask("Kind of help", flag=True)] = RequestKind.EVIDENCE
    due: Annotated[When | None, Ask("Answer needed by", flag=True, help="else 10 working days", example="2 weeks")] = (
        None
    )
    urgent: Annotated[bool, Ask("Urgent", flag=True, help="else due in 3 calendar days")] = False
    under: Annotated[str | None, Ask("Instrument", flag=True, shows="INSTRUMENT", help="MoU, treaty, statute")] = None
    marking: Annotated[Marking | None, Ask("Marking", flag=True, shows="TLP", help="not wider than the case")] = None
    shared: Annotated[bool, Ask("Shared", flag=True, help="all agencies on the case may read it")] = False
    what: Annotated[str, Ask("What is asked", rest=True, example="Who rented the mailbox?")]

    def perform(self, call: Call) -> Outcome:
        case = find.open_case(call, self.case)
        asked = find.agency_list(call, self.to)
        marking = marking_within(case, self.marking)
        call.mind_red(marking, self.what)
        dues = [self._due(call, agency) for agency in asked]
        joined = put_on_case(call, case, asked)
        sent = [self._send(call, agency, due, marking) for agency, due in zip(asked, dues, strict=True)]
        return together(marking, [joined, *sent])

    def _due(self, call: Call, asked: Agency) -> DueTime:
        return read_due(self.due, call, asked) if self.due else default_due(call, asked, urgent=self.urgent)

    def _send(self, call: Call, asked: Agency, due: DueTime, marking: Marking) -> Outcome:
        return send(
            call, asked, due,
            case_id=self.case, kind=self.kind, what=self.what, marking=marking, shared=self.shared,
            urgent=self.urgent, instrument=self.under,
        )  # fmt: skip


@command("request ack", permit=P.REQUEST_ACK)
class AckRequest:
    """Say that your agency has it; you become its handler."""

    request: Annotated[RequestNo, Ask("Request", here=True)]

    def perform(self, call: Call) -> Outcome:
        return take_step(call, self.request, Step.ACK)


@command("request assign", permit=P.REQUEST_ASSIGN)
class AssignRequest:
    """Hand the request to another officer of your agency."""

    request: Annotated[RequestNo, Ask("Request", here=True)]
    person: Annotated[Person, Ask("Officer", help="an address or a mention")]

    def perform(self, call: Call) -> Outcome:
        open_step(call, self.request, Step.ASSIGN)
        officer, agency = officer_named(call, self.person)
        if agency.id != call.agency_id:
            raise NotPermitted(f"{named(officer, agency)} is not of {call.agency.code}.")
        name = named(officer, agency)
        done = f"made {name} the handler of"
        return take_step(call, self.request, Step.ASSIGN, to=name, done=done, changes={"handler_id": officer.id})


@command("request clarify", permit=P.REQUEST_CLARIFY)
class ClarifyRequest:
    """Ask the asking agency what is meant; nothing is overdue meanwhile."""

    request: Annotated[RequestNo, Ask("Request", here=True)]
    question: Annotated[str, Ask("What is unclear", rest=True, example="Which of the two mailboxes?")]

    def perform(self, call: Call) -> Outcome:
        return take_step(call, self.request, Step.CLARIFY, text=self.question)


@command("request explain", permit=P.REQUEST_EXPLAIN)
class ExplainRequest:
    """Answer the asked agency's question."""

    request: Annotated[RequestNo, Ask("Request", here=True)]
    text: Annotated[str, Ask("Explanation", rest=True, example="The one in Perth.")]

    def perform(self, call: Call) -> Outcome:
        return take_step(call, self.request, Step.EXPLAIN, text=self.text)


@command("request answer", permit=P.REQUEST_ANSWER)
class AnswerRequest:
    """Answer the request; replies in the thread belong to the answer."""

    request: Annotated[RequestNo, Ask("Request", here=True)]
    partial: Annotated[bool, Ask("Partial", flag=True, help="more will follow; the state stays")] = False
    kept_until: Annotated[When | None, Ask("Data kept until", flag=True)] = None
    text: Annotated[str | None, Ask("Answer", rest=True, pressed=True, example="Example Pty Ltd, since 3 May.")] = None

    def perform(self, call: Call) -> Outcome:
        request = open_step(call, self.request, Step.ANSWER).request
        if request.kind is RequestKind.PRESERVE and not (self.partial or self.kept_until):
            return questions.ask(call, grammar.lacking(self, "kept_until"))
        changes: dict[str, Any] = {}
        more: list[Block] = []
        if self.kept_until:
            kept = read_due(self.kept_until, call, call.agency)
            changes["kept_until"] = kept.at
            more.append(say("The data are kept until ", request_page.instant(call.session, request, kept.at), "."))
        done = "answered part of" if self.partial else None
        answered = take_step(
            call, self.request, Step.ANSWER, text=self.text, partial=self.partial, done=done, more=more, changes=changes
        )
        if self.kept_until:
            preservation.plan(call.session, request, call.now, call.now)
        return answered


@command("request decline", permit=P.REQUEST_DECLINE)
class DeclineRequest:
    """Say no, with a reason."""

    request: Annotated[RequestNo, Ask("Request", here=True)]
    reason: Annotated[Reason, Ask("Reason", flag=True, shows="CODE")]
    text: Annotated[str | None, Ask("More about it", rest=True, example="The provider keeps no such records.")] = None

    def perform(self, call: Call) -> Outcome:
        more = [say(f"Reason: {self.reason}.")]
        return take_step(call, self.request, Step.DECLINE, text=self.text, reason=self.reason, more=more)


@command("request extend", permit=P.REQUEST_EXTEND)
class ExtendRequest:
    """Move the due time: the asking agency at once, the asked agency once the other agrees."""

    request: Annotated[RequestNo, Ask("Request", here=True)]
    due: Annotated[When, Ask("New due time", flag=True)]
    why: Annotated[str | None, Ask("Why", rest=True)] = None

    def perform(self, call: Call) -> Outcome:
        found = open_step(call, self.request, Step.EXTEND)
        request, side = found.request, found.side
        due = read_due(self.due, call, call.session.get_one(Agency, request.asked_id))
        if due.at <= request.due_at:
            now_due = request_page.instant(call.session, request, request.due_at)
            raise BadValue("That is not later than the present due time, ", now_due, ".")
        changes: dict[str, Any] = dict(NO_PROPOSAL)
        if side is Side.ASKING:
            how = told_on(request, f"{call.agency.code} moved the due time.", due.steps)
            changes |= {"due_at": due.at, "due_spec": due.spec, "due_note": due.note, "due_steps": how}
            done, what = "moved the due time of", "New due time: "
        else:
            changes |= {
                "proposed_due_at": due.at, "proposed_due_spec": due.spec, "proposed_due_note": due.note,
                "proposed_due_steps": due.steps,
            }  # fmt: skip
            done, what = "asks for more time for", "Proposed due time: "
        until = say(what, request_page.instant(call.session, request, due.at), f". {due.note or ''}".rstrip())
        return take_step(
            call, self.request, Step.EXTEND, text=self.why, due_at=due.at, done=done, more=[until], changes=changes
        )


@command("request agree", permit=P.REQUEST_AGREE)
class AgreeRequest:
    """Agree to the due time that the asked agency proposed."""

    request: Annotated[RequestNo, Ask("Request", here=True)]

    def perform(self, call: Call) -> Outcome:
        request = open_step(call, self.request, Step.AGREE).request
        due, note = request.proposed_due_at or request.due_at, request.proposed_due_note
        asked = call.session.get_one(Agency, request.asked_id)
        agreed = f"{asked.code} asked for another due time, and {call.agency.code} agreed."
        steps = request.proposed_due_steps or f"Due now: {account.moment(due, asked.zone)}."
        changes = NO_PROPOSAL | {
            "due_at": due, "due_spec": request.proposed_due_spec, "due_note": note,
            "due_steps": told_on(request, agreed, steps),
        }  # fmt: skip
        until = say("New due time: ", request_page.instant(call.session, request, due), f". {note or ''}".rstrip())
        return take_step(call, self.request, Step.AGREE, due_at=due, more=[until], changes=changes)


@command("request refuse", permit=P.REQUEST_REFUSE)
class RefuseRequest:
    """Refuse the due time that the asked agency proposed; the present one stands."""

    request: Annotated[RequestNo, Ask("Request", here=True)]
    why: Annotated[str | None, Ask("Why", rest=True)] = None

    def perform(self, call: Call) -> Outcome:
        request, _side = find.own_request(call, self.request)
        until = say("It stays due ", request_page.instant(call.session, request, request.due_at), ".")
        return take_step(call, self.request, Step.REFUSE, text=self.why, more=[until], changes=NO_PROPOSAL)


@command("request withdraw", permit=P.REQUEST_WITHDRAW)
class WithdrawRequest:
    """Take your request back."""

    request: Annotated[RequestNo, Ask("Request", here=True)]
    why: Annotated[str | None, Ask("Why", rest=True)] = None

    def perform(self, call: Call) -> Outcome:
        return take_step(call, self.request, Step.WITHDRAW, text=self.why)


@command("request close", permit=P.REQUEST_CLOSE)
class CloseRequest:
    """Close an answered or declined request: nothing more is needed."""

    request: Annotated[RequestNo, Ask("Request", here=True)]

    def perform(self, call: Call) -> Outcome:
        return take_step(call, self.request, Step.CLOSE)


@command("request reopen", permit=P.REQUEST_REOPEN)
class ReopenRequest:
    """Ask on: the answer does not suffice."""

    request: Annotated[RequestNo, Ask("Request", here=True)]
    why: Annotated[str, Ask("Why", rest=True, example="The second page is missing.")]

    def perform(self, call: Call) -> Outcome:
        request = open_step(call, self.request, Step.REOPEN).request
        case = cases.of_request(call.session, request)
        if case.closed_at is not None:
            raise find.closed(case)
        find.mind_parties(call, request)
        settled = resettle_request(call, request)  # desks may have changed since it ended
        reopened = take_step(call, self.request, Step.REOPEN, text=self.why)
        return replace(reopened, drafts=settled.drafts + reopened.drafts)


@command("request ref", permit=P.REQUEST_REF)
class RefRequest:
    """Note your agency's own file number of this request."""

    request: Annotated[RequestNo, Ask("Request", here=True)]
    number: Annotated[str, Ask("Your file number", rest=True, shows="THEIR-NUMBER", max_length=200, example="2026/114")]

    def perform(self, call: Call) -> Outcome:
        _request, side = find.own_request(call, self.request)
        column = "asked_ref" if side is Side.ASKED else "asking_ref"
        return take_step(call, self.request, Step.REF, text=self.number, changes={column: self.number})

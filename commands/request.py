"""The life of a request, from sending to closing: its commands; which step is open when is rules.lifecycle's word."""

from __future__ import annotations

from typing import Annotated

from commands import find, request_page
from commands.call import Call, Outcome, key, record
from commands.declare import AgencyCode, Ask, CaseNo, Permission, RequestNo, When, command
from commands.due import DueTime, default_due, read_due
from commands.message import Block, Items, Message, say
from commands.refusals import BadValue
from commands.rules.marking import is_wider, narrower, narrowest
from commands.sending import put_on_case, settle, together
from storage import cases, lines, requests
from storage.tables import Agency, Case
from storage.words import Marking, RequestKind, Sight, case_ref, request_ref

P = Permission
SHOWN = 50
"""How many lines a list has at most."""


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
        marking = self._marking(case)
        call.mind_red(marking, self.what)
        dues = [self._due(call, agency) for agency in asked]
        joined = put_on_case(call, case, asked)
        on_case = frozenset(cases.agencies_on(call.session, self.case))
        sent = (self._send(call, agency, due, marking, on_case) for agency, due in zip(asked, dues, strict=True))
        return together(marking, [joined, *sent])

    def _marking(self, case: Case) -> Marking:
        marking = self.marking or narrower(Marking.AMBER, case.marking)
        if is_wider(marking, case.marking):
            raise BadValue(
                f"{case_ref(self.case)} is {case.marking}: a request in it may not be wider ({marking}).",
                instead=("Leave out --marking, or give a narrower one.",),
            )
        return marking

    def _due(self, call: Call, asked: Agency) -> DueTime:
        return read_due(self.due, call, asked) if self.due else default_due(call, asked, urgent=self.urgent)

    def _send(self, call: Call, asked: Agency, due: DueTime, marking: Marking, on_case: frozenset[int]) -> Outcome:
        number = requests.send(
            call.session,
            call.now,
            case_id=self.case,
            asking_id=call.agency_id,
            asked_id=key(asked.id),
            officer_id=call.hand[1],
            kind=self.kind,
            what=self.what,
            marking=marking,
            shared=self.shared,
            urgent=self.urgent,
            instrument=self.under,
            due_at=due.at,
            first_due_at=due.at,
            due_spec=due.spec,
            due_note=due.note,
        )
        request = requests.by_id(call.session, number)
        drafts, reply = settle(call, request, asked, on_case)
        sent = record(
            "request:sent", request_ref(number), self.what, case=case_ref(self.case), to=asked.code,
            marking=marking, due=due.at.isoformat(), shared=self.shared or None,
        )  # fmt: skip
        return Outcome((sent,), drafts, reply)


@command("request show", permit=P.REQUEST_SHOW, private=True)
class ShowRequest:
    """Show a request: its text, what happened, and every reply with its wordings."""

    request: Annotated[RequestNo, Ask("Request", here=True)]

    def perform(self, call: Call) -> Outcome:
        request, sight = find.request(call, self.request)
        return Outcome(reply=request_page.page(call.session, request, sight))


@command("request list", permit=P.REQUEST_LIST, private=True)
class ListRequests:
    """List your agency's open requests, the earliest due first."""

    owed: Annotated[bool, Ask("Owed", flag=True, help="what others owe you")] = False
    owing: Annotated[bool, Ask("Owing", flag=True, help="what you owe others")] = False
    overdue: Annotated[bool, Ask("Overdue", flag=True)] = False
    mine: Annotated[bool, Ask("Mine", flag=True, help="sent or handled by you")] = False
    case: Annotated[CaseNo | None, Ask("Case", flag=True)] = None

    def perform(self, call: Call) -> Outcome:
        if self.case is not None:
            find.case(call, self.case)
        found = lines.listing(
            call.session,
            call.agency_id,
            asked=self.owing or not self.owed,
            asking=self.owed or not self.owing,
            overdue_at=call.now if self.overdue else None,
            officer_id=call.hand[1] if self.mine else None,
            case_id=self.case,
            limit=SHOWN + 1,
        )
        if not found:
            return Outcome(reply=Message(None, (say("No such request is open."),)))
        shown = tuple(request_page.line(line, Sight.FULL, call.now) for line in found[:SHOWN])
        blocks: list[Block] = [Items(shown)]
        if len(found) > SHOWN:
            blocks.append(
                say(f"These are the first {SHOWN}. Narrow it: --owed, --owing, --overdue, --mine, --case C-n.")
            )
        marking = narrowest(line.marking for line in found[:SHOWN])
        return Outcome(reply=Message(marking, tuple(blocks)))

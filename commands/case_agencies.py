"""Who is on a case: the agencies that its opener adds and removes; their commands."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from commands import find, threads, unreached
from commands.call import Call, Outcome, key, record
from commands.case_changes import changed, request_lines
from commands.declare import AgencyCode, Ask, CaseNo, Permission, command
from commands.draft import Draft
from commands.message import Message, Ref, Strong, say
from commands.refusals import BadValue
from commands.resettling import resettle_request
from storage import agencies, cases
from storage import threads as thread_rows
from storage.tables import Case
from storage.words import Place, Sight, case_ref

P = Permission


@command("case add", permit=P.CASE_ADD)
class AddAgency:
    """Put another agency on your case."""

    agency: Annotated[AgencyCode, Ask("Agency")]
    case: Annotated[CaseNo, Ask("Case", flag=True, here=True)]

    def perform(self, call: Call) -> Outcome:
        case = find.own_case(call, self.case)
        agency = find.agency(call, self.agency)
        if agency.id in cases.agencies_on(call.session, self.case):
            raise BadValue(f"{agency.code} is on {case_ref(self.case)} already.")
        cases.join(call.session, self.case, key(agency.id), call.now)
        done = f"added {agency.code} to"
        kept = record("case:added", case_ref(self.case), agency=agency.code)
        return changed(call, case, kept, done, text=agency.code, joined={key(agency.id)})


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
                items=request_lines(call, still),
                instead=("The agency that asks closes or withdraws them first.",),
                marking=case.marking,
            )
        told = self._told(call, case, key(agency.id))
        row.removed_at = call.now
        call.session.flush()
        kept = record("case:removed", case_ref(self.case), agency=agency.code)
        removed = changed(call, case, kept, f"removed {agency.code} from", text=agency.code)
        return replace(removed, drafts=told + removed.drafts + self._unshared(call))

    def _told(self, call: Call, case: Case, agency: int) -> tuple[Draft, ...]:
        """Whoever reads along with the agency hears why, below a root of which a pointer will be left."""
        words = say(Strong(call.who), f" removed {self.agency} from ", Ref(case_ref(self.case)), ".")
        return tuple(
            threads.below(thread, Message(case.marking, (words,)), Sight.NONE)
            for thread in thread_rows.of_case(call.session, self.case)
            if agency in agencies.readers(call.session, Place(thread.place))
        )

    def _unshared(self, call: Call) -> tuple[Draft, ...]:
        """What was shared with all on the case may not stand any more where the agency reads along."""
        drafts: tuple[Draft, ...] = ()
        for request in cases.all_requests(call.session, self.case):
            if request.shared:
                settled = resettle_request(call, request)
                drafts += settled.drafts + unreached.of_request(call, request, settled.unreached)
        return drafts

"""Cases: opening, who is on them, notes, closing; their commands."""

from __future__ import annotations

from typing import Annotated

from commands import case_page, find, threads, unreached
from commands.call import Call, Outcome, key, record
from commands.declare import AgencyCode, Ask, CaseNo, Permission, command
from commands.message import Block, Code, Items, Message, Ref, say
from commands.rules.marking import narrowest
from storage import agencies, cases
from storage.tables import Case
from storage.words import CaseStatus, Conduct, Marking, Priority, case_ref

P = Permission
SHOWN = 50
"""How many lines a list has at most."""


@command("case open", permit=P.CASE_OPEN)
class OpenCase:
    """Open a case; where other agencies sit, all of them are on it."""

    conduct: Annotated[Conduct | None, Ask("Kind of conduct", flag=True, shows="KIND")] = None
    priority: Annotated[Priority, Ask("Priority", flag=True)] = Priority.NORMAL
    marking: Annotated[Marking, Ask("Marking", flag=True, shows="TLP", help="TLP")] = Marking.AMBER
    only: Annotated[bool, Ask("Only us", flag=True, help="leave the other agencies of this place out")] = False
    title: Annotated[str, Ask("Title", rest=True, max_length=200, example="Pump-and-dump mailing")]

    def perform(self, call: Call) -> Outcome:
        call.mind_red(self.marking, self.title)
        readers = agencies.readers(call.session, call.place) if call.place else {}
        others = [] if self.only else sorted(readers.keys() - {call.agency_id})
        number = cases.start(
            call.session,
            [call.agency_id, *others],
            call.now,
            marking=self.marking,
            title=self.title,
            conduct=self.conduct,
            priority=self.priority,
            officer_id=call.hand[1],
            place=call.place if readers else None,
        )
        cases.note_event(call.session, number, "case:opened", call.hand, call.now, None)
        case = cases.by_id(call.session, number)
        settled = threads.settle_case(call, case, call.place)
        told = unreached.of_case(call, case, [agency for agency in settled.unreached if agency != call.agency_id])
        opened = record("case:opened", case_ref(number), self.title, marking=self.marking)
        reached = call.agency_id not in settled.unreached
        reply = None if call.place in settled.places else _opened(case, call.agency.code, reached=reached)
        return Outcome((opened,), settled.drafts + told, reply)


def _opened(case: Case, code: str, *, reached: bool) -> Message:
    ref = Ref(case_ref(key(case.id)))
    if reached:
        return Message(case.marking, (say(ref, " is open. Its thread stands at your desk."),))
    words = say(ref, f" is open. {code} has no desk where its thread may stand: ", *unreached.set_a_desk(code))
    return Message(case.marking, (words,))


@command("case show", permit=P.CASE_SHOW, private=True)
class ShowCase:
    """Show a case: its agencies, notes and requests."""

    case: Annotated[CaseNo, Ask("Case", here=True)]

    def perform(self, call: Call) -> Outcome:
        case = find.case(call, self.case)
        return Outcome(reply=case_page.page(call.session, call.agency, case, call.now))


@command("case list", permit=P.CASE_LIST, private=True)
class ListCases:
    """List the cases that your agency is on, the newest first."""

    status: Annotated[CaseStatus, Ask("Status", flag=True)] = CaseStatus.OPEN
    agency: Annotated[AgencyCode | None, Ask("Agency", flag=True, shows="CODE", help="on it too")] = None
    mine: Annotated[bool, Ask("Mine", flag=True, help="opened by you")] = False
    text: Annotated[str | None, Ask("Words", flag=True, shows="WORDS", help="in the title")] = None

    def perform(self, call: Call) -> Outcome:
        found = cases.listing(
            call.session,
            call.agency_id,
            open_only=None if self.status is CaseStatus.ALL else self.status is CaseStatus.OPEN,
            agency_id=find.agency(call, self.agency).id if self.agency else None,
            officer_id=call.hand[1] if self.mine else None,
            words=self.text,
            limit=SHOWN + 1,
        )
        if not found:
            return Outcome(
                reply=Message(None, (say("There is no such case. To open one: ", Code("/case open TITLE"), "."),))
            )
        blocks: list[Block] = [Items(tuple(case_page.line(case) for case in found[:SHOWN]))]
        if len(found) > SHOWN:
            blocks.append(say(f"These are the newest {SHOWN}. Narrow it: --agency CODE, --mine, --text WORDS."))
        return Outcome(reply=Message(narrowest(case.marking for case in found[:SHOWN]), tuple(blocks)))


@command("case timeline", permit=P.CASE_TIMELINE, private=True)
class CaseTimeline:
    """Show what happened in a case, in order."""

    case: Annotated[CaseNo, Ask("Case", here=True)]

    def perform(self, call: Call) -> Outcome:
        case = find.case(call, self.case)
        return Outcome(reply=case_page.timeline(call.session, call.agency, case))

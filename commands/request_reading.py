"""Requests that are read: one whole, or the agency's open ones as a list."""

from __future__ import annotations

from typing import Annotated

from commands import find, request_page
from commands.call import Call, Outcome
from commands.declare import Ask, CaseNo, Permission, RequestNo, command
from commands.message import Block, Items, Message, say
from commands.rules.marking import narrowest
from storage import lines
from storage.words import Sight

P = Permission
SHOWN = 50
"""How many lines a list has at most."""


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

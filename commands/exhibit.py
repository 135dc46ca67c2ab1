"""Exhibits that are read: listed, shown with their chain of custody, and read again to the last byte."""

from __future__ import annotations

import json
from typing import Annotated

from commands import custody, exhibit_lines, exhibit_page, find, verifying
from commands.call import Call, Outcome, key
from commands.declare import Ask, CaseNo, ExhibitNo, Permission, command
from commands.message import Block, Code, Items, Message, say
from commands.refusals import NotPermitted
from commands.rules.custody import may_have
from commands.rules.marking import narrowest
from storage import errands, exhibits, ledger, releases, requests
from storage.tables import Exhibit, Request
from storage.words import Act, Marking, Place, Sight, case_ref, exhibit_ref

P = Permission
SHOWN = 50
"""How many lines a list has at most."""


@command("exhibit list", permit=P.EXHIBIT_LIST, private=True)
class ListExhibits:
    """List the exhibits of a case that your agency may see; without one, the newest of all cases."""

    case: Annotated[CaseNo | None, Ask("Case", here=True)] = None

    def perform(self, call: Call) -> Outcome:
        if self.case is not None:
            find.case(call, self.case)
            found = exhibits.of_case(call.session, call.agency_id, self.case, SHOWN + 1)
        else:
            found = exhibits.latest(call.session, call.agency_id, SHOWN + 1)
        if not found:
            where = f" in {case_ref(self.case)}" if self.case is not None else ""
            return Outcome(reply=Message(None, (say(f"There are no exhibits{where} yet."),)))
        shown = [(one, requests.by_id(call.session, one.request_id).marking) for one in found[:SHOWN]]
        lines = tuple(
            exhibit_lines.red_line(one) if marking is Marking.RED else exhibit_lines.line(one) for one, marking in shown
        )
        blocks: list[Block] = [Items(lines)]
        if len(found) > SHOWN:
            blocks.append(say(f"These are the first {SHOWN}. Name a case: ", Code("/exhibit list C-n"), "."))
        return Outcome(reply=Message(narrowest(marking for _one, marking in shown), tuple(blocks)))


@command("exhibit show", permit=P.EXHIBIT_SHOW, private=True)
class ShowExhibit:
    """Show an exhibit with its chain of custody, and the file itself where your agency may have it."""

    exhibit: Annotated[ExhibitNo, Ask("Exhibit")]

    def perform(self, call: Call) -> Outcome:
        exhibit, request = find.exhibit(call, self.exhibit)
        own = exhibit.agency_id == call.agency_id
        if exhibit.sha256 is None or exhibit.destroyed_at is not None:
            return Outcome(reply=exhibit_page.page(call.session, exhibit, request, own=own))
        if not has(call, exhibit, request):
            line = Code(f"/exhibit release {exhibit_ref(self.exhibit)} {call.agency.code}")
            words = say("The file itself needs its originator's agreement: ", line, " asks for it.")
            return Outcome(reply=exhibit_page.page(call.session, exhibit, request, words, own=own))
        shown = custody.link(call, exhibit, Act.SHOWN, "to read it")
        more = exhibit_page.enclosures(exhibit)
        return Outcome((shown,), reply=exhibit_page.page(call.session, exhibit, request, *more, own=own))


def has(call: Call, exhibit: Exhibit, request: Request) -> bool:
    """The asker's agency may have its bytes."""
    found = requests.visible(call.session, call.agency_id, key(request.id))
    return may_have(
        found[1] if found else Sight.NONE,
        request.marking,
        own=exhibit.agency_id == call.agency_id,
        released=releases.agreed(call.session, key(exhibit.id), call.agency_id),
    )


@command("exhibit verify", permit=P.EXHIBIT_VERIFY, private=True)
class VerifyExhibit:
    """Read an exhibit again, to the last byte, and recompute its sum and its chain of custody."""

    exhibit: Annotated[ExhibitNo, Ask("Exhibit")]

    def perform(self, call: Call) -> Outcome:
        exhibit, request = find.kept_exhibit(call, self.exhibit)
        # the ledger grows with every answer, so that no two askings have the same name
        job = f"{verifying.VERIFY}:{self.exhibit}:{ledger.head(call.session).count}"
        if errands.by_job(call.session, job) is not None:
            raise NotPermitted(f"{exhibit_ref(self.exhibit)} is being read already: ask again in a moment.")
        where = json.dumps({"thread": call.below, "direct": call.place is None})
        errands.order(call.session, job, call.actor.address, _place(call), where, call.now)
        words = say(*exhibit_lines.name_spans(exhibit), " is read again: what was found comes in a moment.")
        return Outcome(reply=Message(request.marking, (words,)))


def _place(call: Call) -> Place:
    """Where it was asked; in a direct message that person's address stands for it."""
    return call.place or Place(str(call.actor.address))

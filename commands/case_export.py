"""A case as a private file for whoever asks: its command; the file is written later."""

from __future__ import annotations

import json
from typing import Annotated

from commands import find
from commands.call import Call, Outcome
from commands.declare import Ask, CaseNo, Permission, command
from commands.exported import EXPORT
from commands.message import Message, say
from commands.refusals import NotPermitted
from storage import errands, ledger
from storage.words import Place, case_ref

P = Permission


@command("case export", permit=P.CASE_EXPORT, private=True)
class ExportCase:
    """Give a case as a file: a page, its exhibits and their custody, with which anyone can check them."""

    case: Annotated[CaseNo, Ask("Case", here=True)]

    def perform(self, call: Call) -> Outcome:
        case = find.case(call, self.case)
        # the ledger grows with every export, so that no two askings have the same name
        job = f"{EXPORT}:{self.case}:{call.agency.code}:{ledger.head(call.session).count}"
        if errands.by_job(call.session, job) is not None:
            raise NotPermitted(f"{case_ref(self.case)} is being written already: the file comes in a moment.")
        where = json.dumps({"thread": call.below, "direct": call.place is None})
        place = call.place or Place(str(call.actor.address))
        errands.order(call.session, job, call.actor.address, place, where, call.now)
        words = say(f"{case_ref(self.case)} is being written to a file, which comes directly to you.")
        return Outcome(reply=Message(case.marking, (words,)))

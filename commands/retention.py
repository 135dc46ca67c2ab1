"""How long the exhibits of a case are kept, and their destruction afterwards; their commands."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from sqlmodel import Session

from commands import custody, exhibit_lines, exporting, find
from commands.call import Call, Outcome, key, record
from commands.case_changes import changed
from commands.declare import Ask, CaseNo, Dates, ExhibitNo, Permission, command
from commands.message import Code, Message, say
from commands.refusals import BadValue, NotPermitted
from commands.rules.names import show_date
from storage import cases, errands, exhibits, exports, requests
from storage.tables import Agency, Case
from storage.words import Act, Place, case_ref, exhibit_ref

P = Permission
DESTROY = "destroy"


@command("case keep", permit=P.CASE_KEEP)
class KeepCase:
    """Say until when the exhibits of your case are kept once it is closed; later they may be destroyed."""

    until: Annotated[Dates, Ask("Until", shows="DATE", help="the last day included", example="2031-12-31")]
    case: Annotated[CaseNo, Ask("Case", flag=True, here=True)]

    def perform(self, call: Call) -> Outcome:
        case = find.own_case(call, self.case)
        until = _read_date(self.until)
        if until < _today(call, case):
            raise BadValue(f"{show_date(until)} is past.")
        case.keep_until = until
        call.session.flush()
        kept = record("case:kept", case_ref(self.case), until=str(until))
        done = f"has exhibits kept until {show_date(until)} in"
        return changed(call, case, kept, done, text=str(until))


@command("exhibit destroy", permit=P.EXHIBIT_DESTROY)
class DestroyExhibit:
    """Destroy an exhibit that your agency attached, for good, once its case is closed and need not be kept any more.

    That it was there, what was done with it and its SHA-256 stay; its bytes do not.
    """

    exhibit: Annotated[ExhibitNo, Ask("Exhibit")]
    why: Annotated[str, Ask("Why", rest=True, max_length=2000, example="Kept as long as the law says.")]

    def perform(self, call: Call) -> Outcome:
        exhibit, request = find.kept_exhibit(call, self.exhibit)
        call.mind_red(request.marking, self.why)
        if exhibit.agency_id != call.agency_id:
            code = call.session.get_one(Agency, exhibit.agency_id).code
            raise NotPermitted(f"{exhibit_ref(self.exhibit)} was attached by {code}: only {code} can destroy it.")
        _mind_kept(call, cases.by_id(call.session, request.case_id))
        link = custody.link(call, exhibit, Act.DESTROYED, self.why)
        exhibit.destroyed_at = call.now
        call.session.flush()
        errands.order(
            call.session, f"{DESTROY}:{self.exhibit}", call.actor.address, Place(exhibit.place), "", call.now
        )  # fmt: skip
        words = say(*exhibit_lines.name_spans(exhibit), " is destroyed. Its SHA-256 and its chain of custody stay.")
        return Outcome((link,), reply=Message(request.marking, (words,)))


def taken_away(session: Session, exhibit_id: int) -> Iterator[str]:
    """The sums of what goes from the vault with an exhibit that is destroyed, and is not expected there any more.

    Its bytes, unless another exhibit has them; and every export that holds it, for it can be written again without.
    """
    exhibit = exhibits.by_id(session, exhibit_id)
    if exhibit.sha256 is not None and exhibit.sha256 not in exhibits.sums(session):
        yield exhibit.sha256
    case_id = requests.by_id(session, exhibit.request_id).case_id
    for export in exports.of_case_in_vault(session, case_id):
        if exhibit_ref(exhibit_id) in exporting.enclosed(json.loads(export.snapshot)):
            yield export.sha256 or ""
            export.sha256 = export.size = None
    session.flush()


def _mind_kept(call: Call, case: Case) -> None:
    """Raises NotPermitted while the case's exhibits are to be kept."""
    ref = case_ref(key(case.id))
    if case.closed_at is None:
        raise NotPermitted(f"{ref} is open: its exhibits are kept.")
    opener = call.session.get_one(Agency, case.agency_id).code
    line = Code(f"/case keep DATE --case {ref}")
    if case.keep_until is None:
        raise NotPermitted(
            f"{ref} does not say until when its exhibits are kept.", instead=(f"{opener} can type ", line, ".")
        )
    if _today(call, case) <= case.keep_until:
        raise NotPermitted(f"The exhibits of {ref} are kept until {show_date(case.keep_until)}.")


def _today(call: Call, case: Case) -> date:
    """In the zone of the agency that opened the case, whose word counts for how long."""
    return call.now.astimezone(ZoneInfo(call.session.get_one(Agency, case.agency_id).zone)).date()


def _read_date(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007  # a day has no zone
    except ValueError:
        raise BadValue("That is no date.", instead=("Write for example 2031-12-31.",)) from None

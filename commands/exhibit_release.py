"""Releases of exhibits: asked for by anyone who may see them, agreed or refused by whoever attached them."""

from __future__ import annotations

from typing import Annotated

from commands import find, releasing
from commands.call import Call, Outcome, key
from commands.declare import AgencyCode, Ask, ExhibitNo, Permission, command
from commands.message import Code
from commands.refusals import NotPermitted
from commands.rules.custody import may_have
from storage import cases, releases, requests
from storage.tables import Agency, Exhibit, Release, Request
from storage.words import Role, Sight, case_ref, exhibit_ref

P = Permission


@command("exhibit release", permit=P.EXHIBIT_RELEASE, private=True)
class ReleaseExhibit:
    """Ask the agency that attached an exhibit to let another agency on the case, or yours, have it.

    A coordinator of the agency that attached it agrees by asking. Without an answer it lapses after 10 working days.
    """

    exhibit: Annotated[ExhibitNo, Ask("Exhibit")]
    agency: Annotated[AgencyCode, Ask("Agency that is to have it")]

    def perform(self, call: Call) -> Outcome:
        exhibit, request = find.kept_exhibit(call, self.exhibit)
        to = find.agency(call, self.agency)
        _mind_wanted(call, exhibit, request, to)
        release, outcome = releasing.ask(call, exhibit, request, to)
        own = exhibit.agency_id == call.agency_id
        if own and call.actor.officer is not None and call.actor.officer.role is Role.COORDINATOR:
            agreed = releasing.agree(call, release, exhibit, request)
            return Outcome(outcome.records + agreed.records, agreed.drafts, agreed.reply)
        return outcome


@command("exhibit agree", permit=P.EXHIBIT_AGREE, private=True)
class AgreeExhibit:
    """Let an agency have an exhibit that yours attached."""

    exhibit: Annotated[ExhibitNo, Ask("Exhibit")]
    agency: Annotated[AgencyCode, Ask("Agency that is to have it")]

    def perform(self, call: Call) -> Outcome:
        return releasing.agree(call, *_asked(call, self.exhibit, self.agency))


@command("exhibit refuse", permit=P.EXHIBIT_REFUSE, private=True)
class RefuseExhibit:
    """Do not let an agency have an exhibit that yours attached."""

    exhibit: Annotated[ExhibitNo, Ask("Exhibit")]
    agency: Annotated[AgencyCode, Ask("Agency that asks")]
    why: Annotated[str | None, Ask("Why", rest=True)] = None

    def perform(self, call: Call) -> Outcome:
        release, exhibit, request = _asked(call, self.exhibit, self.agency)
        call.mind_red(request.marking, self.why)
        return releasing.refuse(call, release, exhibit, request, self.why)


def _mind_wanted(call: Call, exhibit: Exhibit, request: Request, to: Agency) -> None:
    ref, case = exhibit_ref(key(exhibit.id)), case_ref(request.case_id)
    if to.id not in cases.agencies_on(call.session, request.case_id):
        line = Code(f"/case add {to.code} --case {case}")
        raise NotPermitted(f"{to.code} is not on {case}.", instead=("The agency that opened it can type ", line, "."))
    found = requests.visible(call.session, key(to.id), key(request.id))
    has = may_have(
        found[1] if found else Sight.NONE, request.marking, own=exhibit.agency_id == to.id,
        released=releases.agreed(call.session, key(exhibit.id), key(to.id)),
    )  # fmt: skip
    if has:
        raise NotPermitted(f"{to.code} has {ref} already.", instead=(Code(f"/exhibit show {ref}"), " gives it."))
    if releases.open_for(call.session, key(exhibit.id), key(to.id)) is not None:
        raise NotPermitted(f"{ref} was asked for already, for {to.code}: its originator has not answered yet.")


def _asked(call: Call, number: int, code: AgencyCode) -> tuple[Release, Exhibit, Request]:
    """What waits for a word of the asker's own agency."""
    exhibit, request = find.kept_exhibit(call, number)
    to, ref = find.agency(call, code), exhibit_ref(number)
    if exhibit.agency_id != call.agency_id:
        originator = call.session.get_one(Agency, exhibit.agency_id).code
        raise NotPermitted(f"{ref} was attached by {originator}: only {originator} can say who else may have it.")
    release = releases.open_for(call.session, number, key(to.id))
    if release is None:
        raise NotPermitted(
            f"Nobody asks any more whether {to.code} may have {ref}.",
            instead=("To let them have it type ", Code(f"/exhibit release {ref} {to.code}"), "."),
        )
    return release, exhibit, request

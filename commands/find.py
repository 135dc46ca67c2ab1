"""What a reference or a code that someone typed stands for, or the refusal that says how to find it."""

from __future__ import annotations

from collections.abc import Iterable

from commands.call import Call, key
from commands.message import Code
from commands.refusals import NotPermitted, UnknownAgency, UnknownCase, UnknownExhibit, UnknownRequest
from commands.rules.lifecycle import side_of
from storage import agencies, cases, exhibits, requests
from storage.tables import Agency, Case, Exhibit, Request
from storage.words import Side, Sight, case_ref, exhibit_ref, request_ref


def case(call: Call, number: int) -> Case:
    found = cases.visible(call.session, call.agency_id, number)
    if found is None:
        raise UnknownCase(case_ref(number))
    return found


def own_case(call: Call, number: int) -> Case:
    """A case that the asker's agency opened: others on it may not change what it is or who is on it."""
    found = case(call, number)
    if found.agency_id != call.agency_id:
        opener = call.session.get_one(Agency, found.agency_id)
        raise NotPermitted(f"{case_ref(number)} was opened by {opener.code}: only {opener.code} can do that.")
    return found


def open_case(call: Call, number: int) -> Case:
    found = case(call, number)
    if found.closed_at is not None:
        raise closed(found)
    return found


def closed(case: Case) -> NotPermitted:
    ref = case_ref(key(case.id))
    return NotPermitted(
        f"{ref} is closed.", instead=("The agency that opened it can type ", Code(f"/case reopen {ref}"), ".")
    )


def request(call: Call, number: int) -> tuple[Request, Sight]:
    found = requests.visible(call.session, call.agency_id, number)
    if found is None:
        raise UnknownRequest(request_ref(number))
    return found


def own_request(call: Call, number: int) -> tuple[Request, Side]:
    """A request to which the asker's agency is a party, and on which side; the others on the case are told so."""
    found, _sight = request(call, number)
    side = side_of(call.agency_id, found.asking_id, found.asked_id)
    if side is Side.THIRD:
        between = " and ".join(call.session.get_one(Agency, party).code for party in (found.asking_id, found.asked_id))
        raise NotPermitted(f"{request_ref(number)} is between {between}: {call.agency.code} takes no step in it.")
    return found, side


def exhibit(call: Call, number: int) -> tuple[Exhibit, Request]:
    found = exhibits.visible(call.session, call.agency_id, number)
    if found is None:
        raise UnknownExhibit(exhibit_ref(number))
    return found


def kept_exhibit(call: Call, number: int) -> tuple[Exhibit, Request]:
    """One whose bytes are in the vault."""
    found, request = exhibit(call, number)
    ref = exhibit_ref(number)
    if found.destroyed_at is not None:
        raise NotPermitted(f"{ref} was destroyed.", instead=(Code(f"/exhibit show {ref}"), " says by whom and why."))
    if found.sha256 is None:
        why = "could not be fetched" if found.trouble is not None else "is still being fetched"
        raise NotPermitted(f"{ref} {why}: there is nothing of it here yet.")
    return found, request


def mind_parties(call: Call, request: Request) -> None:
    """An agency that was removed from the case is asked nothing in it, and asks nothing."""
    on_case = cases.agencies_on(call.session, request.case_id)
    for party in (request.asked_id, request.asking_id):
        if party not in on_case:
            code, ref = call.session.get_one(Agency, party).code, case_ref(request.case_id)
            line = Code(f"/case add {code} --case {ref}")
            raise NotPermitted(
                f"{code} is not on {ref} any more.", instead=("The agency that opened it can type ", line, ".")
            )


def agency(call: Call, code: str) -> Agency:
    return agency_list(call, [code])[0]


def agency_list(call: Call, codes: Iterable[str]) -> list[Agency]:
    """The agencies in the order typed; raises UnknownAgency for the first that is none."""
    codes = list(codes)
    found = agencies.by_codes(call.session, codes)
    for code in codes:
        if code not in found:
            raise UnknownAgency(code, [known.code for known in agencies.everyone(call.session)])
    return [found[code] for code in codes]

"""How much of a case or request may stand in a place, asked of the rules with what is stored; writes nothing."""

from __future__ import annotations

from sqlmodel import Session

from commands.rules.access import Parties, case_sight, readers_sight, request_sight
from commands.rules.marking import standing
from storage import agencies, cases, requests
from storage.tables import Case, Letter, LetterKind, Request
from storage.words import Address, Lane, Place, Sight


def parties_of(session: Session, request: Request) -> Parties:
    return Parties(
        request.asking_id, request.asked_id, frozenset(cases.agencies_on(session, request.case_id)), request.shared
    )


def case_standing(session: Session, case: Case, on_case: frozenset[int], place: Place) -> Sight:
    readers = agencies.readers(session, place)
    sight = readers_sight(case_sight(agency, on_case) for agency in readers)
    return standing(case.marking, sight, desk=all(readers.values()))


def request_standing(session: Session, request: Request, parties: Parties, place: Place) -> Sight:
    readers = agencies.readers(session, place)
    sight = readers_sight(request_sight(agency, parties) for agency in readers)
    return standing(request.marking, sight, desk=all(readers.values()))


def may_go(session: Session, letter: Letter) -> bool:
    """Asked once more at the door, as things are now: may this place, or this person, still read this letter?"""
    if letter.kind is LetterKind.PRIVATE:
        if letter.agency_id is None:
            return True
        officer = agencies.officer_at(session, Address(letter.addressee or ""))
        return officer is not None and officer[1].id == letter.agency_id
    place = Place(letter.place or "")
    if letter.request_id is not None:
        request = requests.by_id(session, letter.request_id)
        return request_standing(session, request, parties_of(session, request), place) >= letter.sight
    if letter.case_id is not None:
        case = cases.by_id(session, letter.case_id)
        on_case = frozenset(cases.agencies_on(session, letter.case_id))
        return case_standing(session, case, on_case, place) >= letter.sight
    if letter.lane == Lane.DIGEST:
        # it is about much at once, gathered for those who read the place then
        return bool(agencies.readers(session, place)) and not agencies.seated_since(session, place, letter.at)
    return True

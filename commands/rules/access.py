"""Who may do and see what; no database, no wording (storage.visibility is its twin in SQL, proved equal in tests)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from storage.words import Permission, Role, Sight

P = Permission

STRANGERS = frozenset({P.COMITY_HELP, P.COMITY_WHOAMI})
COORDINATORS = frozenset({P.AGENCY_CLOSED, P.AGENCY_DESK, P.AGENCY_HOURS, P.OFFICER_ADD, P.OFFICER_REMOVE})
COORDINATORS |= {P.DIGEST_STOP, P.DIGEST_SUBSCRIBE, P.EXHIBIT_AGREE, P.EXHIBIT_DESTROY, P.EXHIBIT_REFUSE}
OPENERS = frozenset({P.CASE_ADD, P.CASE_CLOSE, P.CASE_KEEP, P.CASE_REMOVE, P.CASE_REOPEN, P.CASE_SET})
"""What only the agency that opened a case does with it."""
OPERATOR_ONLY = frozenset({P.AGENCY_ADD, P.AGENCY_SET})
OPERATOR = (
    STRANGERS
    | OPERATOR_ONLY
    | {P.AGENCY_CLOSED, P.AGENCY_DESK, P.AGENCY_HOURS, P.AGENCY_LIST, P.AGENCY_SHOW}
    | {P.OFFICER_ADD, P.OFFICER_LIST, P.OFFICER_REMOVE}
)


def operator_may(permission: Permission) -> bool:
    """The operator keeps agencies, people and desks, and never sees what a case holds."""
    return permission in OPERATOR


def officer_may(permission: Permission, role: Role | None) -> bool:
    """`role` None: someone whom nobody enrolled."""
    if permission in STRANGERS:
        return True
    if role is None or permission in OPERATOR_ONLY:
        return False
    return role is Role.COORDINATOR or permission not in COORDINATORS


@dataclass(frozen=True)
class Parties:
    """The agencies that a request concerns: who asks, who is asked, and who is on its case."""

    asking: int
    asked: int
    on_case: frozenset[int]
    shared: bool


def case_sight(agency: int, on_case: Collection[int]) -> Sight:
    return Sight.FULL if agency in on_case else Sight.NONE


def request_sight(agency: int, parties: Parties) -> Sight:
    """Its two parties see all of a request, the others on its case the outline, or all if it is shared with them."""
    if agency in (parties.asking, parties.asked):
        return Sight.FULL
    if agency in parties.on_case:
        return Sight.FULL if parties.shared else Sight.OUTLINE
    return Sight.NONE


def readers_sight(sights: Iterable[Sight]) -> Sight:
    """A place shows no more than its least entitled reader may see; what nobody reads shows nothing."""
    return min(sights, default=Sight.NONE)

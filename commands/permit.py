"""May they? Asked before every command, of what the rules allow; a refusal names who can help."""

from __future__ import annotations

from commands.call import Call, named
from commands.message import Code
from commands.refusals import NotEnrolled, NotPermitted
from commands.rules.access import OPERATOR_ONLY, officer_may, operator_may
from storage import agencies
from storage.words import Permission


def may(call: Call, permission: Permission) -> None:
    """Raises NotEnrolled or NotPermitted."""
    actor = call.actor
    if actor.operator:
        if not operator_may(permission):
            raise NotPermitted("The operator keeps agencies, people and desks, and takes no part in cases.")
        return
    if officer_may(permission, actor.officer.role if actor.officer else None):
        return
    if actor.officer is None:
        raise NotEnrolled(actor.address, _enrollers(call))
    if permission in OPERATOR_ONLY:
        raise NotPermitted("Only the operator does that.", instead=("It is typed as ", Code("python -m bot do"), "."))
    own = ", ".join(named(o, call.agency) for o, _address in agencies.coordinators(call.session, [call.agency_id]))
    raise NotPermitted("Only a coordinator of your agency does that.", instead=(f"Ask {own}.",) if own else ())


def _enrollers(call: Call) -> list[str]:
    """Coordinators of the agencies that read this place."""
    readers = agencies.readers(call.session, call.place) if call.place else {}
    found = agencies.coordinators(call.session, readers)
    known = agencies.by_ids(call.session, readers)
    return [named(officer, known[officer.agency_id]) for officer, _address in found]

"""An agency's due times as a calendar that other programs read: its address, and what stands in it; its command.

Whoever has the address reads it, so nothing that anybody typed stands there, and of RED requests their time only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Annotated

from sqlmodel import Session

from commands.call import Call, Outcome, key, record
from commands.declare import Ask, Permission, command
from commands.message import Code, Message, say
from commands.refusals import BadValue, NotPermitted
from storage import feeds
from storage.feeds import Dated
from storage.ledger import sha256
from storage.tables import Agency
from storage.words import RUNNING_STATES, Marking, request_ref

P = Permission
MOST = 20
"""Addresses that an agency has at once."""


@command("digest calendar", permit=P.DIGEST_CALENDAR, private=True)
class Calendar:
    """Give a secret address under which calendar programs read your agency's due times."""

    revoke: Annotated[bool, Ask("Revoke", flag=True, help="end all such addresses of your agency")] = False

    def perform(self, call: Call) -> Outcome:
        if self.revoke:
            return self._revoke(call)
        if call.web is None:
            raise NotPermitted(
                "Nothing of Comity can be reached by calendar programs here.",
                instead=("The operator sets ", Code("COMITY_WEB_URL"), " and runs ", Code("web"), "."),
            )
        if feeds.number(call.session, call.agency_id) >= MOST:
            line = Code("/digest calendar --revoke")
            raise NotPermitted(f"{call.agency.code} has {MOST} addresses already.", instead=(line, " ends them."))
        secret = call.web.secret()
        feeds.make(call.session, call.hand, sha256(secret), call.now)
        kept = record("digest:calendar", call.agency.code, what="made")
        words = (
            say(f"{call.agency.code}'s due times: ", Code(f"{call.web.address}/calendar/{secret}.ics")),
            say("Whoever has this address reads references, partners, states and times, and no words. Keep it secret."),
            say(Code("/digest calendar --revoke"), f" ends all addresses of {call.agency.code}; nothing else does."),
        )
        return Outcome((kept,), reply=Message(Marking.AMBER, words))

    def _revoke(self, call: Call) -> Outcome:
        number = feeds.revoke(call.session, call.agency_id, call.now)
        if not number:
            raise BadValue(f"{call.agency.code} has no such address.")
        kept = record("digest:calendar", call.agency.code, what="revoked")
        addresses = "1 address reads" if number == 1 else f"{number} addresses read"
        return Outcome((kept,), reply=Message(None, (say(f"Done: {addresses} nothing any more."),)))


@dataclass(frozen=True)
class Entry:
    """One moment, aware UTC; `uid` is the same for ever, `sequence` grows when the moment or the words change."""

    uid: str
    sequence: int
    at: datetime
    title: str
    changed_at: datetime
    marking: Marking = Marking.AMBER
    stands: bool = False
    """The clock stands: the moment may still move by itself."""


def entries(session: Session, agency: Agency, now: datetime) -> list[Entry]:
    """What the agency owes and is owed, and data that are kept for it, by reference; what is over disappears."""
    due = [(found.id, _entry(found, "due", _due(found))) for found in feeds.due(session, key(agency.id))]
    kept = [(found.id, _entry(found, "kept", _kept(found))) for found in feeds.kept(session, key(agency.id), now)]
    return [entry for _, entry in sorted([*due, *kept], key=itemgetter(0))]


def _entry(found: Dated, what: str, title: str) -> Entry:
    uid, stands = f"{request_ref(found.id)}-{what}", what == "due" and found.state not in RUNNING_STATES
    return Entry(uid, found.number, found.at, title, found.changed_at, found.marking, stands)


def _due(found: Dated) -> str:
    ref = request_ref(found.id)
    if found.marking is Marking.RED:
        return f"{ref} is due ({found.state})"
    who = f"{found.partner} owes us an answer" if found.owed else f"we owe {found.partner} an answer"
    return f"{ref}: {who} ({found.kind}, {found.state})"


def _kept(found: Dated) -> str:
    ref = request_ref(found.id)
    if found.marking is Marking.RED:
        return f"{ref}: data are kept until now ({found.state})"
    return f"{ref}: {found.partner} keeps the data until now"

"""An agency's due times as a calendar that other programs read: its address, and what stands in it; its command.

Whoever has the address reads it, so nothing that anybody typed stands there, and of RED requests their time only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from sqlmodel import Session

from commands.call import Call, Outcome, record
from commands.declare import Ask, Permission, command
from commands.message import Code, Message, say
from commands.refusals import BadValue, NotPermitted
from storage import feeds
from storage.ledger import sha256
from storage.tables import Agency, Request
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
            say(Code("/digest calendar --revoke"), f" ends all addresses of {call.agency.code}."),
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
    """One moment; `uid` is the same for ever, `sequence` grows when the moment or the words change."""

    uid: str
    sequence: int
    at: datetime
    title: str
    changed_at: datetime


def entries(session: Session, agency: Agency, now: datetime) -> Iterator[Entry]:
    """What the agency owes and is owed, and data that are kept for it; what is over disappears."""
    for request, changed_at in feeds.requests_of(session, agency.id or 0):
        if request.state in RUNNING_STATES:
            yield Entry(
                f"{request_ref(request.id or 0)}-due", request.number, request.due_at, _due(session, agency, request),
                changed_at,
            )  # fmt: skip
        if request.kept_until is not None and request.kept_until > now and request.asking_id == agency.id:
            title = f"{request_ref(request.id or 0)}: {_asked(session, request)} keeps the data until now"
            yield Entry(f"{request_ref(request.id or 0)}-kept", request.number, request.kept_until, title, changed_at)


def _due(session: Session, agency: Agency, request: Request) -> str:
    ref = request_ref(request.id or 0)
    if request.marking is Marking.RED:
        return f"{ref} is due ({request.state})"
    other = session.get_one(Agency, request.asked_id if request.asking_id == agency.id else request.asking_id).code
    who = f"{other} owes us an answer" if request.asking_id == agency.id else f"we owe {other} an answer"
    return f"{ref}: {who} ({request.kind}, {request.state})"


def _asked(session: Session, request: Request) -> str:
    return "a partner" if request.marking is Marking.RED else session.get_one(Agency, request.asked_id).code

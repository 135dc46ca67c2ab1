"""What is outstanding for an agency, on demand; its command."""

from __future__ import annotations

from datetime import datetime, timedelta

from commands import request_page
from commands.call import Call, Outcome, record
from commands.declare import Permission, command
from commands.draft import Draft
from commands.message import Block, Code, Heading, Instant, Items, Message, say, spans
from commands.rules.marking import narrowest
from storage import agencies, digests, ledger
from storage.tables import LetterKind
from storage.words import Lane, Marking, Sight

P = Permission
SHOWN = 20
"""How many lines a part has at most."""

SOON = timedelta(days=7)

NOTHING = say("Nothing is outstanding.")


@command("digest now", permit=P.DIGEST_NOW)
class DigestNow:
    """Give the digest of what is outstanding for your agency, now."""

    def perform(self, call: Call) -> Outcome:
        head = ledger.head(call.session)
        message = _digest(call, head)
        place = call.place or ""
        at_desk = agencies.readers(call.session, call.place) == {call.agency_id: True} if call.place else False
        digests.given(call.session, *call.hand, place, call.now, (head.count, head.hash))
        given = record("digest:given", call.agency.code, head=str(head))
        if not at_desk:
            return Outcome((given,), (), message)
        return Outcome((given,), (Draft(LetterKind.POST, message, place=call.place, lane=Lane.DIGEST),))


def _digest(call: Call, head: ledger.Head) -> Message:
    parts = digests.outstanding(call.session, call.agency_id, call.now, call.now + SOON, SHOWN)
    blocks: list[Block] = [
        Heading(spans(f"{call.agency.code}: outstanding at ", Instant(call.now, (call.agency.zone,))))
    ]
    marking = Marking.CLEAR
    for part in parts:
        if not part.count:
            continue
        blocks += listed(part, call.now)
        marking = narrowest((marking, *(found.marking for found in part.first)))
    if len(blocks) == 1:
        blocks.append(NOTHING)
        marking = Marking.AMBER
    blocks.append(say(f"Ledger: {head.count} entries, head ", Code(head.hash[:16]), "."))
    return Message(marking, tuple(blocks))


def listed(part: digests.Part, now: datetime) -> tuple[Block, ...]:
    """A part with its count and its first lines, for a party to them."""
    more = f", the first {len(part.first)}" if part.count > len(part.first) else ""
    lines = (request_page.line(found, Sight.FULL, now) for found in part.first)
    return (Heading(spans(f"{part.section.capitalize()}: {part.count}{more}")), Items(tuple(lines)))

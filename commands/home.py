"""What an app's home shows its reader: what is outstanding for their agency, with buttons; it changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlmodel import Session

from commands import forms, outlook, request_page
from commands.call import key
from commands.comity import stranger
from commands.digest_page import NOTHING
from commands.message import Actions, Block, Button, Code, Heading, Items, Message, say, spans
from commands.refusals import NotEnrolled
from commands.rules.marking import narrowest
from storage import agencies, digests, requests
from storage.digests import Part, Section
from storage.tables import Agency
from storage.words import Address, Marking, Sight, State, Step, request_ref

SHOWN = 10
"""How many lines a part has at most."""
PRESSED = 5
"""How many requests of a part have buttons."""

BY_US = (Section.OVERDUE_BY_US, Section.DUE_SOON, Section.OWING)
ORDER = (*BY_US, Section.OVERDUE_TO_US, Section.OWED, Section.TO_EXPLAIN, Section.TO_CLOSE)

REST = say(Code("/request list"), " shows the rest.")
"""Ends a home that takes no more."""


def page(session: Session, person: Address, now: datetime) -> Message:
    """Nothing in it changes with `now` (aware, UTC) but what is due and overdue: unchanged, it need not be shown again.

    It may only be shown to that person.
    """
    found = agencies.officer_at(session, person)
    if found is None:
        return Message(None, (stranger(person), say(*NotEnrolled(person, ()).instead)))
    return _outstanding(session, found[1], now)


def _outstanding(session: Session, agency: Agency, now: datetime) -> Message:
    every = digests.outstanding(session, key(agency.id), now, now + outlook.SOON, SHOWN)
    parts = {part.section: part for part in every if part.count}
    blocks: list[Block] = [
        Heading(spans(f"{agency.code}: outstanding")),
        Actions((Button(forms.OPEN_A_CASE, "/case open"), Button(forms.ASK_A_PARTNER, "/request send"))),
    ]
    for section in ORDER:
        if section in parts:
            part = parts[section]
            blocks += (*_listed(part, now), Actions(tuple(_buttons(session, part))))
    if not parts:
        return Message(Marking.AMBER, (*blocks, say(NOTHING)))
    return Message(narrowest(line.marking for part in parts.values() for line in part.first), tuple(blocks))


def _listed(part: Part, now: datetime) -> tuple[Block, ...]:
    """A part with its count and its first lines."""
    more = f", the first {len(part.first)}" if part.count > len(part.first) else ""
    lines = (request_page.line(found, Sight.FULL, now) for found in part.first)
    return (Heading(spans(f"{part.section.capitalize()}: {part.count}{more}")), Items(tuple(lines)))


def _buttons(session: Session, part: Part) -> Iterator[Button]:
    first = part.first[:PRESSED]
    for line in first:
        ref = request_ref(line.number)
        yield Button(f"Show {ref}", f"/request show {ref}")
    for line in first:
        if part.section in BY_US and line.state is State.SENT:
            request = requests.by_id(session, line.number)
            label = f"{request_page.BUTTONS[Step.ACK]} {request_ref(line.number)}"
            yield request_page.button(request, Step.ACK, label)

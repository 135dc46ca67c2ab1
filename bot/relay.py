"""Takes letters from the outbox to their places, in order, each once; what they say was decided before."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine
from sqlmodel import Session

from bot.platform import Delivery, Platform, RefusedError, UnreachableError
from commands.desk import Desk
from commands.message import from_json
from commands.standing import may_go
from storage import outbox
from storage.session import transaction
from storage.tables import Letter, LetterKind
from storage.words import Address, LetterId, Place, case_ref, request_ref

log = logging.getLogger(__name__)

PORTION = 200
"""How many letters are looked at at once."""

WITHHELD = "withheld: its place or reader may not see it any more"
NO_ORIGINAL = "the message that it edits never arrived"


@dataclass(frozen=True)
class _Going:
    letter: int
    delivery: Delivery | None
    """None: it may not go."""
    why: str = ""


class Relay:
    """`platforms` by the word before the colon of a place or an address: local, matrix, slack."""

    def __init__(self, engine: Engine, desk: Desk, platforms: Mapping[str, Platform]) -> None:
        self._engine = engine
        self._desk = desk
        self._platforms = platforms

    async def drain(self, now: datetime) -> int:
        """Deliver all letters that may go now; returns how many went.

        Each round takes the first letter of every queue, and their receipts share a commit.
        """
        sent = 0
        while going := await asyncio.to_thread(self._next, now):
            results = [(item, await self._send(item)) for item in going]
            await asyncio.to_thread(self._receipts, results, now)
            sent += len(results)
        return sent

    def _next(self, now: datetime) -> list[_Going]:
        with transaction(self._engine, reading=True) as session:
            first: dict[object, Letter] = {}
            for letter in outbox.waiting(session, now, PORTION):
                first.setdefault(outbox.queue(letter), letter)
            return [self._prepare(session, letter) for letter in first.values()]

    def _prepare(self, session: Session, letter: Letter) -> _Going:
        number = LetterId(letter.id or 0)
        out = outbox.ready(session, letter)
        if not may_go(session, letter):
            return _Going(number, None, WITHHELD)
        if out.edits is None and letter.kind in (LetterKind.EDIT, LetterKind.REROOT):
            return _Going(number, None, NO_ORIGINAL)
        begins = out.begins
        ref = None
        if begins is not None:
            ref = case_ref(begins.case_id) if begins.case_id is not None else request_ref(begins.request_id or 0)
        return _Going(
            number,
            Delivery(
                letter=number,
                place=Place(letter.place) if letter.place is not None else None,
                to=Address(letter.addressee) if letter.addressee is not None else None,
                thread=out.root or letter.under,
                edits=out.edits,
                root_of=ref,
                message=from_json(letter.body or ""),
            ),
        )

    async def _send(self, going: _Going) -> tuple[str | None, str]:
        """The platform's id, or None with the reason; an empty reason: try again later."""
        if going.delivery is None:
            return None, going.why
        platform = self._platforms.get((going.delivery.place or going.delivery.to or "").split(":", 1)[0])
        if platform is None:
            return None, "no account of ours reaches that platform"
        try:
            return await platform.deliver(going.delivery), ""
        except RefusedError as refused:
            return None, str(refused)
        except UnreachableError as unreachable:
            log.warning("letter %d waits: %s", going.letter, unreachable)
            return None, ""

    def _receipts(self, results: list[tuple[_Going, tuple[str | None, str]]], now: datetime) -> None:
        with transaction(self._engine) as session:
            for going, (message, why) in results:
                letter = session.get_one(Letter, going.letter)
                if message is not None:
                    outbox.delivered(session, letter, Place(letter.place or f"direct {letter.addressee}"), message, now)
                elif why:
                    log.error("letter %d set aside: %s", going.letter, why)
                    outbox.set_aside(session, letter, why)
                    if letter.place != self._desk.operator_place:
                        self._desk.alarm(session, f"letter {going.letter}", now)
                else:
                    outbox.try_later(session, letter, "unreachable", now)

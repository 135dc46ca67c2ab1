"""Takes letters from the outbox to their places, in order, each once; what they say was decided before."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine
from sqlmodel import Session

from bot.platform import Delivery, Platform, RefusedError, UnreachableError
from commands.desk import Desk
from commands.message import from_json
from commands.standing import may_go
from storage import outbox
from storage.session import UNWRITABLE, transaction
from storage.tables import Letter, LetterKind, LetterState
from storage.words import Address, LetterId, Place, case_ref, request_ref

log = logging.getLogger(__name__)

PORTION = 200
"""How many letters are looked at at once."""

WITHHELD = "withheld: its place or reader may not see it any more"
NO_ORIGINAL = "the message that it edits never arrived"
UNREADABLE = "its words cannot be read by this version"


@dataclass(frozen=True)
class _Going:
    letter: int
    delivery: Delivery | None
    """None: it may not go."""
    why: str = ""


@dataclass(frozen=True)
class _Sent:
    """What became of a letter: the platform's id of it, or why there is none."""

    letter: int
    message: str | None = None
    why: str = ""
    again: bool = False
    """It keeps its queue until it can go."""


class Relay:
    """`platforms` by the word before the colon of a place or an address: local, matrix, slack."""

    def __init__(self, engine: Engine, desk: Desk, platforms: Mapping[str, Platform]) -> None:
        self._engine = engine
        self._desk = desk
        self._platforms = platforms
        self._turn = asyncio.Lock()
        self._unkept: list[_Sent] = []
        """What has gone and whose receipts are not yet kept: it must not go again."""

    async def drain(self, now: datetime) -> int:
        """Deliver all letters that may go now; returns how many went.

        Each round takes the first letter of every queue, and their receipts share a commit. Where the records cannot be
        read or written, it stops; the next call goes on.
        """
        sent = 0
        async with self._turn:
            try:
                while self._unkept or await self._round(now):
                    await asyncio.to_thread(self._receipts, tuple(self._unkept), now)
                    sent += sum(one.message is not None for one in self._unkept)
                    self._unkept.clear()
            except UNWRITABLE as error:
                log.warning("letters wait for the records: %s", type(error.orig).__name__)
        return sent

    async def _round(self, now: datetime) -> bool:
        """Send the first letter of every queue, one by one; False if there is none."""
        going = await asyncio.to_thread(self._next, now)
        for one in going:
            self._unkept.append(await self._send(one))
        return bool(going)

    def _next(self, now: datetime) -> list[_Going]:
        with transaction(self._engine, reading=True) as session:
            return [self._prepare(session, letter) for letter in outbox.waiting(session, now, PORTION)]

    def _prepare(self, session: Session, letter: Letter) -> _Going:
        number = LetterId(letter.id or 0)
        out = outbox.ready(session, letter)
        if not may_go(session, letter):
            return _Going(number, None, WITHHELD)
        if out.edits is None and letter.kind in (LetterKind.EDIT, LetterKind.REROOT):
            return _Going(number, None, NO_ORIGINAL)
        try:
            message = from_json(letter.body or "")
        except (KeyError, TypeError, ValueError):
            return _Going(number, None, UNREADABLE)
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
                message=message,
            ),
        )

    async def _send(self, going: _Going) -> _Sent:
        if going.delivery is None:
            return _Sent(going.letter, why=going.why)
        platform = self._platforms.get((going.delivery.place or going.delivery.to or "").split(":", 1)[0])
        if platform is None:
            return _Sent(going.letter, why="no account of ours reaches that platform")
        try:
            return _Sent(going.letter, await platform.deliver(going.delivery))
        except RefusedError as refused:
            return _Sent(going.letter, why=str(refused))
        except UnreachableError as unreachable:
            log.warning("letter %d waits: %s", going.letter, unreachable)
            return _Sent(going.letter, why="unreachable", again=True)
        except Exception as error:
            log.exception("letter %d waits", going.letter)
            return _Sent(going.letter, why=type(error).__name__, again=True)

    def _receipts(self, results: Sequence[_Sent], now: datetime) -> None:
        with transaction(self._engine) as session:
            for one in results:
                letter = session.get_one(Letter, one.letter)
                if letter.state is not LetterState.WAITING:
                    continue  # another had the lease meanwhile, or a commit of ours succeeded and we never heard
                if one.message is not None:
                    place = Place(letter.place or f"direct {letter.addressee}")
                    outbox.delivered(session, letter, place, one.message, now)
                elif one.again:
                    outbox.try_later(session, letter, one.why, now)
                else:
                    log.error("letter %d set aside: %s", one.letter, one.why)
                    outbox.set_aside(session, letter, one.why)
                    if letter.place != self._desk.operator_place:
                        self._desk.alarm(session, f"letter {one.letter}", now)

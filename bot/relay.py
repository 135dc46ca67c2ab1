"""Takes letters from the outbox to their places, in order, each once; what they say was decided before."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session

from bot.platform import AwayError, Delivery, Platform, RefusedError, UnreachableError
from bot.tally import Tally
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

LOOK_AGAIN = 1.0
"""Seconds after which letters that waited for another try are looked for, if nobody says that there are new ones."""

MOMENT = 0.2
"""Seconds that whoever brings letters waits for them to go, at most."""

ENDING = 3.0
"""Seconds that a letter on its way has to arrive when the process is told to stop."""

WITHHELD = "withheld: its place or reader may not see it any more"
NO_ORIGINAL = "the message that it edits never arrived"
UNREADABLE = "its words cannot be read by this version"


@dataclass(frozen=True)
class _Going:
    letter: int
    destination: str
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
    alarming: bool = False
    """The operator must mend something before it can."""


class Relay:
    """`platforms` by the word before the colon of a place or an address: local, matrix, slack.

    A place has one letter on its way at a time, different places do not wait for each other.
    """

    def __init__(
        self, engine: Engine, desk: Desk, platforms: Mapping[str, Platform], tally: Tally | None = None
    ) -> None:
        self._engine = engine
        self._tally = tally or Tally()
        self._desk = desk
        self._platforms = platforms
        self._turn = asyncio.Lock()
        self._flights: dict[str, asyncio.Task[_Sent]] = {}
        self._unkept: list[_Sent] = []
        """What has gone and whose receipts are not yet kept: it must not go again."""
        self._news = asyncio.Event()
        self._looked = asyncio.Event()
        """Set, and made anew, whenever letters have set out."""
        self.stopped = asyncio.Event()
        """Set when `run` has ended: nothing is on its way any more."""

    def wake(self) -> None:
        """There may be new letters."""
        self._news.set()

    async def speak(self) -> None:
        """There may be new letters; returns once those that can go at once have gone, or after a moment."""
        looked = self._looked
        self.wake()
        with suppress(TimeoutError):
            async with asyncio.timeout(MOMENT):
                await looked.wait()
                if self._flights:
                    await asyncio.wait(self._flights.values())

    async def drain(self, now: datetime) -> int:
        """Deliver all letters that may go now; returns how many went.

        Receipts of what arrives together share a commit. Where the records cannot be read or written, it stops; the
        next call goes on.
        """
        sent = 0
        async with self._turn:
            try:
                while True:
                    sent += await self._set_out(now)
                    if not self._flights:
                        break
                    await self._land()
            except UNWRITABLE as error:
                log.warning("letters wait for the records: %s", type(error.orig).__name__)
                while self._flights:
                    await self._land()
        return sent

    async def run(self, clock: Callable[[], datetime], stop: asyncio.Event) -> None:
        """Deliver until told to stop; what is on its way then is finished, for as long as the caller waits."""
        stopping: asyncio.Task[bool] = asyncio.ensure_future(stop.wait())
        async with self._turn:
            while not stop.is_set():
                self._news.clear()
                try:
                    await self._set_out(clock())
                    self._looked.set()
                    self._looked = asyncio.Event()
                except UNWRITABLE as error:
                    log.warning("letters wait for the records: %s", type(error.orig).__name__)
                news: asyncio.Task[bool] = asyncio.ensure_future(self._news.wait())
                await self._land(news, stopping, within=LOOK_AGAIN)
                news.cancel()
            await self._end(clock())
        stopping.cancel()
        self.stopped.set()

    async def _end(self, now: datetime) -> None:
        """Let what is on its way arrive, for a moment; the next process finds out what became of the rest."""
        with suppress(TimeoutError, *UNWRITABLE):
            async with asyncio.timeout(ENDING):
                while self._flights:
                    await self._land()
            if self._unkept:
                await asyncio.to_thread(self._look, tuple(self._unkept), now)

    async def _set_out(self, now: datetime) -> int:
        """Send the first letter to every place that has none on its way; returns how many had arrived before.

        The receipts of those and the look at what is next are one transaction.
        """
        landed, busy = tuple(self._unkept), frozenset(self._flights)
        going = await asyncio.to_thread(self._look, landed, now, busy)
        self._unkept.clear()
        for one in going:
            self._flights[one.destination] = asyncio.ensure_future(self._send(one))
        return sum(one.message is not None for one in landed)

    async def _land(self, *others: asyncio.Task[bool], within: float | None = None) -> None:
        """Wait until a letter has gone, or one of the others happens, or so many seconds have passed."""
        awaited: set[asyncio.Task[Any]] = {*self._flights.values(), *others}
        await asyncio.wait(awaited, timeout=within, return_when=asyncio.FIRST_COMPLETED)
        for destination, flight in tuple(self._flights.items()):
            if flight.done():
                self._unkept.append(flight.result())
                del self._flights[destination]

    def _look(self, landed: Sequence[_Sent], now: datetime, busy: frozenset[str] = frozenset()) -> list[_Going]:
        """Keep the receipts of what has gone, and give what may go next."""
        with self._tally.part(), transaction(self._engine, reading=not landed) as session:
            self._receipts(session, landed, now)
            asleep = [f"{name}:" for name, platform in self._platforms.items() if not platform.ready]
            waiting = outbox.waiting(session, now, PORTION, busy, asleep)
            return [self._prepare(session, letter) for letter in waiting]

    def _prepare(self, session: Session, letter: Letter) -> _Going:
        number, destination = LetterId(letter.id or 0), outbox.destination(letter)
        out = outbox.ready(session, letter)
        if not may_go(session, letter):
            return _Going(number, destination, None, WITHHELD)
        if out.edits is None and letter.kind in (LetterKind.EDIT, LetterKind.REROOT):
            return _Going(number, destination, None, NO_ORIGINAL)
        try:
            message = from_json(letter.body or "")
        except (KeyError, TypeError, ValueError):
            return _Going(number, destination, None, UNREADABLE)
        begins = out.begins
        ref = None
        if begins is not None:
            ref = case_ref(begins.case_id) if begins.case_id is not None else request_ref(begins.request_id or 0)
        return _Going(
            number,
            destination,
            Delivery(
                letter=number,
                place=Place(letter.place) if letter.place is not None else None,
                to=Address(letter.addressee) if letter.addressee is not None else None,
                thread=out.root or letter.under,
                edits=out.edits,
                root_of=ref,
                message=message,
                manner=letter.manner,
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
        except AwayError as away:
            return _Sent(going.letter, why=str(away), again=True, alarming=True)
        except UnreachableError as unreachable:
            log.warning("letter %d waits: %s", going.letter, unreachable)
            return _Sent(going.letter, why=outbox.UNREACHABLE, again=True)
        except Exception as error:
            log.exception("letter %d waits", going.letter)
            return _Sent(going.letter, why=type(error).__name__, again=True)

    def _receipts(self, session: Session, results: Sequence[_Sent], now: datetime) -> None:
        for one in results:
            letter = outbox.by_id(session, LetterId(one.letter))
            if letter.state is not LetterState.WAITING:
                continue  # another had the lease meanwhile, or a commit of ours succeeded and we never heard
            if one.message is not None:
                place = Place(letter.place or f"direct {letter.addressee}")
                self._tally.sent(letter, now)
                outbox.delivered(session, letter, place, one.message, now)
                continue
            first = letter.error is None
            if one.again:
                outbox.try_later(session, letter, one.why, now)
            else:
                log.error("letter %d set aside: %s", one.letter, one.why)
                outbox.set_aside(session, letter, one.why)
                self._tally.set_aside(letter)
            if (one.alarming and first) or not one.again:
                self._alarm(session, letter, now)

    def _alarm(self, session: Session, letter: Letter, now: datetime) -> None:
        """Not of a letter to the operator's own place: that one would never arrive either."""
        if letter.place != self._desk.operator_place:
            self._desk.alarm(session, f"letter {letter.id}", now)

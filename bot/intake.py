"""One arrival, one transaction, then the acknowledgement; it reads no text and decides nothing.

One thread writes, and arrivals that wait at the same moment share a commit, each in a savepoint of its own.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from bot.tally import Tally
from commands import refusals
from commands.arrival import Arrival, write_arrival
from commands.desk import Desk
from commands.message import Message
from storage import accounts, arrivals
from storage.session import UNWRITABLE, transaction
from storage.statement import savepoint

log = logging.getLogger(__name__)

SHARED = 64
"""How many arrivals may share one commit."""

_BUSY, _HOPELESS = refusals.busy(refusals.BUSY), refusals.busy(refusals.BROKEN)


@dataclass(frozen=True, eq=False)
class _Waiting:
    arrival: Arrival
    now: datetime
    done: Future[Message | None]


@dataclass(frozen=True, eq=False)
class _Batch:
    """What one look at a platform brought, with the token behind it."""

    arrivals: Sequence[Arrival]
    account: str
    cursor: str
    now: datetime
    done: Future[bool]


class Intake:
    """Takes arrivals one after the other, whoever brings them; start it with `with`."""

    def __init__(self, engine: Engine, desk: Desk, tally: Tally | None = None) -> None:
        """`tally` is what the desk tells of what it does."""
        self._engine = engine
        self._desk = desk
        self._tally = tally or Tally()
        self._waiting: queue.SimpleQueue[_Waiting | _Batch | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._write, name="intake", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._waiting.put(None)
        self._thread.join()

    async def take(self, arrival: Arrival, now: datetime) -> Message | None:
        """Returns once the arrival is committed; a message if it could not be: then nothing was entered."""
        return await asyncio.wrap_future(self.submit(arrival, now))

    def submit(self, arrival: Arrival, now: datetime) -> Future[Message | None]:
        """Answers come in the order of submission: who acknowledges one may acknowledge all before it."""
        waiting = _Waiting(arrival, now, Future())
        self._waiting.put(waiting)
        return waiting.done

    async def take_batch(self, arrivals: Sequence[Arrival], account: str, cursor: str, now: datetime) -> bool:
        """Take all of them and remember the token, in one commit; False if that could not be done: then nothing was.

        Whoever asks again brings the same batch. An arrival that fails among the others is taken alone afterwards, as
        often as it takes to set it aside.
        """
        batch = _Batch(arrivals, account, cursor, now, Future())
        self._waiting.put(batch)
        return await asyncio.wrap_future(batch.done)

    def _write(self) -> None:
        more = True
        while more:
            batch, whole, more = self._next(wait=True)
            locked = False
            try:
                locked = self._answer(batch)
            except BaseException as error:  # noqa: BLE001  # whatever it is, nobody waits for ever
                for waiting in batch:
                    if not waiting.done.done():
                        waiting.done.set_exception(error)
            if whole is not None:
                self._answer_batch(whole)
            while locked and more and batch:  # those who came meanwhile have stood at the same lock
                batch, whole, more = self._next(wait=False)
                for waiting in batch:
                    waiting.done.set_result(_BUSY)
                if whole is not None:
                    whole.done.set_result(False)

    def _next(self, *, wait: bool) -> tuple[list[_Waiting], _Batch | None, bool]:
        """Those who wait now, as many as may share a commit, or a batch; and whether more can come."""
        batch: list[_Waiting] = []
        while len(batch) < SHARED:
            try:
                found = self._waiting.get(block=wait and not batch)
            except queue.Empty:
                break
            if found is None:
                return batch, None, False
            if not found.done.set_running_or_notify_cancel():
                continue  # its bringer went away, and will bring it again
            if isinstance(found, _Batch):
                return batch, found, True
            batch.append(found)
        return batch, None, True

    def _answer_batch(self, batch: _Batch) -> None:
        try:
            try:
                apart: Sequence[Arrival] = self._whole(batch)
            except UNWRITABLE:
                raise
            except Exception:
                # One of them has spoilt the commit for all: alone it harms nobody else.
                log.exception("arrivals are taken one by one")
                apart = batch.arrivals
            answers = [self._alone(_Waiting(arrival, batch.now, Future())) for arrival in apart]
            entered = all(answer is None or answer is _HOPELESS for answer in answers)
            if apart is batch.arrivals and entered:
                with transaction(self._engine) as session:
                    accounts.move(session, batch.account, batch.cursor)
            # those that failed in the commit wait in the tables, whatever became of them alone
            batch.done.set_result(entered or apart is not batch.arrivals)
        except UNWRITABLE as error:
            unwritten(error)
            batch.done.set_result(False)
        except BaseException as error:  # noqa: BLE001  # whatever it is, nobody waits for ever
            batch.done.set_exception(error)

    def _whole(self, batch: _Batch) -> list[Arrival]:
        """One commit; gives those that failed in it, which wait in the tables now."""
        apart = []
        with self._tally.part(), transaction(self._engine) as session:
            for arrival in batch.arrivals:
                try:
                    with self._tally.part(), savepoint(session):
                        self._desk.take(session, arrival, batch.now)
                except UNWRITABLE:
                    raise
                except Exception:
                    log.exception("arrival failed among others: %s", arrival.key)
                    session.expunge_all()  # what was read of rows that are no more
                    if arrivals.state(session, arrival.key) is None:
                        payload = write_arrival(arrival)
                        arrivals.wait(session, arrival.key, arrival.place, arrival.message, batch.now, payload)
                    apart.append(arrival)
            accounts.move(session, batch.account, batch.cursor)
        return apart

    def _answer(self, batch: Sequence[_Waiting]) -> bool:
        """Answer each in order; True if the records were locked."""
        answer = None
        for waiting, answer in zip(batch, self._answers(batch), strict=True):
            waiting.done.set_result(answer)
        return answer is _BUSY

    def _answers(self, batch: Sequence[_Waiting]) -> Iterator[Message | None]:
        """Each commit answers for its own: what was entered is never called busy."""
        apart, locked = self._together(batch) if len(batch) > 1 else (batch, False)
        for waiting in batch:
            if waiting not in apart:
                yield None
                continue
            answer = _BUSY if locked else self._alone(waiting)
            locked = answer is _BUSY
            yield answer

    def _together(self, batch: Sequence[_Waiting]) -> tuple[Sequence[_Waiting], bool]:
        """Perform all in one commit; gives those that need one of their own, and whether the records are locked."""
        apart = []
        try:
            with self._tally.part(), transaction(self._engine) as session:
                for waiting in batch:
                    try:
                        with self._tally.part(), savepoint(session):
                            self._desk.take(session, waiting.arrival, waiting.now)
                    except UNWRITABLE:
                        raise
                    except Exception:
                        log.exception("arrival failed among others: %s", waiting.arrival.key)
                        session.expunge_all()  # what was read of rows that are no more
                        apart.append(waiting)
        except UNWRITABLE as error:
            return batch, unwritten(error) is _BUSY
        except Exception:
            # One of them has spoilt the commit for all: alone it harms nobody else.
            log.exception("arrivals are taken one by one")
            return batch, False
        return apart, False

    def _alone(self, waiting: _Waiting) -> Message | None:
        """Perform one until it is entered or set aside; a message if the records cannot be written."""
        broken = False
        while True:
            try:
                with self._tally.part(), transaction(self._engine) as session:
                    self._desk.take(session, waiting.arrival, waiting.now)
            except UNWRITABLE as error:
                answer = unwritten(error)
                if broken or answer is _BUSY:
                    return answer
                broken = True  # perhaps at the commit, and it is entered all the same: taking it again tells
            except Exception as error:
                log.exception("arrival failed: %s", waiting.arrival.key)
                try:
                    if self._set_back(waiting, error):
                        return None
                except Exception as worse:
                    log.exception("arrival cannot be set aside: %s", waiting.arrival.key)
                    return unwritten(worse) if isinstance(worse, UNWRITABLE) else _HOPELESS
            else:
                return None

    def _set_back(self, waiting: _Waiting, error: Exception) -> bool:
        """Count the failure; True once it is set aside, its writer told and the operator shown."""
        arrival = waiting.arrival
        # a database's error quotes the values that it was given: the type says enough
        name = type(error.orig).__name__ if isinstance(error, DBAPIError) else type(error).__name__
        payload = write_arrival(arrival)
        with transaction(self._engine) as session:
            aside = arrivals.failed(session, arrival.key, arrival.place, arrival.message, waiting.now, payload, name)
            if aside:
                self._desk.apologise(session, arrival, waiting.now)
        return aside


def unwritten(error: Exception) -> Message:
    """What to say when the records could not be written: another holds them, or they are read-only, full or away."""
    log.warning("nothing entered: %s", type(error).__name__)
    words = str(error.orig).lower() if isinstance(error, DBAPIError) else ""
    return _BUSY if "locked" in words or "lock timeout" in words else refusals.busy(refusals.BROKEN)

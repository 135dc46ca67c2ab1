"""One arrival, one transaction, then the acknowledgement; it reads no text and decides nothing.

One thread writes, and arrivals that wait at the same moment share a commit, each in a savepoint of its own.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlmodel import Session

from commands import refusals
from commands.arrival import Arrival, write_arrival
from commands.desk import Desk
from commands.message import Message
from storage import arrivals
from storage.session import transaction

log = logging.getLogger(__name__)

SHARED = 64
"""How many arrivals may share one commit."""


@dataclass(frozen=True)
class _Waiting:
    arrival: Arrival
    now: datetime
    done: Future[Message | None]


class Intake:
    """Takes arrivals one after the other, whoever brings them; start it with `with`."""

    def __init__(self, engine: Engine, desk: Desk) -> None:
        self._engine = engine
        self._desk = desk
        self._waiting: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
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
        waiting = _Waiting(arrival, now, Future())
        self._waiting.put(waiting)
        return waiting.done

    def _write(self) -> None:
        while (first := self._waiting.get()) is not None:
            batch, stop = [first], False
            while len(batch) < SHARED and not stop:
                try:
                    more = self._waiting.get_nowait()
                except queue.Empty:
                    break
                if more is None:
                    stop = True
                else:
                    batch.append(more)
            self._take(batch)
            if stop:
                return

    def _take(self, batch: Sequence[_Waiting]) -> None:
        """Each commit answers for its own: what was entered is never called busy."""
        while batch:
            try:
                again = self._commit(batch)
            except OperationalError as error:
                busy = _busy(error)
                for waiting in batch:
                    waiting.done.set_result(busy)
                return
            except Exception as error:  # noqa: BLE001  # whatever it was, each arrival is answered
                self._one_by_one(batch, error)
                return
            for waiting in batch:
                if waiting not in again:
                    waiting.done.set_result(None)
            batch = again

    def _one_by_one(self, batch: Sequence[_Waiting], error: Exception) -> None:
        """The commit itself was refused: find out whose fault it was, so that nobody suffers for another."""
        if len(batch) > 1:
            for waiting in batch:
                self._take([waiting])
            return
        (waiting,) = batch
        log.error("arrival failed: %s", waiting.arrival.key, exc_info=error)
        try:
            with transaction(self._engine) as session:
                aside = self._failed(session, waiting, error)
        except Exception as worse:
            log.exception("intake failed")
            waiting.done.set_exception(worse)
            return
        if aside:
            waiting.done.set_result(None)
        else:
            self._take(batch)

    def _commit(self, batch: Sequence[_Waiting]) -> list[_Waiting]:
        """Perform all in one commit; those that failed are counted, and come back until they are set aside."""
        again: list[_Waiting] = []
        with transaction(self._engine) as session:
            for waiting in batch:
                try:
                    with session.begin_nested():
                        self._desk.take(session, waiting.arrival, waiting.now)
                        session.flush()
                except OperationalError:
                    raise
                except Exception as error:
                    log.exception("arrival failed: %s", waiting.arrival.key)
                    if not self._failed(session, waiting, error):
                        again.append(waiting)
        return again

    def _failed(self, session: Session, waiting: _Waiting, error: Exception) -> bool:
        """True once it is set aside; its writer is told, and `doctor` shows it."""
        arrival = waiting.arrival
        # a database's error quotes the values that it was given: the type says enough
        name = type(error.orig).__name__ if isinstance(error, DBAPIError) else type(error).__name__
        payload = write_arrival(arrival)
        aside = arrivals.failed(session, arrival.key, arrival.place, arrival.message, waiting.now, payload, name)
        if aside:
            self._desk.apologise(session, arrival, waiting.now)
        return aside


def _busy(error: OperationalError) -> Message:
    words = str(error.orig).lower()
    locked = "locked" in words or "lock timeout" in words
    log.warning("nothing entered: %s", type(error.orig).__name__)
    return refusals.busy(refusals.BUSY if locked else refusals.BROKEN)

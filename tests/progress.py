"""How far the program is, by its records: what it has taken, and what is on its way; people at clients see neither."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from sqlmodel import func, select

from storage import arrivals, moments
from storage.tables import ArrivalRow, Errand, Letter, LetterState
from tests.comity import WITHIN, Comity

Found = TypeVar("Found")


async def taken(comity: Comity, key: str) -> datetime:
    """Wait until the arrival with this key was taken; the time at which it was, by the program's clock."""

    def look() -> datetime | None:
        with comity.records(reading=True) as session:
            row = arrivals.seen(session, key)
            return row.at if row is not None else None

    try:
        return await _found(look)
    except TimeoutError:
        raise AssertionError(f"never taken: {key}") from None


def count(comity: Comity) -> int:
    """How much was taken so far."""
    with comity.records(reading=True) as session:
        return session.exec(select(func.count()).select_from(ArrivalRow)).one()


async def more(comity: Comity, before: int) -> None:
    """Wait until one thing more was taken."""
    try:
        await _found(lambda: count(comity) > before or None)
    except TimeoutError:
        raise AssertionError("nothing more was taken") from None


async def nothing_due(comity: Comity, now: datetime) -> None:
    """Wait until all is done that was to be done up to then."""

    def due() -> list[str]:
        with comity.records(reading=True) as session:
            return [one.job for one in moments.due(session, now, 100)]

    try:
        await _found(lambda: not due() or None)
    except TimeoutError:
        raise AssertionError(f"never done: {due()}") from None


async def quiet(comity: Comity) -> None:
    """Wait until every errand has been run, and every letter has gone."""

    def waiting() -> list[Any]:
        query = select(Letter.id, Letter.error).where(Letter.state == LetterState.WAITING)
        with comity.records(reading=True) as session:
            return [*session.exec(select(Errand.job)).all(), *session.exec(query).all()]

    try:
        await _found(lambda: not waiting() or None)
    except TimeoutError:
        raise AssertionError(f"on their way: {waiting()}") from None


async def _found(look: Callable[[], Found | None]) -> Found:
    async with asyncio.timeout(WITHIN):
        while True:
            if (found := look()) is not None:
                return found
            await asyncio.sleep(0.05)  # a look at the condition that is waited for

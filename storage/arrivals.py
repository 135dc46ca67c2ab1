"""What came in: seen, to perform, set aside; a key that was seen is never performed again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from storage.rows import add, literally
from storage.statement import Statement
from storage.tables import ArrivalRow, ArrivalState
from storage.words import Address, Place

TRIES = 3
"""After so many failures an arrival is set aside."""


def seen(session: Session, key: str) -> ArrivalRow | None:
    return session.get(ArrivalRow, key)


_STATE = Statement(select(col(ArrivalRow.state)).where(ArrivalRow.key == bindparam("key")))


def state(session: Session, key: str) -> ArrivalState | None:
    """None: nothing with this key ever came."""
    found: ArrivalState | None = _STATE.scalar(session, key=key)
    return found


def done(
    session: Session,
    key: str,
    place: Place,
    message: str,
    now: datetime,
    became: str | None,
    *,
    writer: Address | None = None,
    below: str | None = None,
    new: bool = False,
) -> None:
    """Remember an arrival that this same transaction performed; its words are not kept.

    `new`: the caller has looked, and it was never seen.
    """
    row = None if new else seen(session, key)
    if row is None:
        add(
            session, ArrivalRow, key=key, place=place, message=message, at=now, state=ArrivalState.DONE,
            became=became, writer=writer, below=below,
        )  # fmt: skip
        return
    row.state, row.payload, row.error = ArrivalState.DONE, None, None
    row.became, row.writer, row.below = became, writer, below
    session.flush()


def known(session: Session, keys: Iterable[str]) -> dict[str, str | None]:
    """Which of these keys ever came, and what became of them."""
    query = select(ArrivalRow.key, ArrivalRow.became).where(col(ArrivalRow.key).in_(set(keys)))
    return dict(session.exec(query).all())


BEFORE = "before"
"""Became of what was there before we were: nothing older is ever taken."""


def begin_after(session: Session, key: str, place: Place, message: str, now: datetime) -> None:
    """What stands in the place up to this message is history."""
    if state(session, key) is None:
        done(session, key, place, message, now, BEFORE, new=True)


def unperformed(session: Session, places: str) -> list[str]:
    """The payloads of all that waits in places that begin like this, in the order in which it came."""
    query = select(ArrivalRow.payload).where(
        col(ArrivalRow.state) != literally(ArrivalState.DONE),
        ArrivalRow.state == ArrivalState.WAITING,
        col(ArrivalRow.place).startswith(places, autoescape=True),
    )
    return [payload or "" for payload in session.exec(query.order_by(col(ArrivalRow.at), col(ArrivalRow.key)))]


def wait(session: Session, key: str, place: Place, message: str, now: datetime, payload: str) -> None:
    """Keep what cannot be performed yet: an edit or a deletion that came before its original, or what failed."""
    add(session, ArrivalRow, key=key, place=place, message=message, at=now, state=ArrivalState.WAITING, payload=payload)


_WAITING_FOR = Statement(
    select(ArrivalRow.payload)
    .where(
        ArrivalRow.place == bindparam("place"),
        ArrivalRow.message == bindparam("message"),
        col(ArrivalRow.state) != literally(ArrivalState.DONE),
        ArrivalRow.state == ArrivalState.WAITING,
    )
    .order_by(col(ArrivalRow.at), col(ArrivalRow.key))
)


def waiting_for(session: Session, place: Place, message: str) -> list[str]:
    """The payloads of the edits and deletions of this message that came before it."""
    return [payload for (payload,) in _WAITING_FOR.all(session, place=place, message=message)]


def failed(session: Session, key: str, place: Place, message: str, now: datetime, payload: str, error: str) -> bool:
    """Count a failure; True once it has failed TRIES times and is set aside."""
    if session.get(ArrivalRow, key) is None:
        wait(session, key, place, message, now, payload)
    row = session.get_one(ArrivalRow, key)
    row.attempts += 1
    row.error = error
    if row.attempts >= TRIES:
        row.state = ArrivalState.SET_ASIDE
    session.flush()
    return row.state is ArrivalState.SET_ASIDE


def set_aside(session: Session) -> Sequence[ArrivalRow]:
    query = select(ArrivalRow).where(
        col(ArrivalRow.state) != literally(ArrivalState.DONE), ArrivalRow.state == ArrivalState.SET_ASIDE
    )
    return session.exec(query.order_by(col(ArrivalRow.at))).all()

"""Letters not yet delivered, and receipts: what the relay asks for; the words of a letter are not understood here."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import bindparam, func, or_, update
from sqlmodel import Session, col, select

from storage import threads
from storage.rows import add, add_all, literally, table_of
from storage.statement import Statement, object_of
from storage.tables import Letter, LetterKind, LetterState, Receipt, Thread
from storage.words import Place


def post(session: Session, letters: Sequence[Mapping[str, Any]], now: datetime) -> None:
    """Put letters in the outbox in this order; those that `follows` below the nearest before them that does not."""
    rows = [{"state": LetterState.WAITING, "at": now, **letter} for letter in letters]
    following = [row.pop("follows", False) for row in rows]
    if not any(following):
        add_all(session, Letter, rows)
        return
    above = None
    for row, follows in zip(rows, following, strict=True):
        number = add(session, Letter, **row, below_id=above if follows else None)
        above = above if follows else number


@dataclass(frozen=True)
class Outgoing:
    """A waiting letter with the platform's ids that it hangs on (None: it hangs on none, or that one failed)."""

    letter: Letter
    root: str | None
    edits: str | None
    begins: Thread | None
    """The thread that it begins."""


def waiting(
    session: Session, now: datetime, limit: int, busy: Collection[str] = (), asleep: Collection[str] = ()
) -> Sequence[Letter]:
    """The first letter to each destination that is not `busy`, if it may go now; the most urgent first.

    Destinations that begin like one of those `asleep` are left to others.

    It is the first one of its queue. A queue is as urgent as its most urgent letter, which cannot pass those before it.
    """
    found = _heads(tuple(asleep)).all(session, now=now, most=limit + len(busy))
    letters = [object_of(session, Letter, row) for row in found]
    return [letter for letter in letters if destination(letter) not in busy][:limit]


@cache
def _heads(asleep: tuple[str, ...]) -> Statement:
    """The query, which takes longer to build than to ask."""
    heads = (
        select(func.min(col(Letter.id)).label("first"), func.min(col(Letter.lane)).label("lane"))
        .where(col(Letter.state) == literally(LetterState.WAITING))
        .group_by(*_QUEUE)
        .subquery()
    )
    turn = func.row_number().over(partition_by=_DESTINATION, order_by=(heads.c.lane, col(Letter.id)))
    rested = or_(col(Letter.not_before).is_(None), col(Letter.not_before) <= bindparam("now"))
    may_go = (
        select(col(Letter.id).label("id"), heads.c.lane, rested.label("rested"), turn.label("turn"))
        .join(heads, col(Letter.id) == heads.c.first)
        # where one could not be reached no other can; what failed by itself lets the others pass
        .where(or_(rested, col(Letter.error) == UNREACHABLE))
        .where(*(_DESTINATION.not_like(f"{platform}%") for platform in asleep))
        .subquery()
    )
    query = select(Letter).join(may_go, col(Letter.id) == may_go.c.id).where(may_go.c.turn == 1, may_go.c.rested)
    return Statement(query.order_by(may_go.c.lane, col(Letter.id)).limit(bindparam("most")))


UNREACHABLE = "unreachable"
"""Why a letter waits that nobody answered for."""

_QUEUE = (col(Letter.thread_id), col(Letter.place), col(Letter.addressee))
"""What keeps its order: a thread; outside of threads a place; a person."""


_DESTINATION = func.coalesce(col(Letter.addressee), col(Letter.place))


def destination(letter: Letter) -> str:
    """Whom or where it goes to: what must not overtake each other."""
    return letter.addressee or letter.place or ""


_BY_ID = Statement(select(Letter).where(Letter.id == bindparam("letter")))


def last(session: Session) -> int:
    """The number of the newest letter; 0: there is none."""
    return session.exec(select(func.max(col(Letter.id)))).one() or 0


def by_id(session: Session, letter_id: int) -> Letter:
    """Raises LookupError."""
    found = _BY_ID.one(session, letter=letter_id)
    if found is None:
        raise LookupError(letter_id)
    return object_of(session, Letter, found)


def resume(session: Session, place: Place) -> None:
    """What waited for this place may be tried at once."""
    late = select(Letter).where(Letter.place == place, Letter.state == literally(LetterState.WAITING))
    for letter in session.exec(late.where(col(Letter.not_before).is_not(None))):
        letter.not_before = None
    session.flush()


def ready(session: Session, letter: Letter) -> Outgoing:
    """What the letter hangs on, by the platform's ids."""
    root = edits = begins = None
    if letter.thread_id is not None:
        if letter.kind is LetterKind.ROOT:
            begins = threads.by_id(session, letter.thread_id)
        else:
            root = _ROOT.scalar(session, thread=letter.thread_id)
    elif letter.below_id is not None:
        root = _MESSAGE.scalar(session, letter=letter.below_id)
    if letter.kind is LetterKind.REROOT:
        edits = root
    elif letter.edits_id is not None:
        edits = _MESSAGE.scalar(session, letter=letter.edits_id)
    return Outgoing(letter, root, edits, begins)


_MESSAGE = Statement(select(Receipt.message).where(Receipt.letter_id == bindparam("letter")))
_ROOT = Statement(
    select(Receipt.message)
    .join(Letter, col(Letter.id) == Receipt.letter_id)
    .where(Letter.thread_id == bindparam("thread"), Letter.kind == literally(LetterKind.ROOT))
)


def may_be_a_root(session: Session, place: Place, message: str) -> bool:
    """Whether a message that no receipt knows may be a root all the same: one is on its way there."""
    known = select(Receipt.letter_id).where(Receipt.place == place, Receipt.message == message)
    going = select(Letter.id).where(
        Letter.place == place, Letter.kind == LetterKind.ROOT, Letter.state == literally(LetterState.WAITING)
    )
    return session.exec(known.limit(1)).first() is None and session.exec(going.limit(1)).first() is not None


def delivered(session: Session, letter: Letter, place: Place, message: str, now: datetime) -> None:
    """Keep the receipt with the sha256 of what was sent, and let the words go."""
    add(
        session,
        Receipt,
        letter_id=letter.id,
        place=place,
        message=message,
        sha256=hashlib.sha256((letter.body or "").encode()).hexdigest(),
        at=now,
    )
    _DELIVERED.run(session, {"letter": letter.id})
    session.expire(letter)


_DELIVERED = Statement(
    update(table_of(Letter))
    .where(table_of(Letter).c.id == bindparam("letter"))
    .values(state=LetterState.DELIVERED, body=None, error=None)
)


def set_aside(session: Session, letter: Letter, why: str) -> None:
    letter.state, letter.error = LetterState.SET_ASIDE, why
    session.flush()


def try_later(session: Session, letter: Letter, why: str, now: datetime) -> None:
    """Twice as long after every failure, from 1 s up to 5 minutes."""
    letter.attempts += 1
    letter.error = why
    letter.not_before = now + timedelta(seconds=min(2 ** (letter.attempts - 1), 300))
    session.flush()


def undelivered(session: Session) -> Sequence[Letter]:
    """What the operator must mend: set aside, or failing."""
    query = (
        select(Letter)
        .where(col(Letter.state) != LetterState.DELIVERED, col(Letter.error).is_not(None))
        .order_by(col(Letter.id))
    )
    return session.exec(query).all()

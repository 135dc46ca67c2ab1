"""How much waits and when each account was heard: numbers for the operator, never what or whom they are about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from storage.rows import literally
from storage.statement import Statement
from storage.tables import Account, ArrivalRow, ArrivalState, Letter, LetterState
from storage.words import platform_of


@dataclass(frozen=True)
class Queue:
    letters: int
    oldest: datetime


@dataclass(frozen=True)
class Figures:
    """`waiting` by platform, those without a letter left out; `heard` by account, those never heard left out."""

    waiting: Mapping[str, Queue]
    arrivals_set_aside: int
    heard: Mapping[str, datetime]


def figures(session: Session) -> Figures:
    """What any process may say of all of them, at this moment."""
    return Figures(_queues(session), _SET_ASIDE.scalar(session), dict(_HEARD.all(session)))


def _queues(session: Session) -> dict[str, Queue]:
    queues: dict[str, Queue] = {}
    for destination, letters, oldest in _WAITING.all(session):
        platform = platform_of(destination)
        before = queues.get(platform, Queue(0, oldest))
        queues[platform] = Queue(before.letters + letters, min(before.oldest, oldest))
    return queues


_DESTINATION = func.coalesce(col(Letter.addressee), col(Letter.place))
_WAITING = Statement(
    select(_DESTINATION, func.count(), func.min(col(Letter.at)))
    .where(col(Letter.state) == literally(LetterState.WAITING))
    .group_by(_DESTINATION)
)
_SET_ASIDE = Statement(
    select(func.count())
    .select_from(ArrivalRow)
    .where(col(ArrivalRow.state) != literally(ArrivalState.DONE), ArrivalRow.state == ArrivalState.SET_ASIDE)
)
_HEARD = Statement(select(col(Account.name), col(Account.heard_at)).where(col(Account.heard_at).is_not(None)))

"""What a transaction reads again and again, read once: who reads a place, who is on a case; it knows no table itself.

There is one writer at a time, so that within a transaction nothing changes but by what that transaction does.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from sqlalchemy import event
from sqlmodel import Session, SQLModel

_Found = TypeVar("_Found")

_KEPT = "comity_kept"


def once(session: Session, entity: type[SQLModel], asked: Hashable, read: Callable[[], _Found]) -> _Found:
    """What `read` gives, which reads rows of this one table; asked again, the same, until such a row is written."""
    answers: dict[Hashable, _Found] = session.info.setdefault(_KEPT, {}).setdefault(entity, {})
    if asked not in answers:
        answers[asked] = read()
    return answers[asked]


def written(session: Session, entity: type[SQLModel]) -> None:
    """A row of this table was written past the unit of work."""
    session.info.get(_KEPT, {}).pop(entity, None)


@event.listens_for(Session, "after_flush")
@event.listens_for(Session, "after_soft_rollback")
def forget(session: Session, *_: Any) -> None:
    """The unit of work has written something, or something was rolled back: which rows, nobody asks."""
    session.info.pop(_KEPT, None)

"""When something is to be done next, a row for each job; what is done then is not known here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, delete
from sqlmodel import Session, col, select

from storage.rows import add
from storage.statement import Statement
from storage.tables import Moment


class Planned(NamedTuple):
    """A row, as it was read; `at` and `since` are aware UTC."""

    job: str
    at: datetime
    since: datetime | None
    """What was to be done up to then is done; of what is done once, when it was to be done at first."""
    bundle: str | None


_COLUMNS = (col(Moment.job), col(Moment.at), col(Moment.since), col(Moment.bundle))
_MOMENTS = select(*_COLUMNS).order_by(col(Moment.at), col(Moment.job))
_DUE = Statement(_MOMENTS.where(col(Moment.at) <= bindparam("now")).limit(bindparam("most")))


def due(session: Session, now: datetime, most: int) -> Sequence[Planned]:
    """Those that have come, the earliest first."""
    return [Planned._make(row) for row in _DUE.all(session, now=now, most=most)]


_OF = Statement(select(*_COLUMNS).where(Moment.job == bindparam("job")))


def of(session: Session, job: str) -> Planned | None:
    """None: nothing is to be done."""
    found = _OF.one(session, job=job)
    return Planned._make(found) if found else None


_IN_BUNDLE = Statement(_MOMENTS.where(Moment.bundle == bindparam("bundle"), col(Moment.at) < bindparam("until")))


def in_bundle(session: Session, bundle: str, until: datetime) -> Sequence[Planned]:
    """Those of a bundle that come before `until`, the earliest first."""
    return [Planned._make(row) for row in _IN_BUNDLE.all(session, bundle=bundle, until=until)]


_DROP = Statement(delete(Moment).where(col(Moment.job) == bindparam("dropped")))


def plan(
    session: Session,
    job: str,
    at: datetime | None,
    *,
    since: datetime | None = None,
    bundle: str | None = None,
    new: bool = False,
) -> None:
    """Do it then, and not when it was to be done before; None: never again. `new`: it was never planned.

    What was done at a moment is not done at it again (storage.arrivals): a moment that is past may be such a one.
    """
    if not new:
        _DROP.run(session, {"dropped": job})
    if at is not None:
        add(session, Moment, job=job, at=at, since=since, bundle=bundle)

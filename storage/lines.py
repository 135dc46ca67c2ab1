"""Requests as lines of a list: what one line shows, read by index and made into nothing more than that."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, Subquery, bindparam, func, select
from sqlmodel import Session, col

from storage.rows import literally, table_of
from storage.statement import Statement
from storage.tables import Agency, Request
from storage.words import OWED_STATES, RUNNING_STATES, Marking, State

WORDS = 120
"""How many characters of a request's text are read: a line shows fewer."""

_ASKING, _ASKED = table_of(Agency).alias("asking"), table_of(Agency).alias("asked")


class Line(NamedTuple):
    """A request without all that no list shows; `asking` and `asked` are codes."""

    number: int
    state: State
    marking: Marking
    due_at: datetime
    what: str
    asking: str
    asking_zone: str
    asked: str
    asked_zone: str


def columns() -> tuple[ColumnElement[Any], ...]:
    """What a line is made of, of the request alone."""
    what = func.substr(col(Request.what), 1, WORDS).label("what")
    row = table_of(Request).c
    return (row.id, row.state, row.marking, row.due_at, what, row.asking_id, row.asked_id)


def named(found: Subquery, *more: ColumnElement[Any]) -> Select[Any]:
    """The found columns with both parties' codes and zones, as `Line` has them, and more behind."""
    row = found.c
    return (
        select(
            row.id, row.state, row.marking, row.due_at, row.what,
            _ASKING.c.code, _ASKING.c.zone, _ASKED.c.code, _ASKED.c.zone, *more,
        )
        .join_from(found, _ASKING, _ASKING.c.id == row.asking_id)
        .join(_ASKED, _ASKED.c.id == row.asked_id)
    )  # fmt: skip


@cache
def _listing(column: str, *, answered: bool, overdue: bool, officer: bool, case: bool) -> Statement:
    """One walk of one index, made once for each kind of question."""
    states = literally(State.ANSWERED) if answered else literally(*OWED_STATES)
    row = table_of(Request).c
    query = select(*columns()).where(row[column] == bindparam("viewer"))
    query = query.where(row.state == states if answered else row.state.in_(states))
    if overdue:
        query = query.where(row.due_at < bindparam("overdue"), row.state.in_(literally(*RUNNING_STATES)))
    if officer:
        query = query.where((row.officer_id == bindparam("officer")) | (row.handler_id == bindparam("officer")))
    if case:
        query = query.where(row.case_id == bindparam("case"))
    found = query.order_by(row.due_at, row.id).limit(bindparam("most")).subquery("found")
    return Statement(named(found).order_by(found.c.due_at, found.c.id))


def listing(
    session: Session,
    viewer: int,
    *,
    asked: bool,
    asking: bool,
    overdue_at: datetime | None = None,
    officer_id: int | None = None,
    case_id: int | None = None,
    limit: int,
) -> Sequence[Line]:
    """The viewer's own open requests, the earliest due first, whatever others have stored.

    `asked`: those that the viewer is to answer; `asking`: those that it waits for. With both, all open ones.
    """
    walks = [("asked_id", False)] * asked + [("asking_id", False)] * asking
    walks += [("asking_id", True)] * (asking and overdue_at is None)
    narrowed = {"overdue": overdue_at, "officer": officer_id, "case": case_id}
    values = {name: value for name, value in narrowed.items() if value is not None}
    found = [
        Line._make(row)
        for column, answered in walks
        for row in _listing(column, answered=answered, **{name: name in values for name in narrowed}).all(
            session, viewer=viewer, most=limit, **values
        )
    ]
    if len(walks) > 1:
        found.sort(key=lambda line: (line.due_at, line.number))
    return found[:limit]


def line_of(session: Session, request: Request) -> Line:
    """The line of a request that was read whole."""
    asking, asked = session.get_one(Agency, request.asking_id), session.get_one(Agency, request.asked_id)
    return Line(
        request.id or 0, request.state, request.marking, request.due_at, request.what[:WORDS],
        asking.code, asking.zone, asked.code, asked.zone,
    )  # fmt: skip

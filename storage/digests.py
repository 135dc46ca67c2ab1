"""What is outstanding for one agency, by index alone, whatever others have stored; and the digests that were given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    FromClause,
    Select,
    and_,
    bindparam,
    func,
    literal_column,
    select,
    true,
    union_all,
)
from sqlmodel import Session

from storage import lines
from storage.lines import Line
from storage.rows import add, literally, table_of
from storage.statement import Statement
from storage.tables import Digest, Request
from storage.words import OWED_STATES, RUNNING_STATES, State


class Section(StrEnum):
    """The parts of a digest, in the order in which they are read."""

    OVERDUE_BY_US = "overdue by us"
    DUE_SOON = "due this week"
    OVERDUE_TO_US = "overdue to us"
    TO_EXPLAIN = "waiting for our clarification"
    TO_CLOSE = "answers to close"
    OWING = "we owe later"
    OWED = "we are owed later"


@dataclass(frozen=True)
class Part:
    section: Section
    count: int
    first: Sequence[Line]
    """The earliest due."""


_R = table_of(Request).c
_VIEWER: BindParameter[int] = bindparam("viewer")
_NOW: BindParameter[datetime] = bindparam("now")
_SOON: BindParameter[datetime] = bindparam("soon")
_OWING, _OWED_US = _R.asked_id == _VIEWER, _R.asking_id == _VIEWER
# the partial indexes are used only where the states of their condition stand in the query as well
_OPEN = _R.state.in_(literally(*OWED_STATES))
_RUNNING = _R.state.in_(literally(*RUNNING_STATES))
_CLARIFYING = _R.state == literally(State.CLARIFYING)
_ANSWERED = _R.state == literally(State.ANSWERED)
_PAST, _COMING = _R.due_at < _NOW, _R.due_at >= _NOW
_THIS_WEEK, _LATER = and_(_COMING, _R.due_at < _SOON), _R.due_at >= _SOON

WALKS: tuple[tuple[ColumnElement[bool], dict[Section, ColumnElement[bool]]], ...] = (
    (
        and_(_OWING, _OPEN),
        {
            Section.OVERDUE_BY_US: and_(_RUNNING, _PAST),
            Section.DUE_SOON: and_(_RUNNING, _THIS_WEEK),
            Section.OWING: and_(_RUNNING, _LATER),
        },
    ),
    (
        and_(_OWED_US, _OPEN),
        {
            Section.OVERDUE_TO_US: and_(_RUNNING, _PAST),
            Section.TO_EXPLAIN: _CLARIFYING,
            Section.OWED: and_(_RUNNING, _COMING),
        },
    ),
    (and_(_OWED_US, _ANSWERED), {Section.TO_CLOSE: _ANSWERED}),
)
"""Which requests of one index belong to which sections: each index is walked once to count."""

_COUNTED = [section for _walk, sections in WALKS for section in sections]


def counting(walks: Iterable[tuple[ColumnElement[bool], Mapping[Any, ColumnElement[bool]]]]) -> Select[Any]:
    """One row: how many there are of each part of each walk, in their order; each index is walked once."""
    first, *others = (
        select(*(func.count().filter(wanted).label(part.name) for part, wanted in sections.items()))
        .where(walk)
        .subquery(f"walk{number}")
        for number, (walk, sections) in enumerate(walks)
    )
    every: FromClause = first
    for other in others:
        every = every.join(other, true())
    return select(*(column for part in (first, *others) for column in part.c)).select_from(every)


def _lines() -> Select[Any]:
    parts = []
    for walk, sections in WALKS:
        for section, wanted in sections.items():
            ordered = select(*lines.columns(), literal_column(f"'{section.name}'").label("section")).where(walk, wanted)
            parts.append(
                select(ordered.order_by(_R.due_at, _R.id).limit(bindparam("most")).subquery(section.name.lower()))
            )
    every = union_all(*parts).subquery("every")
    return lines.named(every, every.c.section).order_by(every.c.due_at, every.c.id)


_COUNTS, _LINES = Statement(counting(WALKS)), Statement(_lines())


def outstanding(session: Session, viewer: int, now: datetime, soon: datetime, limit: int) -> list[Part]:
    """Each part with its count and its earliest `limit` requests; `soon` ends the week ahead (aware, UTC)."""
    counts = dict(zip(_COUNTED, *_COUNTS.all(session, viewer=viewer, now=now, soon=soon), strict=True))
    first: dict[str, list[Line]] = {section.name: [] for section in Section}
    for *line, section in _LINES.all(session, viewer=viewer, now=now, soon=soon, most=limit):
        first[section].append(Line._make(line))
    return [Part(section, counts[section], first[section.name]) for section in Section]


def given(
    session: Session,
    agency_id: int,
    officer_id: int,
    place: str,
    now: datetime,
    head: tuple[int, str],
    *,
    network: bool = False,
) -> None:
    """Remember that a digest was given, and the ledger's head that it named; `network`: it was not the agency's own."""
    add(
        session, Digest, agency_id=agency_id, officer_id=officer_id, place=place, network=network, at=now,
        ledger_count=head[0], ledger_head=head[1],
    )  # fmt: skip

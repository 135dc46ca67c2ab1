"""What is outstanding for one agency, by index alone, whatever others have stored; and the digests that were given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, func, literal, union_all
from sqlalchemy import select as core_select
from sqlmodel import Session, col, select

from storage.rows import add, literally
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
    first: Sequence[Request]
    """The earliest due."""


def _sections(viewer: int, now: datetime, soon: datetime) -> dict[Section, ColumnElement[bool]]:
    asked, asking, due = col(Request.asked_id) == viewer, col(Request.asking_id) == viewer, col(Request.due_at)
    # the partial indexes are used only where the states of their condition stand in the query as well
    owed = col(Request.state).in_(literally(*OWED_STATES))
    running = and_(owed, col(Request.state).in_(RUNNING_STATES))
    clarifying = and_(owed, col(Request.state) == State.CLARIFYING)
    return {
        Section.OVERDUE_BY_US: and_(asked, running, due < now),
        Section.DUE_SOON: and_(asked, running, due >= now, due < soon),
        Section.OVERDUE_TO_US: and_(asking, running, due < now),
        Section.TO_EXPLAIN: and_(asking, clarifying),
        Section.TO_CLOSE: and_(asking, col(Request.state) == literally(State.ANSWERED)),
        Section.OWING: and_(asked, running, due >= soon),
        Section.OWED: and_(asking, running, due >= now),
    }


def outstanding(session: Session, viewer: int, now: datetime, soon: datetime, limit: int) -> list[Part]:
    """Each part with its count and its earliest `limit` requests; `soon` ends the week ahead (aware, UTC)."""
    sections = _sections(viewer, now, soon)
    counts = {
        Section(name): count
        for name, count in session.execute(
            union_all(
                *(
                    core_select(literal(str(section)), func.count()).select_from(Request).where(wanted)
                    for section, wanted in sections.items()
                )
            )
        )
    }
    parts = []
    for section, wanted in sections.items():
        found: Sequence[Request] = ()
        if counts[section]:
            query = select(Request).where(wanted).order_by(col(Request.due_at), col(Request.id)).limit(limit)
            found = session.exec(query).all()
        parts.append(Part(section, counts[section], found))
    return parts


def given(session: Session, agency_id: int, officer_id: int, place: str, now: datetime, head: tuple[int, str]) -> None:
    """Remember that a digest was given, and the ledger's head that it named."""
    add(
        session, Digest, agency_id=agency_id, officer_id=officer_id, place=place, at=now,
        ledger_count=head[0], ledger_head=head[1],
    )  # fmt: skip

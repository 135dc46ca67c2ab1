"""What all readers of a place may see of the network's requests: those for a shared digest, CLEAR and GREEN."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select
from sqlmodel import Session, col

from storage import lines
from storage.lines import Line
from storage.rows import literally, table_of
from storage.tables import CaseAgency, Request
from storage.words import OPEN_STATES, Marking

_R = table_of(Request).c
WIDE = (Marking.CLEAR, Marking.GREEN)


class Shared(NamedTuple):
    line: Line
    asked_id: int
    sent_at: datetime


def open_to(session: Session, readers: Collection[int]) -> list[Shared]:
    """The open ones in cases that all these agencies are on, the earliest due first."""
    return _found(session, readers, _R.state.in_(literally(*OPEN_STATES)))


def closed_since(session: Session, readers: Collection[int], since: datetime) -> list[Shared]:
    return _found(session, readers, _R.closed_at > since)


def _found(session: Session, readers: Collection[int], wanted: object) -> list[Shared]:
    cases = (
        select(col(CaseAgency.case_id))
        .where(col(CaseAgency.agency_id).in_(readers), col(CaseAgency.removed_at).is_(None))
        .group_by(col(CaseAgency.case_id))
        .having(func.count() == len(readers))
    )
    part = (
        select(*lines.columns(), _R.sent_at)
        .where(_R.marking.in_(literally(*WIDE)), _R.case_id.in_(cases), wanted)  # type: ignore[arg-type]
        .subquery("found")
    )
    query = lines.named(part, part.c.asked_id, part.c.sent_at).order_by(part.c.due_at, part.c.id)
    return [Shared(Line._make(row), asked, sent) for *row, asked, sent in session.execute(query)]

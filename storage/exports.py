"""Exports that were given: what they showed, so that each can be given again; queries."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, select

from storage.ledger import Head
from storage.rows import add
from storage.tables import Export


def keep(session: Session, case_id: int, agency_id: int, head: Head, snapshot: str, now: datetime) -> None:
    """Nothing, if one was given at this head already: then it was the same."""
    if given_at(session, case_id, agency_id, head) is None:
        add(
            session, Export, case_id=case_id, agency_id=agency_id, at=now, ledger_count=head.count,
            ledger_head=head.hash, snapshot=snapshot,
        )  # fmt: skip


def given_at(session: Session, case_id: int, agency_id: int, head: Head) -> Export | None:
    """The export of the case to the agency that named this head."""
    query = select(Export).where(Export.case_id == case_id, Export.agency_id == agency_id)
    query = query.where(Export.ledger_count == head.count, Export.ledger_head == head.hash)
    return session.exec(query).one_or_none()

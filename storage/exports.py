"""Exports that were given: what they showed, so that each can be given again; queries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from storage.ledger import Head
from storage.rows import add
from storage.tables import Export


def keep(
    session: Session, case_id: int, agency_id: int, head: Head, snapshot: str, now: datetime,
    sha256: str | None = None, size: int | None = None,
) -> None:  # fmt: skip
    """`sha256` and `size`: of the zip, if it lies in the vault. One that was given at this head already is the same."""
    if (given := given_at(session, case_id, agency_id, head)) is not None:
        given.sha256, given.size = sha256 or given.sha256, size or given.size
        session.flush()
        return
    add(
        session, Export, case_id=case_id, agency_id=agency_id, at=now, ledger_count=head.count,
        ledger_head=head.hash, snapshot=snapshot, sha256=sha256, size=size,
    )  # fmt: skip


def of_case_in_vault(session: Session, case_id: int) -> Sequence[Export]:
    """Those that lie in the vault; whoever takes one away sets its `sha256` and `size` to None."""
    return session.exec(select(Export).where(Export.case_id == case_id, col(Export.sha256).is_not(None))).all()


def in_vault(session: Session) -> dict[str, tuple[int, int]]:
    """Of those that lie in the vault, by their sha256: the size in bytes, and the case."""
    query = select(Export.sha256, Export.size, Export.case_id).where(col(Export.sha256).is_not(None))
    return {str(sha256): (size or 0, case) for sha256, size, case in session.exec(query)}


def given_at(session: Session, case_id: int, agency_id: int, head: Head) -> Export | None:
    """The export of the case to the agency that named this head."""
    query = select(Export).where(Export.case_id == case_id, Export.agency_id == agency_id)
    query = query.where(Export.ledger_count == head.count, Export.ledger_head == head.hash)
    return session.exec(query).one_or_none()

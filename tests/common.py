"""Rows to begin with, made as the house makes them, and what several tests need of a database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

from hypothesis import HealthCheck, settings
from sqlalchemy import Engine
from sqlmodel import Session

from storage import agencies, cases, ledger, requests
from storage.rows import add
from storage.session import transaction
from storage.tables import Agency
from storage.words import Address, Marking, Place, Priority, RequestKind, Role

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)

in_undone = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25)
"""For properties whose every example runs in `undone`: so one database serves them all."""


@contextmanager
def undone(engine: Engine) -> Iterator[Session]:
    """A transaction that leaves nothing behind."""
    with transaction(engine) as session:
        yield session
        session.rollback()


class Party(NamedTuple):
    """An agency with one officer: also what storage calls an actor."""

    agency: int
    officer: int


def party(session: Session, code: str = "FTC", name: str = "ana", role: Role = Role.OFFICER) -> Party:
    agency = add(session, Agency, code=code, name=f"The {code}", country="US", zone="UTC", added_at=NOW)
    return Party(agency, agencies.enrol(session, agency, name, role, Address(f"local:{name}-{code}".lower()), NOW))


def parties(session: Session, count: int) -> list[Party]:
    return [party(session, f"A{number}") for number in range(1, count + 1)]


def desk(session: Session, of: Party, place: str = "local:ftc", *, shared: bool = False) -> Place:
    agencies.seat(session, of.agency, Place(place), NOW, shared=shared)
    return Place(place)


def case(session: Session, opener: Party, others: Sequence[Party] = (), **values: Any) -> int:
    values = {"marking": Marking.AMBER, "title": "Pump and dump", "priority": Priority.NORMAL} | values
    on_it = [opener.agency, *(other.agency for other in others if other != opener)]
    return cases.start(session, on_it, NOW, officer_id=opener.officer, **values)


def request(session: Session, case_id: int, asking: Party, asked: Party, **values: Any) -> int:
    due = NOW + timedelta(days=14)
    usual = {
        "kind": RequestKind.EVIDENCE, "what": "Who owned it?", "marking": Marking.AMBER, "shared": False,
        "urgent": False, "due_at": due, "first_due_at": due,
    }  # fmt: skip
    parts = {"case_id": case_id, "asking_id": asking.agency, "asked_id": asked.agency, "officer_id": asking.officer}
    return requests.send(session, NOW, **(usual | parts | values))


def chain(session: Session, count: int, tag: str = "case:noted") -> ledger.Head:
    """Append so many ledger entries; returns the head."""
    records = [ledger.Record(tag, "C-1", {"number": number}) for number in range(count)]
    ledger.append(session, records, NOW, {"by": "local:ana"}, partial(bytes, 16))
    return ledger.head(session)

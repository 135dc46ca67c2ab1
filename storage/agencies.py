"""Agencies, their officers and where they are reached: queries; who may ask is decided before."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial

from sqlalchemy import bindparam, delete
from sqlmodel import Session, col, select

from storage.once import once, written
from storage.rows import Keys, add
from storage.statement import Statement, columns_of, known_of, object_of
from storage.tables import Agency, Closing, Desk, Officer, OfficerAddress
from storage.words import Address, ClosedDays, Place, Role

_DAY = timedelta(days=1)

_BY_CODE = Statement(select(Agency).where(Agency.code == bindparam("code")))


def by_code(session: Session, code: str) -> Agency | None:
    def read() -> Agency | None:
        found = _BY_CODE.one(session, code=code)
        return object_of(session, Agency, found) if found else None

    return once(session, Agency, code, read)


def by_codes(session: Session, codes: Iterable[str]) -> dict[str, Agency]:
    found = (by_code(session, code) for code in codes)
    return {agency.code: agency for agency in found if agency is not None}


_SOME = Keys("agency", 50)
_BY_IDS = Statement(select(Agency).where(col(Agency.id).in_(_SOME.binds)))
_CODES = Statement(select(Agency.id, Agency.code))


def codes(session: Session) -> Mapping[int, str]:
    """Of all agencies, by key."""
    return once(session, Agency, "codes", lambda: dict(_CODES.all(session)))


def by_ids(session: Session, ids: Iterable[int]) -> dict[int, Agency]:
    """Agencies by key; those already read in this transaction are not read again."""
    wanted = set(ids)
    found = {number: known for number in wanted if (known := known_of(session, Agency, number)) is not None}
    for values in _SOME.each(wanted - found.keys()):
        found |= {row[0]: object_of(session, Agency, row) for row in _BY_IDS.all(session, **values)}
    return found


_CLOSINGS = Statement(
    select(col(Closing.first), col(Closing.last), col(Closing.why))
    .where(Closing.agency_id == bindparam("agency"))
    .order_by(col(Closing.first))
)


def closings(session: Session, agency_id: int) -> tuple[ClosedDays, ...]:
    """In their order; no day is in two of them, if they were all kept by `close_days` after `open_days`."""

    def read() -> tuple[ClosedDays, ...]:
        return tuple(ClosedDays(*row) for row in _CLOSINGS.all(session, agency=agency_id))

    return once(session, Closing, agency_id, read)


_ALL_CLOSINGS = Statement(
    select(Closing.agency_id, col(Closing.first), col(Closing.last), col(Closing.why))
    .where(col(Closing.agency_id).in_(_SOME.binds))
    .order_by(col(Closing.first))
)


def read_closings(session: Session, ids: Collection[int]) -> None:
    """Those of several agencies at once, for `closings` to give."""
    found: dict[int, list[ClosedDays]] = {number: [] for number in ids}
    for values in _SOME.each(ids):
        for agency_id, *days in _ALL_CLOSINGS.all(session, **values):
            found[agency_id].append(ClosedDays(*days))
    for agency_id, days in found.items():
        once(session, Closing, agency_id, partial(tuple, days))


def close_days(session: Session, agency_id: int, first: date, last: date, why: str | None) -> None:
    add(session, Closing, agency_id=agency_id, first=first, last=last, why=why)


def open_days(session: Session, agency_id: int, first: date, last: date) -> bool:
    """Take these days out of its closing days; False: it was open on all of them."""
    touched = session.exec(
        select(Closing).where(Closing.agency_id == agency_id, Closing.first <= last, Closing.last >= first)
    ).all()
    for row in touched:
        session.delete(row)
        session.flush()
        for begin, end in ((row.first, first - _DAY), (last + _DAY, row.last)):
            if begin <= end:
                add(session, Closing, agency_id=agency_id, first=begin, last=end, why=row.why)
    return bool(touched)


def everyone(session: Session) -> Sequence[Agency]:
    return session.exec(select(Agency).order_by(Agency.code)).all()


def _key(row: Agency | Officer) -> int:
    if row.id is None:
        raise ValueError("a row that was never stored has no key")
    return row.id


_OFFICER_AT = Statement(
    select(Officer, Agency)
    .join(OfficerAddress, col(OfficerAddress.officer_id) == Officer.id)
    .join(Agency, col(Agency.id) == Officer.agency_id)
    .where(OfficerAddress.address == bindparam("address"))
)


def officer_at(session: Session, address: Address) -> tuple[Officer, Agency] | None:
    """The officer who writes from this address, with their agency."""

    def read() -> tuple[Officer, Agency] | None:
        found = _OFFICER_AT.one(session, address=address)
        if found is None:
            return None
        theirs = len(columns_of(Officer))
        return object_of(session, Officer, found[:theirs]), object_of(session, Agency, found[theirs:])

    return once(session, OfficerAddress, address, read)


def officers_by_ids(session: Session, ids: Iterable[int]) -> dict[int, Officer]:
    found = session.exec(select(Officer).where(col(Officer.id).in_(set(ids))))
    return {_key(officer): officer for officer in found}


def officers(session: Session, agency_id: int | None = None) -> Sequence[tuple[Officer, str, Agency]]:
    """Officers with each of their addresses, of one agency or of all."""
    query = (
        select(Officer, OfficerAddress.address, Agency)
        .join(OfficerAddress, col(OfficerAddress.officer_id) == Officer.id)
        .join(Agency, col(Agency.id) == Officer.agency_id)
        .order_by(Agency.code, Officer.name, col(Officer.id), OfficerAddress.address)
    )
    if agency_id is not None:
        query = query.where(Officer.agency_id == agency_id)
    return session.exec(query).all()


def coordinators(session: Session, agency_ids: Iterable[int]) -> Sequence[tuple[Officer, str]]:
    """The coordinators of these agencies, each with the address they were first enrolled under."""
    query = (
        select(Officer, OfficerAddress.address)
        .join(OfficerAddress, col(OfficerAddress.officer_id) == Officer.id)
        .where(col(Officer.agency_id).in_(set(agency_ids)), Officer.role == Role.COORDINATOR)
        .order_by(col(Officer.id), OfficerAddress.address)
    )
    first: dict[int, tuple[Officer, str]] = {}
    for officer, address in session.exec(query):
        first.setdefault(_key(officer), (officer, address))
    return list(first.values())


def address_on(session: Session, officer_id: int, platform: str) -> Address | None:
    """Where an officer is to be called on a platform (`local`), if they write there at all."""
    query = select(OfficerAddress.address).where(
        OfficerAddress.officer_id == officer_id, col(OfficerAddress.address).startswith(f"{platform}:", autoescape=True)
    )
    found = session.exec(query.order_by(OfficerAddress.address)).first()
    return Address(found) if found else None


def addresses_enrolled(session: Session, addresses: Iterable[Address]) -> set[str]:
    query = select(OfficerAddress.address).where(col(OfficerAddress.address).in_(set(addresses)))
    return set(session.exec(query))


def all_addresses(session: Session) -> frozenset[Address]:
    """Everyone who is enrolled, by each of their addresses."""
    return frozenset(Address(address) for address in session.exec(select(OfficerAddress.address)))


_READERS = Statement(select(Desk.agency_id, Desk.shared).where(Desk.place == bindparam("place")))


def readers(session: Session, place: Place) -> Mapping[int, bool]:
    """The agencies that read a place, each with whether its desk is there."""

    def read() -> Mapping[int, bool]:
        return {agency: not shared for agency, shared in _READERS.all(session, place=place)}

    return once(session, Desk, place, read)


def seated_since(session: Session, place: Place, at: datetime) -> bool:
    """Whether an agency was given its desk or a seat here after that moment."""
    query = select(Desk.agency_id).where(Desk.place == place, Desk.set_at > at)
    return session.exec(query.limit(1)).first() is not None


def places_of(session: Session, agency_id: int) -> Sequence[Desk]:
    query = select(Desk).where(Desk.agency_id == agency_id).order_by(col(Desk.shared), Desk.place)
    return session.exec(query).all()


_DESK_OF = Statement(select(Desk.place).where(Desk.agency_id == bindparam("agency"), col(Desk.shared).is_(False)))


def desk_of(session: Session, agency_id: int) -> Place | None:
    def read() -> Place | None:
        found = _DESK_OF.scalar(session, agency=agency_id)
        return Place(found) if found else None

    return once(session, Desk, agency_id, read)


def all_desks(session: Session) -> Sequence[Desk]:
    return session.exec(select(Desk).order_by(col(Desk.agency_id), col(Desk.shared), Desk.place)).all()


def seat(session: Session, agency_id: int, place: Place, now: datetime, *, shared: bool) -> None:
    """Give the agency its desk here, the former one taken away; or, `shared`, a seat here besides."""
    table = delete(Desk).where(col(Desk.agency_id) == agency_id)
    session.execute(table.where(col(Desk.place) == place))
    if not shared:
        session.execute(table.where(col(Desk.shared).is_(False)))
    add(session, Desk, agency_id=agency_id, place=place, shared=shared, set_at=now)


def enrol(session: Session, agency_id: int, name: str, role: Role, address: Address, now: datetime) -> int:
    officer = add(session, Officer, agency_id=agency_id, name=name, role=role, added_at=now)
    add(session, OfficerAddress, address=address, officer_id=officer)
    return officer


def add_address(session: Session, officer_id: int, address: Address) -> None:
    add(session, OfficerAddress, address=address, officer_id=officer_id)


def remove_officer(session: Session, officer: Officer, now: datetime) -> None:
    """The person goes, what they did stays theirs; their addresses can be enrolled anew."""
    officer.removed_at = now
    session.execute(delete(OfficerAddress).where(col(OfficerAddress.officer_id) == officer.id))
    written(session, OfficerAddress)
    session.flush()

"""The rooms that our accounts sit in, the direct ones among them, and the invitations that we were given."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func
from sqlmodel import Session, col, select

from storage.rows import add
from storage.tables import Desk, Invitation, JoinedRoom
from storage.words import Address, Place

UNUSED = timedelta(days=7)
"""A room that is neither desk, seat nor direct room for so long is left."""

INVITED_WITHIN = timedelta(hours=1)


def joined(session: Session, place: Place, account: str, now: datetime, direct_with: Address | None = None) -> bool:
    """We sit in this room now; False if that was known. What was direct stays so."""
    room = session.get(JoinedRoom, place)
    if room is None:
        add(session, JoinedRoom, place=place, account=account, joined_at=now, direct_with=direct_with)
        return True
    back = room.left_at is not None
    room.account, room.left_at = account, None
    room.joined_at = now if back else room.joined_at
    room.direct_with = room.direct_with or direct_with
    session.flush()
    return back


def left(session: Session, place: Place, now: datetime) -> None:
    """We sit there no more: we went, or were put out."""
    room = session.get(JoinedRoom, place)
    if room is not None and room.left_at is None:
        room.left_at = now
        session.flush()


def get(session: Session, place: Place) -> JoinedRoom | None:
    return session.get(JoinedRoom, place)


def of_account(session: Session, account: str) -> Sequence[JoinedRoom]:
    """Where this account sits now."""
    query = select(JoinedRoom).where(JoinedRoom.account == account, col(JoinedRoom.left_at).is_(None))
    return session.exec(query.order_by(JoinedRoom.place)).all()


def direct(session: Session, address: Address) -> Sequence[JoinedRoom]:
    """The direct rooms with this person, the newest first."""
    query = select(JoinedRoom).where(JoinedRoom.direct_with == address, col(JoinedRoom.left_at).is_(None))
    return session.exec(query.order_by(col(JoinedRoom.joined_at).desc(), JoinedRoom.place)).all()


def unused(session: Session, account: str, now: datetime) -> list[Place]:
    """Rooms that were joined long ago and are neither desk, seat nor direct room."""
    query = select(JoinedRoom.place).where(
        JoinedRoom.account == account,
        col(JoinedRoom.left_at).is_(None),
        col(JoinedRoom.direct_with).is_(None),
        col(JoinedRoom.joined_at) < now - UNUSED,
        col(JoinedRoom.place).not_in(select(Desk.place)),
    )
    return [Place(place) for place in session.exec(query)]


def invited_lately(session: Session, address: Address, now: datetime) -> int:
    """How often this person has invited us within the last hour."""
    query = select(func.count()).select_from(Invitation)
    return session.exec(query.where(Invitation.address == address, Invitation.at > now - INVITED_WITHIN)).one()


def invite(
    session: Session, account: str, place: Place, address: Address, now: datetime, *, direct: bool, accepted: bool
) -> None:
    """Remember an invitation with what was decided, until it is done."""
    add(
        session, Invitation, account=account, place=place, address=address, at=now, direct=direct, accepted=accepted
    )  # fmt: skip


def open_invitations(session: Session, account: str) -> Sequence[Invitation]:
    """Decided and not done yet."""
    query = select(Invitation).where(Invitation.account == account, col(Invitation.done_at).is_(None))
    return session.exec(query.order_by(col(Invitation.id))).all()


def invitation_to(session: Session, place: Place) -> Invitation | None:
    """The last invitation into this room that was accepted."""
    query = select(Invitation).where(Invitation.place == place, col(Invitation.accepted))
    return session.exec(query.order_by(col(Invitation.id).desc()).limit(1)).one_or_none()


def invitation_done(session: Session, invitation_id: int, now: datetime) -> Invitation:
    found = session.get_one(Invitation, invitation_id)
    found.done_at = now
    session.flush()
    return found

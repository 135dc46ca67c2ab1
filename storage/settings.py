"""What is true of this database as a whole: whether it is a rehearsal's."""

from __future__ import annotations

from sqlmodel import Session

from storage.rows import add
from storage.tables import Setting

_REHEARSAL, _IDENTITY = "rehearsal", "identity"


def identity(session: Session, fresh: str) -> str:
    """What tells this database from every other; `fresh` becomes it if it has none yet."""
    kept = session.get(Setting, _IDENTITY)
    if kept is not None:
        return kept.value
    add(session, Setting, name=_IDENTITY, value=fresh)
    return fresh


def known_as(session: Session) -> str | None:
    """What identity() gave; None: nobody has asked for it yet."""
    kept = session.get(Setting, _IDENTITY)
    return kept.value if kept is not None else None


def is_rehearsal(session: Session) -> bool:
    return session.get(Setting, _REHEARSAL) is not None


def mark_rehearsal(session: Session) -> None:
    add(session, Setting, name=_REHEARSAL, value="yes")

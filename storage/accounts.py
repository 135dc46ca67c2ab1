"""Our accounts on the platforms: how far each has heard, and which process holds it; no platform is known here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlmodel import Session

from storage.rows import add
from storage.tables import Account

LEASE = timedelta(seconds=30)
"""A process that renews its lease for so long no more has lost it."""


def cursor(session: Session, name: str) -> str | None:
    """The platform's token behind the last thing that was taken; None: nothing ever was."""
    account = session.get(Account, name)
    return account.cursor if account else None


def move(session: Session, name: str, cursor: str) -> None:
    """All before this token is taken, in this same transaction."""
    account = session.get(Account, name)
    if account is None:
        add(session, Account, name=name, cursor=cursor)
        return
    account.cursor = cursor
    session.flush()


def hold(
    session: Session, name: str, holder: str, now: datetime, has_ended: Callable[[str], bool] = lambda _: False
) -> bool:
    """Take or renew the lease of an account; False while another process holds it that has not ended."""
    account = session.get(Account, name)
    if account is None:
        add(session, Account, name=name, holder=holder, held_until=now + LEASE)
        return True
    holds = account.holder not in (None, holder) and account.held_until is not None and account.held_until > now
    if holds and not has_ended(account.holder or ""):
        return False
    account.holder, account.held_until = holder, now + LEASE
    session.flush()
    return True


def let_go(session: Session, name: str, holder: str) -> None:
    """The next process need not wait for the lease to run out."""
    account = session.get(Account, name)
    if account is not None and account.holder == holder:
        account.holder, account.held_until = None, None
        session.flush()

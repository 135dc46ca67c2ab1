"""Our accounts on the platforms: how far each has heard, and which process holds it; no platform is known here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import bindparam, update
from sqlmodel import Session, select

from storage.rows import add, table_of
from storage.statement import Statement
from storage.tables import Account

LEASE = timedelta(seconds=30)
"""A process that renews its lease for so long no more has lost it."""


def cursor(session: Session, name: str) -> str | None:
    """The platform's token behind the last thing that was taken; None: nothing ever was."""
    account = session.get(Account, name)
    return account.cursor if account else None


def move(session: Session, name: str, cursor: str) -> None:
    """All before this token is taken, in this same transaction."""
    if _NAMED.one(session, name=name) is None:
        add(session, Account, name=name, cursor=cursor)
    else:
        _MOVE.run(session, {"account": name, "token": cursor})


_NAMED = Statement(select(Account.name).where(Account.name == bindparam("name")))
_MOVE = Statement(
    update(table_of(Account)).where(table_of(Account).c.name == bindparam("account")).values(cursor=bindparam("token"))
)


def heard(session: Session, name: str, now: datetime) -> None:
    """Its platform was heard from: whoever holds the account says so, for the other processes to know."""
    if _NAMED.one(session, name=name) is None:
        add(session, Account, name=name, heard_at=now)
    else:
        _HEARD.run(session, {"account": name, "now": now})


_HEARD = Statement(
    update(table_of(Account)).where(table_of(Account).c.name == bindparam("account")).values(heard_at=bindparam("now"))
)


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

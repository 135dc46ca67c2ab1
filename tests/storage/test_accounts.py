"""One process holds an account; how far it has heard is kept with what it brought."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Engine

from storage import accounts
from storage.tables import Account
from tests.common import NOW, undone

SECOND = timedelta(seconds=1)


def test_the_token_moves_on(engine: Engine) -> None:
    with undone(engine) as session:
        assert accounts.cursor(session, "matrix:HOME") is None
        accounts.move(session, "matrix:HOME", "s1")
        accounts.move(session, "matrix:HOME", "s2")
        assert accounts.cursor(session, "matrix:HOME") == "s2"
        assert accounts.cursor(session, "matrix:OTHER") is None


def test_when_it_was_heard_is_kept_beside_the_rest(engine: Engine) -> None:
    with undone(engine) as session:
        accounts.heard(session, "matrix:HOME", NOW)
        accounts.move(session, "matrix:HOME", "s1")
        accounts.hold(session, "matrix:HOME", "one", NOW)
        accounts.heard(session, "matrix:HOME", NOW + SECOND)
        session.expire_all()
        kept = session.get_one(Account, "matrix:HOME")
        assert (kept.heard_at, kept.cursor, kept.holder) == (NOW + SECOND, "s1", "one")


def test_another_takes_over_once_the_lease_has_run_out(engine: Engine) -> None:
    with undone(engine) as session:
        assert accounts.hold(session, "matrix", "one", NOW)
        assert not accounts.hold(session, "matrix", "two", NOW + 29 * SECOND)
        assert accounts.hold(session, "matrix", "one", NOW + 29 * SECOND)
        assert not accounts.hold(session, "matrix", "two", NOW + 31 * SECOND)
        assert accounts.hold(session, "matrix", "two", NOW + 60 * SECOND)
        assert not accounts.hold(session, "matrix", "one", NOW + 61 * SECOND)


def test_nobody_waits_for_the_lease_of_a_process_that_has_ended(engine: Engine) -> None:
    with undone(engine) as session:
        accounts.hold(session, "matrix", "one", NOW)
        assert not accounts.hold(session, "matrix", "two", NOW, {"three"}.__contains__)
        assert accounts.hold(session, "matrix", "two", NOW, {"one"}.__contains__)


def test_what_is_let_go_need_not_run_out(engine: Engine) -> None:
    with undone(engine) as session:
        accounts.hold(session, "matrix", "one", NOW)
        accounts.let_go(session, "matrix", "two")
        assert not accounts.hold(session, "matrix", "two", NOW)
        accounts.let_go(session, "matrix", "one")
        assert accounts.hold(session, "matrix", "two", NOW)

"""What came in is performed once, its words are kept no longer than needed, and what fails is set aside."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from storage import arrivals
from storage.arrivals import TRIES
from storage.tables import ArrivalState
from storage.words import Place
from tests.common import NOW, undone

FTC, ACMA = Place("local:ftc"), Place("local:acma")
LATER = NOW + timedelta(minutes=1)


def _fail(session: Session, key: str = "k") -> bool:
    return arrivals.failed(session, key, FTC, "1", NOW, '{"text":"words"}', "ValueError")


def test_what_was_never_seen_is_not_seen(engine: Engine) -> None:
    with undone(engine) as session:
        assert arrivals.seen(session, "k") is None


def test_what_is_done_is_seen_without_its_words(engine: Engine) -> None:
    with undone(engine) as session:
        arrivals.done(session, "k", FTC, "1", NOW, "command")
        row = arrivals.seen(session, "k")
        assert row is not None
        assert (row.state, row.payload, row.became, row.at) == (ArrivalState.DONE, None, "command", NOW)


def test_the_key_makes_a_second_coming_impossible(engine: Engine) -> None:
    with undone(engine) as session:
        arrivals.wait(session, "k", FTC, "1", NOW, "{}")
        with pytest.raises(IntegrityError):
            arrivals.wait(session, "k", FTC, "1", NOW, "{}")


def test_edits_wait_for_their_own_message_in_the_order_in_which_they_came(engine: Engine) -> None:
    with undone(engine) as session:
        arrivals.wait(session, "b", FTC, "1", LATER, "second")
        arrivals.wait(session, "a", FTC, "1", NOW, "first")
        arrivals.wait(session, "c", FTC, "2", NOW, "of another message")
        arrivals.wait(session, "d", ACMA, "1", NOW, "in another place")
        assert arrivals.waiting_for(session, FTC, "1") == ["first", "second"]


def test_what_waited_and_is_done_waits_no_longer_and_its_words_are_gone(engine: Engine) -> None:
    with undone(engine) as session:
        arrivals.wait(session, "k", FTC, "1", NOW, "words")
        arrivals.done(session, "k", FTC, "1", LATER, None)
        assert arrivals.waiting_for(session, FTC, "1") == []
        row = arrivals.seen(session, "k")
        assert row is not None
        assert (row.state, row.payload, row.at) == (ArrivalState.DONE, None, NOW)


def test_what_fails_too_often_is_set_aside_with_its_words(engine: Engine) -> None:
    with undone(engine) as session:
        assert [_fail(session) for _ in range(TRIES)] == [False] * (TRIES - 1) + [True]
        [row] = arrivals.set_aside(session)
        assert (row.key, row.attempts, row.error, row.payload) == ("k", TRIES, "ValueError", '{"text":"words"}')
        assert arrivals.waiting_for(session, FTC, "1") == []


def test_what_failed_and_then_went_well_is_done(engine: Engine) -> None:
    with undone(engine) as session:
        _fail(session)
        arrivals.done(session, "k", FTC, "1", NOW, "reply")
        row = arrivals.seen(session, "k")
        assert row is not None
        assert (row.state, row.payload, row.error) == (ArrivalState.DONE, None, None)
        assert arrivals.set_aside(session) == []


def test_failures_are_counted_for_each_arrival(engine: Engine) -> None:
    with undone(engine) as session:
        assert [_fail(session, key) for key in ("a", "b") * (TRIES - 1)] == [False] * 2 * (TRIES - 1)
        assert _fail(session, "b")
        assert [row.key for row in arrivals.set_aside(session)] == ["b"]

"""Where our accounts sit, with whom alone, and who has invited them."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Engine

from storage import rooms
from storage.words import Address, Place
from tests import common
from tests.common import NOW, undone

ACCOUNT, ANA = "matrix:HOME", Address("matrix:@ana:a.example")
ONE, OTHER, DESK = (Place(f"matrix:HOME/!{name}") for name in ("one", "other", "desk"))
DAY = timedelta(days=1)


def test_a_room_is_new_once_and_again_after_it_was_left(engine: Engine) -> None:
    with undone(engine) as session:
        assert rooms.joined(session, ONE, ACCOUNT, NOW)
        assert not rooms.joined(session, ONE, ACCOUNT, NOW)
        rooms.left(session, ONE, NOW)
        assert rooms.of_account(session, ACCOUNT) == []
        assert rooms.joined(session, ONE, ACCOUNT, NOW)


def test_direct_rooms_are_found_by_their_person_the_newest_first(engine: Engine) -> None:
    with undone(engine) as session:
        rooms.joined(session, ONE, ACCOUNT, NOW, ANA)
        rooms.joined(session, OTHER, ACCOUNT, NOW + DAY, ANA)
        rooms.joined(session, DESK, ACCOUNT, NOW)
        rooms.joined(session, ONE, ACCOUNT, NOW)
        assert [room.place for room in rooms.direct(session, ANA)] == [OTHER, ONE]
        rooms.left(session, OTHER, NOW + DAY)
        assert [room.place for room in rooms.direct(session, ANA)] == [ONE]


def test_after_seven_days_a_room_that_is_nothing_is_unused(engine: Engine) -> None:
    with undone(engine) as session:
        common.desk(session, common.party(session), DESK)
        rooms.joined(session, DESK, ACCOUNT, NOW)
        rooms.joined(session, ONE, ACCOUNT, NOW, ANA)
        rooms.joined(session, OTHER, ACCOUNT, NOW)
        assert rooms.unused(session, ACCOUNT, NOW + 7 * DAY) == []
        assert rooms.unused(session, ACCOUNT, NOW + 8 * DAY) == [OTHER]
        assert rooms.unused(session, "matrix:ELSE", NOW + 8 * DAY) == []


def test_invitations_are_counted_within_the_hour_and_stay_open_until_done(engine: Engine) -> None:
    with undone(engine) as session:
        for minutes in (0, 30, 61):
            at = NOW + timedelta(minutes=minutes)
            rooms.invite(session, ACCOUNT, ONE, ANA, at, direct=True, accepted=minutes != 30)
        assert rooms.invited_lately(session, ANA, NOW + timedelta(minutes=61)) == 2
        first, second, third = rooms.open_invitations(session, ACCOUNT)
        rooms.invitation_done(session, second.id or 0, NOW)
        assert [one.id for one in rooms.open_invitations(session, ACCOUNT)] == [first.id, third.id]
        last = rooms.invitation_to(session, ONE)
        assert last is not None
        assert last.id == third.id

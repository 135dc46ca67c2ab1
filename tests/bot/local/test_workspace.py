"""The house behind the rooms: furnished whole, taking up what was left, and plain about what it could not do."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import col, select

from bot.app import kept_workspace
from bot.local.rooms import Rooms
from bot.local.script import START
from bot.local.workspace import furnish, opened
from commands.desk import Desk
from commands.refusals import BROKEN, BUSY
from storage.session import transaction
from storage.tables import Event
from storage.words import Address, Place
from tests import state
from tests.dialogue import Dialogue
from tests.faults import full, locked
from tests.tap import tapped

ANA = Address("local:ana")
FTC = Place("local:ftc")
SALT = partial(bytes, 16)
TRY_AGAIN = "Nothing was entered. Please try again."

on_sqlite = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


# What could not be entered


@pytest.mark.parametrize("where", ["#ftc", "direct"])
def test_a_locked_database_is_told_where_it_was_met_and_nothing_is_done_later(talk: Dialogue, where: str) -> None:
    before = state.kept(talk.engine)
    with locked(talk.engine):
        assert talk.answer(f"ana in {where}: /case open Mailing") == f"{where} (to ana) Comity: {BUSY} {TRY_AGAIN}"
    assert talk.house.rooms.since() == []
    asyncio.run(talk.house.catch_up(START))
    assert state.kept(talk.engine) == before


def test_the_operator_is_told_too(talk: Dialogue) -> None:
    before = state.kept(talk.engine)
    with locked(talk.engine):
        answer = talk.answer("operator: /agency add CRTC --country CA --zone America/Toronto CRTC")
    assert answer == f"(to operator) Comity: {BUSY} {TRY_AGAIN}"
    assert state.kept(talk.engine) == before


@on_sqlite
def test_a_full_disk_is_told_where_it_was_met_and_nothing_is_lost(talk: Dialogue) -> None:
    talk("ana in #ftc: /case open Mailing")
    before = state.kept(talk.engine)
    note = f"ana in #ftc: /case note --case C-1 {'A long story. ' * 1000}"
    with full(talk.engine):
        assert talk.answer(note) == f"#ftc (to ana) Comity: {BROKEN} {TRY_AGAIN}"
    assert state.kept(talk.engine) == before
    assert "ana (FTC) noted in C-1." in talk.answer(note)


# What was left


def test_what_was_written_while_nobody_listened_is_taken_in_order_and_once(talk: Dialogue) -> None:
    talk("ana in #ftc: /case open Mailing")
    for number in range(5):
        talk.house.rooms.post(ANA, FTC, f"/case note --case C-1 Note {number}", START)
    for _ in range(2):
        asyncio.run(talk.house.catch_up(START))
        assert talk.house.rooms.since() == []
    with transaction(talk.engine, reading=True) as session:
        noted = session.exec(select(Event.text).where(Event.tag == "case:noted").order_by(col(Event.id))).all()
    assert noted == [f"Note {number}" for number in range(5)]


def test_letters_that_were_left_are_delivered(engine: Engine) -> None:
    with closing(Rooms(":memory:")) as rooms:
        furnish(engine, rooms, Desk(SALT), START)
        arrival = rooms.post(ANA, FTC, "/case open Mailing", START)
        with transaction(engine) as session:
            Desk(SALT).take(session, arrival, START)
        rooms.ack(arrival.key)
        with opened(engine, rooms, SALT) as workspace:
            asyncio.run(workspace.catch_up(START))
        assert [posted.label for posted in rooms.messages(FTC) if posted.ours] == ["C-1"]


# Furnishing


class Interrupted(BaseException):
    """The process ends here."""


class Fragile(Rooms):
    """Breaks off before the n-th channel."""

    def __init__(self, channels: int) -> None:
        super().__init__(":memory:")
        self._channels = iter(range(channels))

    def open_channel(self, name: str, *more: object, **options: object) -> Place:
        if next(self._channels, None) is None:
            self._channels = iter(range(100))
            raise Interrupted
        return super().open_channel(name, *more, **options)  # type: ignore[arg-type]  # as it came


@pytest.fixture
def furnished(engine: Engine) -> Iterator[tuple[state.Rows, state.Rows, list[Place]]]:
    """Before, after, and the channels."""
    empty = state.kept(engine)
    with closing(Rooms(":memory:")) as rooms:
        furnish(engine, rooms, Desk(SALT), START)
        whole = state.kept(engine)
        yield empty, whole, rooms.channels()


Furnished = tuple[state.Rows, state.Rows, list[Place]]


def test_furnishing_twice_changes_nothing(engine: Engine, furnished: Furnished) -> None:
    _, whole, channels = furnished
    with closing(Rooms(":memory:")) as rooms:
        for _ in range(2):
            furnish(engine, rooms, Desk(SALT), START)
            assert (state.kept(engine), rooms.channels()) == (whole, channels)


@pytest.mark.parametrize("channels", range(5))
def test_interrupted_between_its_channels_it_is_furnished_by_the_next_start(
    engine: Engine, furnished: Furnished, channels: int
) -> None:
    empty, whole, names = furnished
    state.put_back(engine, empty, whole)
    with closing(Fragile(channels)) as rooms:
        with pytest.raises(Interrupted):
            furnish(engine, rooms, Desk(SALT), START)
        furnish(engine, rooms, Desk(SALT), START)
        assert (state.kept(engine), rooms.channels()) == (whole, names)


@pytest.mark.parametrize("statement", [1, 20, 60])
def test_interrupted_between_its_agencies_it_is_furnished_by_the_next_start(
    engine: Engine, furnished: Furnished, statement: int
) -> None:
    empty, whole, names = furnished
    state.put_back(engine, empty, whole)
    left = iter(range(statement))

    def interrupt(*_: object) -> None:
        if next(left, None) is None:
            raise Interrupted

    with closing(Rooms(":memory:")) as rooms:
        with tapped(engine, interrupt), pytest.raises(Interrupted):
            furnish(engine, rooms, Desk(SALT), START)
        assert state.kept(engine) == empty
        state.take_numbers_back(engine)
        furnish(engine, rooms, Desk(SALT), START)
        assert (state.kept(engine), rooms.channels()) == (whole, names)


def test_a_kept_workspace_is_found_as_it_was_left(tmp_path: Path) -> None:
    with kept_workspace(tmp_path) as workspace:
        workspace.rooms.post(ANA, FTC, "/case open Mailing", workspace.rooms.now)
    with kept_workspace(tmp_path) as workspace:
        asyncio.run(workspace.catch_up(workspace.rooms.now))
        assert [posted.label for posted in workspace.rooms.messages(FTC) if posted.ours] == ["C-1"]

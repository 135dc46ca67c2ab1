"""Whatever fails behind the terminal is said once on the screen and logged; the terminal goes on."""

from __future__ import annotations

import logging
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.app import script_workspace
from bot.settings import read
from tests.bot.local.client import EchoHouse, FewCommands, root, terminal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from commands.arrival import Arrival
    from storage.words import Address, Place


class BrokenHouse(EchoHouse):
    """Fails at `/boom` before it has committed it, and at every due moment while `late`."""

    late = False

    async def take(self, arrival: Arrival, now: datetime) -> None:
        if arrival.text == "/boom":
            raise LookupError(arrival.text)
        await super().take(arrival, now)

    async def tick(self, now: datetime) -> None:
        if self.late:
            raise LookupError("/boom")
        await super().tick(now)


class BrokenCommands(FewCommands):
    async def complete(self, line: str, person: Address, place: Place) -> list[str]:
        if line == "/boom":
            raise LookupError(line)
        return await super().complete(line, person, place)


@pytest.fixture
def house() -> Iterator[BrokenHouse]:
    house = BrokenHouse()
    with closing(house.rooms):
        yield house


def logged(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.name for record in caplog.records if record.levelno >= logging.ERROR]


async def test_what_could_not_be_taken_is_said_and_comes_again_at_the_next_start(
    house: BrokenHouse, caplog: pytest.LogCaptureFixture
) -> None:
    async with terminal(house, FewCommands(), log=Path("var/local/comity.log")) as client:
        client.keys("/boom", "enter")
        await client.sees("Comity could not take that. It is kept, and taken at the next", "(LookupError;")
        await client.sees("var/local/comity.log says more")
        client.keys("/whoami", "enter")
        await client.sees("You are ana.")
        await client.sees_no_more("LookupError")
    assert logged(caplog) == ["bot.local.trouble"]
    assert [arrival.text for arrival in house.rooms.since()] == ["/boom"]
    async with terminal(house, FewCommands()) as client:
        await client.sees("Comity could not take that.", "You are ana.")


async def test_what_is_due_is_tried_again(house: BrokenHouse) -> None:
    house.late = True
    async with terminal(house, FewCommands()) as client:
        await client.sees("What is due could not be done. It is tried again within a")
        house.late = False
        client.keys("f5", "/whoami", "enter")
        await client.sees("You are ana.")
        assert house.ticks


async def test_where_nothing_can_be_completed_one_types_on(
    house: BrokenHouse, caplog: pytest.LogCaptureFixture
) -> None:
    async with terminal(house, BrokenCommands()) as client:
        client.keys("/boom", "tab")
        await client.sees("Nothing can be completed now: write it in full")
        client.keys("backspace", "backspace", "backspace", "backspace", "case l", "tab", "enter")
        await client.until(lambda: [arrival.text for arrival in house.taken] == ["/case list"])
    assert set(logged(caplog)) == {"bot.local.trouble"}


async def test_what_could_not_be_sent_is_given_back(house: BrokenHouse) -> None:
    async with terminal(house, FewCommands()) as client:
        await client.until(lambda: bool(house.ticks))
        house.rooms._db.execute("PRAGMA query_only = 1")
        client.keys("my words", "enter")
        await client.sees("That could not be sent. It stands below as you wrote it", "(OperationalError;")
        await client.until(lambda: client.line.text == "my words")
        house.rooms._db.execute("PRAGMA query_only = 0")
        client.keys("!", "enter")
        await client.until(lambda: [arrival.text for arrival in house.taken] == ["my words!"])


async def test_what_could_not_be_pressed_is_said(house: BrokenHouse) -> None:
    await house.say(root(), house.rooms.channels()[0])
    async with terminal(house, FewCommands()) as client:
        await client.sees("Acknowledge")
        await client.until(lambda: bool(house.ticks))
        house.rooms._db.execute("PRAGMA query_only = 1")
        client.keys("shift+tab", "enter")
        await client.sees("That could not be pressed (OperationalError;")
        client.keys("f3", "enter")
        await client.sees("What you have seen could not be noted, and counts as unread")
        house.rooms._db.execute("PRAGMA query_only = 0")


async def test_busy_records_are_answered_where_one_wrote(tmp_path: Path) -> None:
    database = tmp_path / "comity.db"
    with script_workspace(read({"COMITY_DATABASE_URL": f"sqlite:///{database}"}, tmp_path)) as workspace:
        async with terminal(workspace, workspace) as client:
            client.keys("/case open A case", "enter")
            await client.sees("Ask a partner")
            client.keys("f4", "enter")
            await client.sees("ana in #ftc > C-1")
            with closing(sqlite3.connect(database, isolation_level=None)) as other:
                other.execute("BEGIN IMMEDIATE")
                client.keys("/case note A note", "enter")
                await client.sees("only you see this", "Busy: the records are locked")
            client.keys("/case note Another", "enter")
            await client.sees("noted", "Another")

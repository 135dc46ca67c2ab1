"""A process that is killed at any moment and begun again does everything once, as if it had never been killed."""

from __future__ import annotations

import asyncio
import hashlib
import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Engine
from sqlmodel import SQLModel

from bot.local import find
from bot.local.posted import Posted
from bot.local.rooms import Rooms
from bot.local.script import START, play
from bot.local.workspace import furnish, opened
from commands.desk import Desk
from commands.message import Message, to_json
from storage import ledger
from storage.session import transaction
from storage.words import Address, Place
from tests import state
from tests.bot.killable import take_all
from tests.state import Rows

REPOSITORY = Path(__file__).parents[2]
SALT = partial(bytes, 16)

FTC, ACMA = Place("local:ftc"), Place("local:acma")
ANA, ADA, BO, BEA, ZED = (Address(f"local:{name}") for name in ("ana", "ada", "bo", "bea", "zed"))
DESKS = {ANA: FTC, ADA: FTC, BO: ACMA, BEA: ACMA, ZED: ACMA}

REQUESTS = 6
ARRIVALS = 200
KILLS = 24
PATIENCE = 60
"""Seconds after which a process that does nothing is given up."""

Ranks = dict[str, dict[int, int]]

COMMANDS = (
    "/case open Mailing {number}",
    "/case open",  # what is written there next is its title
    "/case note --case C-1 Note {number}",
    "/request send ACMA --case C-1 Who is number {number}?",
    "/request show {request}",
    "/request ack {request}",
    "/request answer {request} It is number {number}.",
    "/request extend {request} --due 30d Since {number}",
    "/request close {request}",
    "/request withdraw {request} Since {number}",
)
BEFORE = "\n".join(
    [
        "ana in #ftc: /case open Pump-and-dump mailing",
        *(f"ana in #ftc thread C-1: !request send ACMA Who is number {number}?" for number in range(REQUESTS)),
    ]
)


def test_a_process_killed_again_and_again_does_everything_once(engine: Engine, tmp_path: Path) -> None:
    with closing(Rooms(tmp_path / "rooms.db")) as rooms, closing(Rooms(":memory:")) as undisturbed:
        furnish(engine, rooms, Desk(SALT), START)
        with opened(engine, rooms, SALT) as workspace:
            asyncio.run(play(BEFORE.splitlines(), workspace, lambda _: None))
        rows = state.kept(engine)
        _write_much(rooms, _chance())

        state.copy(rooms, undisturbed)
        with opened(engine, undisturbed, SALT) as workspace:
            asyncio.run(take_all(workspace))
        once = state.kept(engine)
        expected = (_ranked(once), _threads(undisturbed, once))

        state.put_back(engine, rows, once)
        kills = _kill_again_and_again(engine, tmp_path / "rooms.db", _chance())
        assert kills >= 15

        kept = state.kept(engine)
        assert _ranked(kept) == expected[0]
        assert _threads(rooms, kept) == expected[1]
        assert rooms.since() == []
        _check_receipts(rooms, kept)
    with transaction(engine, reading=True) as session:
        assert ledger.verify(session).count == len(kept["ledger"])


def _chance() -> random.Random:
    return random.Random(20261201)  # noqa: S311  # nothing is kept secret by it


# What people do meanwhile


def _write_much(rooms: Rooms, chance: random.Random) -> None:
    """Several people write, edit, delete, press, ask and mistype; nothing of it is taken yet."""
    replies: list[tuple[Address, str]] = []
    for number in range(ARRIVALS):
        person = chance.choice([ANA, ADA, BO, BEA])
        request = f"R-{chance.randint(1, REQUESTS)}"
        match chance.randrange(10):
            case 0 | 1 | 2 | 3:
                line = chance.choice(COMMANDS).format(request=request, number=number)
                rooms.post(person, DESKS[person], line, START)
            case 4 if replies:
                words = chance.choice([f"Edited {number}.", f";; between us {number}"])
                rooms.edit(*chance.choice(replies), words)
            case 5 if replies:
                rooms.delete(*replies.pop(chance.randrange(len(replies))))
            case 6:
                found = find.button_in(rooms, BO, ACMA, "Acknowledge", _root(rooms, ACMA, request))
                assert found is not None
                rooms.press(BO, found[0].id, found[1])
            case 7:
                rooms.post(ZED, ACMA, f"I know number {number}.", START, root=_root(rooms, ACMA, request))
            case _:
                root = _root(rooms, DESKS[person], request)
                arrival = rooms.post(person, DESKS[person], f"Reply {number}.", START, root=root)
                replies.append((person, arrival.message))


def _root(rooms: Rooms, place: Place, label: str) -> str:
    found = find.root_of(rooms, place, label)
    assert found is not None
    return found.id


# The killing


def _kill_again_and_again(engine: Engine, rooms_file: Path, chance: random.Random) -> int:
    """Each worker is killed when some more of the work is done, but for the last one; how many were."""
    command = [sys.executable, "-m", "tests.bot.killable", engine.url.render_as_string(hide_password=False)]
    kills = 0
    with (
        subprocess.Popen([*command, str(rooms_file)], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as process,
        closing(sqlite3.connect(rooms_file)) as watch,
    ):
        assert process.stdout is not None
        for line in process.stdout:
            if kills == KILLS:
                continue
            done = _acknowledged(watch)
            left = max(0, ARRIVALS - done)  # what it asks back is acknowledged too
            goal = done + chance.randint(0, 2 * left // (KILLS - kills + 3))
            _await(lambda goal=goal: _acknowledged(watch) >= goal, process)  # type: ignore[misc]  # bound at once
            with suppress(subprocess.TimeoutExpired):
                process.wait(chance.uniform(0, 0.03))
            with suppress(ProcessLookupError):
                os.kill(int(line), signal.SIGKILL)
                kills += 1
    assert process.returncode == 0
    return kills


def _await(condition: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    until = time.monotonic() + PATIENCE
    while not condition() and process.poll() is None:
        assert time.monotonic() < until, "nothing goes on"
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.002)


def _acknowledged(watch: sqlite3.Connection) -> int:
    (number,) = watch.execute("SELECT count(*) FROM arrival WHERE acknowledged").fetchone()
    return int(number)


# What is compared: everything but the numbers, of which PostgreSQL leaves some out, and the order between threads


_REF = re.compile(r"\b([CR])-(\d+)\b")
_TAKEN_BACK = re.compile(r" \((\d+)\)$")
_REPLY = re.compile(r'"reply":(\d+)')
_OWN = {"receipt": {"message", "sha256"}, "ledger": {"salt", "hash"}}
"""What is each run's own: the order between threads, and chance."""


def _ranked(rows: Rows) -> dict[str, list[dict[str, Any]]]:
    """Every row by column, keys of rows being the first, the second and so on of their table."""
    ranks = _ranks(rows)
    return {
        table.name: [
            {
                column.key: _ranked_value(ranks, column, value)
                for column, value in zip(table.columns, row, strict=True)
                if column.key not in _OWN.get(table.name, ())
            }
            for row in rows[table.name]
        ]
        for table in SQLModel.metadata.sorted_tables
    }


def _ranks(rows: Rows) -> Ranks:
    return {
        table.name: {row[0]: rank for rank, row in enumerate(rows[table.name], 1)}
        for table in SQLModel.metadata.sorted_tables
        if "id" in table.columns
    }


def _ranked_value(ranks: Ranks, column: Column[Any], value: Any) -> Any:
    if value is None:
        return None
    if column.key == "id":
        return ranks[column.table.name][value]
    for key in column.foreign_keys:
        if key.column.key == "id":
            return ranks[key.column.table.name][value]
    if (column.table.name, column.key) == ("ledger", "content"):
        return _with_ranked_refs(ranks, value)
    if (column.table.name, column.key) == ("reply", "message"):  # one that was taken back has its key behind
        return _TAKEN_BACK.sub(lambda found: f" ({ranks['reply'][int(found[1])]})", value)
    return value


def _with_ranked_refs(ranks: Ranks, text: str) -> str:
    def ranked(found: re.Match[str]) -> str:
        return f"{found[1]}-{ranks[{'C': 'case', 'R': 'request'}[found[1]]].get(int(found[2]), 0)}"

    def reply(found: re.Match[str]) -> str:
        return f'"reply":{ranks["reply"].get(int(found[1]), 0)}'

    return _REPLY.sub(reply, _REF.sub(ranked, text))


def _threads(rooms: Rooms, rows: Rows) -> dict[tuple[str, str, str], list[list[str]]]:
    """What Comity said, in its order below each root and to each person: all wordings of each message."""
    ranks = _ranks(rows)
    said: dict[tuple[str, str, str], list[list[str]]] = {}
    for posted, wordings in _of_comity(rooms):
        where = (posted.place, _with_ranked_refs(ranks, posted.label or ""), posted.to or "")
        said.setdefault(where, []).append([_with_ranked_refs(ranks, to_json(wording)) for wording in wordings])
    return said


def _of_comity(rooms: Rooms) -> Iterator[tuple[Posted, list[Message]]]:
    for posted, wordings in state.said(rooms):
        if posted.ours:
            yield posted, [wording for wording in wordings if isinstance(wording, Message)]


def _check_receipts(rooms: Rooms, rows: Rows) -> None:
    """Each letter has arrived, and its receipt proves a wording of the message that it names."""
    proved = {
        posted.id: {
            hashlib.sha256(to_json(words).encode()).hexdigest() for words in wordings if not isinstance(words, str)
        }
        for posted, wordings in state.said(rooms)
    }
    assert len(rows["receipt"]) == len(rows["outbox"]) > ARRIVALS
    for _letter, _place, message, sha256, _at in rows["receipt"]:
        assert sha256 in proved[message]

"""Files that are attached while the process is killed again and again: each whole, kept once, its custody unbroken."""

from __future__ import annotations

import asyncio
import hashlib
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing, suppress
from functools import partial
from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import col, func, select

from bot.local import find
from bot.local.rooms import Rooms
from bot.local.script import START, play
from bot.local.workspace import furnish, opened
from commands.desk import Desk
from commands.message import Message
from storage import exhibits, ledger
from storage.session import transaction
from storage.tables import Custody, Errand, Exhibit
from storage.vault import Vault
from storage.words import Act, Address, Place
from tests.synapse import ROOT

SALT = partial(bytes, 16)
ACMA, BO = Place("local:acma"), Address("local:bo")
FILES, KILLS = 50, 25
PATIENCE = 60
"""Seconds after which a process that does nothing is given up."""

BEFORE = """
ana in #ftc: /case open Pump-and-dump mailing
ana in #ftc: /request send ACMA --case C-1 Who rented mailbox 1200?
"""


def test_killed_during_50_intakes_every_exhibit_is_whole(engine: Engine, tmp_path: Path) -> None:
    chance = random.Random(20261126)  # noqa: S311  # nothing is kept secret by it
    with closing(Rooms(tmp_path / "rooms.db")) as rooms:
        furnish(engine, rooms, Desk(SALT), START)
        with opened(engine, rooms, SALT) as workspace:
            asyncio.run(play(BEFORE.strip().splitlines(), workspace, lambda _: None))
        sums = _attach(rooms, tmp_path, chance)
        _kill_again_and_again(engine, tmp_path / "rooms.db", chance)
        with transaction(engine, reading=True) as session:
            assert session.exec(select(Exhibit.sha256).order_by(col(Exhibit.id))).all() == sums
            assert session.exec(select(Errand)).all() == []
            numbers = [one or 0 for one in session.exec(select(Exhibit.id).order_by(col(Exhibit.id)))]
            acts = Counter(session.exec(select(Custody.exhibit_id, Custody.act)).all())
            assert acts == {(one, act): 1 for one in numbers for act in (Act.RECEIVED, Act.RELEASED)}
            assert [one for one in numbers if exhibits.broken(session, one) is not None] == []
            assert not exhibits.unrecorded(session, numbers[-1])
            ledger.verify(session)
            expected = exhibits.sums(session)
        assert list(Vault(tmp_path / "vault").survey(expected)) == []
        for place, times in (("local:ftc", 2), ("local:acma", 1)):
            said = [str(one.body) for one in rooms.messages(Place(place)) if isinstance(one.body, Message)]
            assert [sum(f"X-{one}'" in words for words in said) for one in numbers] == [times] * FILES


def _attach(rooms: Rooms, folder: Path, chance: random.Random) -> list[str]:
    """What nobody has taken yet; the sums."""
    root, sums = find.root_of(rooms, ACMA, "R-1"), []
    assert root is not None
    for number in range(FILES):
        content = chance.randbytes(chance.randint(0, 200_000))
        (folder / f"{number}.bin").write_bytes(content)
        rooms.post(BO, ACMA, f"File {number}.", START, root=root.id, files=[folder / f"{number}.bin"])
        sums.append(hashlib.sha256(content).hexdigest())
    return sums


def _kill_again_and_again(engine: Engine, rooms_file: Path, chance: random.Random) -> None:
    """Each worker when some more of the files have come or are kept, but for the last one."""
    command = [sys.executable, "-m", "tests.bot.killable", engine.url.render_as_string(hide_password=False)]
    kills = 0
    with subprocess.Popen([*command, str(rooms_file)], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if kills == KILLS:
                continue
            done = _steps(engine)
            goal = done + chance.randint(0, 2 * (2 * FILES - done) // (KILLS - kills + 3))
            until = time.monotonic() + PATIENCE
            while _steps(engine) < goal and process.poll() is None:
                assert time.monotonic() < until, "nothing goes on"
                with suppress(subprocess.TimeoutExpired):
                    process.wait(0.002)
            with suppress(subprocess.TimeoutExpired):
                process.wait(chance.uniform(0, 0.03))
            with suppress(ProcessLookupError):
                os.kill(int(line), signal.SIGKILL)
                kills += 1
    assert process.returncode == 0
    assert kills >= 15


def _steps(engine: Engine) -> int:
    """Files that have come, and files that are kept."""
    with transaction(engine, reading=True) as session:
        come, kept = session.exec(select(func.count(col(Exhibit.id)), func.count(col(Exhibit.kept_at)))).one()
    return int(come + kept)

"""`make matrix`: people find their rooms with the bot in them, all of it stays, and Ctrl-C leaves nothing running.

Whether Comity itself comes up there is not asked here.
"""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nio
import pytest

from bot.settings import read
from tests.bot.matrix.people import logged_in, must
from tests.matrix_home import PASSWORD, SAMPLE, Home, moved, sample, settings
from tests.synapse import ROOT, free_port, listens


@contextmanager
def _at_home(folder: Path, port: int, *options: str) -> Iterator[str]:
    """What the program says until it waits; then it is told to end, and does."""
    command = [sys.executable, "-m", "tests.matrix_home", "--folder", str(folder), "--port", str(port), *options]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as program:
        assert program.stdout
        said = ""
        try:
            while line := program.stdout.readline():
                said += line
                if "Ctrl-C" in line:
                    break
            yield said
        finally:
            program.send_signal(signal.SIGINT)
            said += program.communicate(timeout=60)[0]
        assert program.returncode == 0, said
    assert not listens(port)


def _environment(folder: Path) -> dict[str, str]:
    lines = (folder / "comity.env").read_text(encoding="utf-8").splitlines()
    return dict(shlex.split(line)[0].split("=", 1) for line in lines)


def _comity(folder: Path, *arguments: str) -> str:
    """What one of Comity's programs says in those settings."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COMITY_")}
    command = [sys.executable, "-m", "bot", *arguments]
    done = subprocess.run(
        command, cwd=ROOT, env=environment | _environment(folder), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


async def _rooms(url: str, name: str) -> dict[str, set[str]]:
    """The names of somebody's rooms, and who sits in each."""
    async with logged_in(url, f"@{name}:localhost", PASSWORD) as client:
        must(await client.sync(full_state=True), nio.SyncResponse)
        return {str(room.name): set(room.users) for room in client.rooms.values()}


async def test_people_find_their_rooms_and_all_of_it_stays(tmp_path: Path) -> None:
    folder, port = tmp_path / "home", free_port()
    url = f"http://127.0.0.1:{port}"
    with _at_home(folder, port) as said:
        assert "FTC is added" in said
        assert "ana     comity    #ftc #network" in said
        rooms = await _rooms(url, "ana")
        assert rooms["ftc"] == {"@ana:localhost", "@ada:localhost", "@comity:localhost"}
        assert set(rooms) == {"ftc", "network"}
        assert len(rooms["network"]) == 9
    head = _comity(folder, "ledger", "verify")
    assert int(head.split()[0]) >= 20
    with _at_home(folder, port) as said:
        assert "is added" not in said
        assert await _rooms(url, "ana") == rooms
    assert _comity(folder, "ledger", "verify") == head


def test_what_was_interrupted_begins_anew(tmp_path: Path) -> None:
    folder, port = tmp_path / "home", free_port()
    (folder / "homeserver").mkdir(parents=True)
    (folder / "half").touch()
    with _at_home(folder, port) as said:
        assert "FTC is added" in said
        assert not (folder / "half").exists()
        assert Home(folder, port).whole


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").touch()
    command = [sys.executable, "-m", "tests.matrix_home", "--fresh", "--folder", str(tmp_path)]
    done = subprocess.run([*command, "--port", str(free_port())], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "holds something that was not put there" in done.stderr
    assert [file.name for file in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize(
    ("line", "there"),
    [
        ("/officer add local:ana --agency FTC ana", "/officer add matrix:@ana:localhost --agency FTC ana"),
        ("/agency desk FTC local:ftc", "/agency desk FTC matrix:HOME/!a"),
        ("/agency desk FTC local:network --shared", "/agency desk FTC matrix:HOME/!b --shared"),
        ("/agency add FTC --country US Federal", "/agency add FTC --country US Federal"),
    ],
)
def test_lines_of_the_sample_move(line: str, there: str) -> None:
    assert moved(line, {"ftc": "!a", "network": "!b"}) == there


def test_the_whole_sample_moves() -> None:
    whole = sample(SAMPLE.read_text(encoding="utf-8"))
    assert whole.people == ["ana", "ada", "bo", "bea", "chin", "choi", "dev", "dot"]
    rooms = {channel: f"!{channel}" for channel in whole.channels}
    assert not [line for line in (moved(line, rooms) for line in whole.lines) if "local:" in line]


def test_the_settings_are_settings(tmp_path: Path) -> None:
    environment = settings(tmp_path, "http://localhost:8008", 8009)
    (tmp_path / "comity.toml").touch()
    account = read(environment, tmp_path).matrix[0]
    assert (account.name, account.user_id, account.allow) == ("HOME", "@comity:localhost", ("localhost",))

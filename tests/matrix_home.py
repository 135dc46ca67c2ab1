"""A homeserver on this machine with the sample agencies, and Comity among them, to try it with Element.

Whoever reaches this machine's loopback knows every password: it is for trying, and nothing real belongs there. Of
Comity it uses the command line and the settings only.
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from http.client import HTTPException
from pathlib import Path
from typing import NamedTuple, NoReturn

from bot.__main__ import main as comity
from tests.synapse import ROOT, FailedError, Synapse, listens

HOME = ROOT / "var" / "matrix-home"
PORT = 8008
SAMPLE = ROOT / "samples" / "workspace.txt"
ACCOUNT = "HOME"
BOT = "comity"
SERVER = "localhost"
PASSWORD = "comity"  # noqa: S105
END_WITHIN = 10.0
"""Seconds for Comity to end by itself; it promises 5."""


class Sample(NamedTuple):
    """Who sits in which channel, and what the operator types to enrol them."""

    channels: dict[str, list[str]]
    lines: list[str]

    @property
    def people(self) -> list[str]:
        return list(dict.fromkeys(name for names in self.channels.values() for name in names))


def sample(text: str) -> Sample:
    """The sample workspace, as it is written down for the local one."""
    channels: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in text.splitlines():
        if line.startswith("/"):
            lines.append(line)
        elif line.startswith("channel #"):
            channel, *people = line.removeprefix("channel #").split()
            channels[channel] = people
    return Sample(channels, lines)


def moved(line: str, rooms: Mapping[str, str]) -> str:
    """The operator's line with people and places of Matrix in place of local ones."""

    def there(found: re.Match[str]) -> str:
        name = found[1]
        return f"matrix:{ACCOUNT}/{rooms[name]}" if name in rooms else f"matrix:@{name}:{SERVER}"

    return re.sub(r"(?<=\s)local:(\w+)", there, line)


def settings(folder: Path, url: str, port: int) -> dict[str, str]:
    """The environment in which Comity works here. An empty file keeps a comity.toml of real accounts out."""
    account = f"COMITY_MATRIX__{ACCOUNT}__"
    return {
        "COMITY_CONFIG": str(folder / "comity.toml"),
        "COMITY_DATABASE_URL": f"sqlite:///{folder / 'comity.db'}",
        "COMITY_VAULT_DIR": str(folder / "vault"),
        "COMITY_WEB_PORT": str(port),
        f"{account}HOMESERVER": url,
        f"{account}USER_ID": f"@{BOT}:{SERVER}",
        f"{account}PASSWORD": PASSWORD,
        f"{account}STORE_DIR": str(folder / "store"),
    }


class Home:
    """What is kept in one folder. It is whole once `comity.env` is there; what was interrupted begins anew."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder.resolve()
        self.environment = settings(self.folder, f"http://{SERVER}:{port}", port + 1)
        self.log = self.folder / "comity.log"
        self._file = self.folder / "comity.env"
        self._port = port

    @property
    def whole(self) -> bool:
        return self._file.exists()

    def clear(self) -> None:
        """Take it away; raises FailedError where the folder holds something else."""
        if not self.folder.exists() or not any(self.folder.iterdir()):
            return
        if not (self.folder / "homeserver").is_dir():
            raise FailedError(f"{self.folder} holds something that was not put there by this program.")
        shutil.rmtree(self.folder)

    def homeserver(self) -> Synapse:
        """Not started yet."""
        return Synapse(
            self.folder / "homeserver",
            port=self._port,
            server_name=SERVER,
            public_baseurl=f"http://{SERVER}:{self._port}/",
            user_directory={"search_all_users": True},
        )

    def furnish(self, homeserver: Synapse, there: Sample) -> None:
        """People, rooms and the agencies; raises FailedError at the first thing that does not work."""
        rooms = _rooms(homeserver, there)
        (self.folder / "comity.toml").touch()
        self.enter()
        for arguments in (["migrate"], *(["do", moved(line, rooms)] for line in there.lines)):
            if comity(arguments):
                raise FailedError(f"python -m bot {shlex.join(arguments)} was refused.")

    def enter(self) -> None:
        """From now on this process and those that it begins have the settings of this place and no others."""
        for name in [name for name in os.environ if name.startswith("COMITY_")]:
            del os.environ[name]
        os.environ.update(self.environment)

    def finish(self) -> None:
        """Write the settings down for other shells: `set -a; . comity.env; set +a`."""
        lines = [f"{name}={shlex.quote(value)}\n" for name, value in self.environment.items()]
        self._file.write_text("".join(lines))


def _rooms(homeserver: Synapse, there: Sample) -> dict[str, str]:
    """Private rooms with their people and the bot, by channel."""
    tokens = {}
    for name in (*there.people, BOT):
        user = homeserver.register(name, PASSWORD)
        body = {"type": "m.login.password", "identifier": {"type": "m.id.user", "user": user}, "password": PASSWORD}
        tokens[name] = homeserver.ask("POST", "/_matrix/client/v3/login", body)["access_token"]
    rooms = {}
    for channel, (host, *guests) in there.channels.items():
        guests.append(BOT)
        body = {
            "preset": "private_chat",
            "name": channel,
            "room_alias_name": channel,
            "invite": [f"@{guest}:{SERVER}" for guest in guests],
        }
        room = homeserver.ask("POST", "/_matrix/client/v3/createRoom", body, token=tokens[host])["room_id"]
        for guest in guests:
            homeserver.ask("POST", f"/_matrix/client/v3/join/{room}", {}, token=tokens[guest])
        rooms[channel] = room
    for token in tokens.values():
        # Devices that are never used again would get a copy of every encrypted message's key.
        homeserver.ask("POST", "/_matrix/client/v3/logout", {}, token=token)
    return rooms


def _invitation(home: Home, there: Sample, port: int) -> str:
    rows = []
    for name in there.people:
        channels = [f"#{channel}" for channel, in_it in there.channels.items() if name in in_it]
        rows.append(f"  {name:<8}{PASSWORD:<10}{' '.join(channels)}")
    return "\n".join((
        "",
        f"The homeserver is http://{SERVER}:{port}: in Element, Sign in, Edit, and this address as it stands here.",
        f"  {'name':<8}{'password':<10}rooms",
        *rows,
        f"Comity is @{BOT}:{SERVER}. Its settings, for another shell: set -a; . {home.folder / 'comity.env'}; set +a",
        f"It logs to {home.log}.",
        f"All of it is kept in {home.folder}; --fresh starts anew. Ctrl-C ends it.",
        "",
    ))  # fmt: skip


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(END_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _stay(home: Home, homeserver: Synapse) -> NoReturn:
    """Comity and the homeserver work; raises FailedError when the homeserver ends, KeyboardInterrupt when told to."""
    with home.log.open("wb") as log:
        # In a session of its own, for Ctrl-C reaches all of this one's at once: Comity ends before its homeserver.
        program = subprocess.Popen(
            [sys.executable, "-m", "bot", "worker"],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    told = False
    try:
        while homeserver.alive:
            if program.poll() is not None and not told:
                told = True
                last = home.log.read_text(encoding="utf-8", errors="replace").splitlines()[-5:]
                print(f"Comity ended with {program.returncode}; the homeserver goes on until Ctrl-C.", *last, sep="\n")
            time.sleep(0.2)
        raise FailedError(f"The homeserver ended.\n{homeserver.tail()}")
    finally:
        _end(program)


def _interrupt(_number: int, _frame: object) -> None:
    """Once: the ending is bounded, and what it would leave running if interrupted nobody would find."""
    for sign in _SIGNS:
        signal.signal(sign, signal.SIG_IGN)
    raise KeyboardInterrupt


_SIGNS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main(argv: Sequence[str] | None = None) -> int:
    """0 when it was told to end; 1 with a reason when something did not work."""
    parser = argparse.ArgumentParser(prog="python -m tests.matrix_home", description=__doc__)
    parser.add_argument("--fresh", action="store_true", help="start anew")
    parser.add_argument("--port", type=int, default=PORT, help=f"of the homeserver; {PORT} if not given")
    parser.add_argument("--folder", type=Path, default=HOME, help="what it keeps; var/matrix-home if not given")
    arguments = parser.parse_args(argv)
    for sign in _SIGNS:
        signal.signal(sign, _interrupt)
    try:
        _run(Home(arguments.folder, arguments.port), arguments.port, fresh=arguments.fresh)
    except KeyboardInterrupt:
        return 0
    except (FailedError, OSError, HTTPException) as error:
        print(error, file=sys.stderr)
        return 1


def _run(home: Home, port: int, *, fresh: bool) -> NoReturn:
    if listens(port):
        # before anything is taken away: it may be this very program, at work
        raise FailedError(f"Something listens on port {port} already; --port takes another one.")
    there = sample(SAMPLE.read_text(encoding="utf-8"))
    if fresh or not home.whole:
        home.clear()
    homeserver = home.homeserver()
    try:
        homeserver.start()
        if home.whole:
            home.enter()
            comity(["migrate"])
        else:
            home.furnish(homeserver, there)
        home.finish()
        print(_invitation(home, there, port), flush=True)
        _stay(home, homeserver)
    finally:
        homeserver.stop()


if __name__ == "__main__":
    sys.exit(main())

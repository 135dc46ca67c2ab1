"""`!case open` in Matrix rooms, typed and read at ordinary clients, beside a bare echo bot on the same homeserver."""

from __future__ import annotations

import asyncio
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Protocol, TypeVar

import nio

from bench.processes import compiled, resident
from bench.turns import Round, Series, in_turns
from tests.comity import Comity
from tests.synapse import ROOT, Synapse, running

ECHO, COMITY = "echo bot", "Comity"

PASSWORD = "only for the bench"  # noqa: S105

ASKERS = 5
"""So many people, each with a room for either bot; Comity's are the desks of as many agencies."""

WITHIN = 60.0
"""Seconds after which an answer is not waited for any more."""

FILTER = {"presence": {"types": []}, "room": {"timeline": {"limit": 500}, "ephemeral": {"types": []}}}

Expected = TypeVar("Expected")


@dataclass(frozen=True)
class Sizes:
    turns: int
    trips: int
    """In each turn, one after the other."""
    bursts: int
    burst: int
    """Commands, all askers together."""
    starts: int


@dataclass(frozen=True)
class Talked:
    """Each by ECHO and COMITY."""

    trip: dict[str, Series]
    burst: dict[str, Series]
    start: dict[str, Series]
    resident: dict[str, int]
    """Bytes, at the end."""


class Bot(Protocol):
    @property
    def pid(self) -> int: ...
    def start(self) -> None: ...
    def stop(self) -> object: ...


class Asker:
    """Somebody at a client; the same for both bots."""

    def __init__(self, client: nio.AsyncClient, rooms: Mapping[str, str]) -> None:
        self._client = client
        self._rooms = rooms
        self._awaited: dict[str, asyncio.Future[float]] = {}
        self._listening = asyncio.ensure_future(self._listen())

    async def _listen(self) -> None:
        while True:
            response = _must(await self._client.sync(30_000, sync_filter=FILTER), nio.SyncResponse)
            now = perf_counter()
            for info in response.rooms.join.values():
                for event in info.timeline.events:
                    if isinstance(event, nio.RoomMessageText) and event.sender != self._client.user_id:
                        self._heard(event.body, now)

    def _heard(self, text: str, now: float) -> None:
        for title in re.findall(r"Mailing \d+", text):
            answered = self._awaited.pop(title, None)
            if answered is not None:
                answered.set_result(now)

    async def write(self, bot: str, title: str) -> asyncio.Future[float]:
        """Returns once the homeserver has the command; the future is the moment of the answer."""
        answered = self._awaited[title] = asyncio.get_running_loop().create_future()
        content = {"msgtype": "m.text", "body": f"!case open {title}"}
        _must(await self._client.room_send(self._rooms[bot], "m.room.message", content), nio.RoomSendResponse)
        return answered

    async def ask(self, bot: str, title: str) -> float:
        """The seconds from the command to the answer."""
        began = perf_counter()
        return await asyncio.wait_for(await self.write(bot, title), WITHIN) - began

    async def flood(self, bot: str, titles: Sequence[str]) -> list[float]:
        """One command after the other, without waiting for answers; the seconds of each."""
        sent = [(perf_counter(), await self.write(bot, title)) for title in titles]
        return [await asyncio.wait_for(answered, WITHIN) - began for began, answered in sent]

    async def close(self) -> None:
        self._listening.cancel()
        await asyncio.gather(self._listening, return_exceptions=True)
        await self._client.close()


class Echo:
    """The floor, as a process."""

    def __init__(self, *arguments: str) -> None:
        self._arguments = arguments
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        return self._process.pid if self._process else 0

    def start(self) -> None:
        program = [sys.executable, "-m", "bench.echo", *self._arguments]
        self._process = subprocess.Popen(program, cwd=ROOT)

    def stop(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(timeout=20)
            self._process = None


@dataclass(frozen=True)
class _Bench:
    askers: Sequence[Asker]
    bots: Mapping[str, Bot]
    numbers: Iterator[int]

    def titles(self, many: int) -> list[str]:
        return [f"Mailing {next(self.numbers)}" for _ in range(many)]

    async def trips(self, bot: str, many: int) -> Round:
        began = perf_counter()
        pieces = [await self.askers[0].ask(bot, title) for title in self.titles(many)]
        return Round(perf_counter() - began, pieces)

    async def burst(self, bot: str, many: int) -> Round:
        began = perf_counter()
        floods = (asker.flood(bot, self.titles(many // len(self.askers))) for asker in self.askers)
        answers = await asyncio.gather(*floods)
        return Round(perf_counter() - began, [piece for pieces in answers for piece in pieces])

    async def started(self, bot: str) -> Round:
        """A command waits as the process begins."""
        answered = await self.askers[0].write(bot, *self.titles(1))
        began = perf_counter()
        self.bots[bot].start()
        took = await asyncio.wait_for(answered, WITHIN) - began
        return Round(took, [took])


def measure(sizes: Sizes) -> Talked:
    with (
        TemporaryDirectory(prefix="comity-bench-") as name,
        compiled(Path(name) / "compiled"),
        running(Path(name) / "homeserver") as homeserver,
        asyncio.Runner() as runner,
    ):
        bench = runner.run(_built(homeserver, Path(name)))
        try:
            return _in_turns(runner, bench, sizes)
        finally:
            for bot in bench.bots.values():
                bot.stop()
            for asker in bench.askers:
                runner.run(asker.close())


def _in_turns(runner: asyncio.Runner, bench: _Bench, sizes: Sizes) -> Talked:
    def ways(run: Callable[[str], Round]) -> dict[str, Callable[[], Round]]:
        return {ECHO: lambda: run(ECHO), COMITY: lambda: run(COMITY)}

    def start(bot: str) -> Round:
        bench.bots[bot].stop()
        return runner.run(bench.started(bot))

    # A process that has never looked does not hear what was said before: the starts come after the trips.
    trip = in_turns(ways(lambda bot: runner.run(bench.trips(bot, sizes.trips))), sizes.turns)
    started = in_turns(ways(start), sizes.starts)
    burst = in_turns(ways(lambda bot: runner.run(bench.burst(bot, sizes.burst))), sizes.bursts)
    return Talked(trip, burst, started, {name: resident(bot.pid) for name, bot in bench.bots.items()})


async def _built(homeserver: Synapse, folder: Path) -> _Bench:
    """Agencies with an officer and two rooms each; both bots sit in their rooms, and Comity runs."""
    users = {name: homeserver.register(name, PASSWORD) for name in ("echo", "comity")}
    comity = _comity(homeserver, folder, users["comity"])
    guests = {bot: await _client(homeserver, user) for bot, user in zip((ECHO, COMITY), users.values(), strict=True)}
    askers, joining = [], []
    for number in range(1, ASKERS + 1):
        user = homeserver.register(f"officer{number}", PASSWORD)
        client = await _client(homeserver, user)
        rooms = {bot: await _room(client, guest) for bot, guest in guests.items()}
        code = f"AG{number}"
        comity.do(
            f"/agency add {code} --country US --zone America/New_York Agency {number}",
            f"/officer add matrix:{user} --agency {code} --role officer officer{number}",
            f"/agency desk {code} matrix:HOME/{rooms[COMITY]}",
        )
        askers.append(Asker(client, rooms))
        joining.append(rooms)
    echo = Echo(homeserver.url, users["echo"], guests[ECHO].access_token, str(folder / "cursor"))
    for rooms in joining:
        _must(await guests[ECHO].join(rooms[ECHO]), nio.JoinResponse)
    echo.start()
    comity.start()
    async with asyncio.timeout(WITHIN):
        while len(_must(await guests[COMITY].joined_rooms(), nio.JoinedRoomsResponse).rooms) < ASKERS:  # noqa: ASYNC110
            await asyncio.sleep(0.1)  # a look at the condition that is waited for
    for guest in guests.values():
        await guest.close()
    return _Bench(askers, {ECHO: echo, COMITY: comity}, count(1))


def _comity(homeserver: Synapse, folder: Path, user: str) -> Comity:
    account = {
        "HOMESERVER": homeserver.url,
        "USER_ID": user,
        "PASSWORD": PASSWORD,
        "STORE_DIR": str(folder / "store"),
    }
    named = {f"COMITY_MATRIX__HOME__{name}": text for name, text in account.items()}
    comity = Comity(folder, {"COMITY_DATABASE_URL": f"sqlite:///{folder}/comity.db"} | named)
    comity.program("migrate")
    return comity


async def _client(homeserver: Synapse, user: str) -> nio.AsyncClient:
    config = nio.AsyncClientConfig(encryption_enabled=False, max_timeouts=1, max_limit_exceeded=0)
    client = nio.AsyncClient(homeserver.url, user, config=config)
    _must(await client.login(PASSWORD), nio.LoginResponse)
    return client


async def _room(client: nio.AsyncClient, guest: nio.AsyncClient) -> str:
    return str(_must(await client.room_create(invite=[guest.user_id]), nio.RoomCreateResponse).room_id)


def _must(answer: object, kind: type[Expected]) -> Expected:
    if not isinstance(answer, kind):
        raise RuntimeError(f"the homeserver answered {answer}")  # noqa: TRY004  # nothing of ours has a wrong type
    return answer

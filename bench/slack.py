"""`/case open` in Slack, typed and read at clients of a local Slack, beside a bare echo app on the same server."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count, cycle
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from bench.processes import compiled, resident
from bench.turns import Round, Series, in_turns
from bot.slack.manifest import manifest
from tests.comity import Comity
from tests.slack.apps import Install
from tests.slack.limits import NONE
from tests.slack.people import Person
from tests.slack.server import Slack, running
from tests.slack.world import Channel
from tests.synapse import ROOT

ECHO, COMITY = "echo app", "Comity"


@dataclass(frozen=True)
class Sizes:
    turns: int
    channels: int
    """Each with an agency and its officer; so many ask at once."""
    shown: int
    """Commands whose message is waited for."""


@dataclass(frozen=True)
class Answered:
    """Each by ECHO and COMITY."""

    acked: dict[str, Series]
    """One after the other."""
    at_once: dict[str, Series]
    shown: Series
    """Of Comity's: until the case's root is to be seen."""
    resident: dict[str, int]
    """Bytes, at the end."""


@dataclass(frozen=True)
class _Bench:
    slack: Slack
    seats: Sequence[tuple[Person, Channel]]
    numbers: Callable[[], int]

    def ask(self, seat: tuple[Person, Channel], bot: str) -> tuple[float, str]:
        """The seconds until the command was acknowledged, and its title."""
        person, channel = seat
        title = f"Mailing {self.numbers()}"
        began = perf_counter()
        answer = person.slash(channel, *(("/echo", title) if bot == ECHO else ("/case", f"open {title}")))
        took = perf_counter() - began
        if answer.error is not None or (bot == ECHO and answer.text != title):
            raise RuntimeError(f"{bot} answered {answer}")
        return took, title

    def one_by_one(self, bot: str) -> Round:
        began = perf_counter()
        pieces = [self.ask(seat, bot)[0] for seat in self.seats]
        return Round(perf_counter() - began, pieces)

    def all_at_once(self, bot: str) -> Round:
        with ThreadPoolExecutor(len(self.seats)) as pool:
            list(pool.map(lambda _: None, self.seats))  # the threads are there
            began = perf_counter()
            pieces = [took for took, _ in pool.map(lambda seat: self.ask(seat, bot), self.seats)]
            return Round(perf_counter() - began, pieces)

    def shown(self, seats: Sequence[tuple[Person, Channel]]) -> Round:
        pieces = []
        for person, channel in seats:
            began = perf_counter()
            _, title = self.ask((person, channel), COMITY)
            person.finds(channel, title)
            pieces.append(perf_counter() - began)
        return Round(sum(pieces), pieces)


def measure(sizes: Sizes) -> Answered:
    with (
        TemporaryDirectory(prefix="comity-bench-") as name,
        compiled(Path(name) / "compiled"),
        running(limits=NONE) as slack,
    ):
        team = slack.team("agencies")
        apps = {
            ECHO: slack.app("echo", team, manifest=_echo_manifest()),
            COMITY: slack.app("comity", team, manifest=manifest()),
        }
        comity = _comity(slack, Path(name), apps[COMITY])
        seats = [_seat(slack, comity, apps[COMITY], number) for number in range(1, sizes.channels + 1)]
        echo = subprocess.Popen(
            [sys.executable, "-m", "tests.slack.echo", slack.url, apps[ECHO].token, apps[ECHO].app.app_token], cwd=ROOT
        )
        comity.start()
        try:
            slack.connected(apps[ECHO], 1)
            slack.connected(apps[COMITY], 2)
            numbers = count(1)
            bench = _Bench(slack, seats, lambda: next(numbers))
            return _in_turns(bench, comity, sizes, {ECHO: echo.pid, COMITY: comity.pid})
        finally:
            echo.terminate()
            echo.wait()
            comity.stop()


def _in_turns(bench: _Bench, comity: Comity, sizes: Sizes, pids: Mapping[str, int]) -> Answered:
    def ways(run: Callable[[str], Round]) -> dict[str, Callable[[], Round]]:
        def quiet(bot: str) -> Round:
            _wait_for_silence(bench, comity)
            return run(bot)

        return {bot: lambda bot=bot: quiet(bot) for bot in (ECHO, COMITY)}  # type: ignore[misc]  # a default binds it

    acked = in_turns(ways(bench.one_by_one), sizes.turns)
    at_once = in_turns(ways(bench.all_at_once), sizes.turns)
    _wait_for_silence(bench, comity)
    shown = Series()
    turn = cycle(bench.seats)
    shown.rounds.append(bench.shown([next(turn) for _ in range(sizes.shown)]))
    return Answered(acked, at_once, shown, {bot: resident(pid) for bot, pid in pids.items()})


def _wait_for_silence(bench: _Bench, comity: Comity) -> None:
    """What one way began does not burden the next."""
    bench.slack.until(lambda: not comity.waiting(), within=60)
    bench.slack.settle()


def _comity(slack: Slack, folder: Path, app: Install) -> Comity:
    account = {"BOT_TOKEN": app.token, "APP_TOKEN": app.app.app_token, "API_URL": slack.url}
    named = {f"COMITY_SLACK__HOME__{name}": text for name, text in account.items()}
    comity = Comity(folder, {"COMITY_DATABASE_URL": f"sqlite:///{folder}/comity.db"} | named)
    comity.program("migrate")
    return comity


def _seat(slack: Slack, comity: Comity, app: Install, number: int) -> tuple[Person, Channel]:
    """An agency with an officer and a desk."""
    person = slack.person(slack.world.teams[app.team], f"officer{number}")
    channel = slack.channel(f"desk{number}", person, app, private=True)
    code = f"AG{number}"
    comity.do(
        f"/agency add {code} --country US --zone America/New_York Agency {number}",
        f"/officer add slack:{app.team}/{person.id} --agency {code} --role officer officer{number}",
        f"/agency desk {code} slack:HOME/{channel.id}",
    )
    return person, channel


def _echo_manifest() -> dict[str, object]:
    """An app with one command."""
    app = manifest()
    app["features"]["slash_commands"] = [{"command": "/echo", "description": "Say it again", "should_escape": False}]
    return app

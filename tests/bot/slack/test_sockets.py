"""The sockets of one app: refreshed, dropped, deaf or dead, they are built anew, and a gap is always told of."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest
from slack_bolt.async_app import AsyncApp

from bot.slack.sockets import DEAF, Sockets
from tests.bot.slack.network import Network, network
from tests.bot.slack.reckoning import opened
from tests.comity import WITHIN
from tests.slack.apps import Install
from tests.slack.bots import bolt
from tests.slack.loops import Loop
from tests.slack.people import Person
from tests.slack.server import Slack, running
from tests.slack.world import Channel


@dataclass
class Office:
    slack: Slack
    app: Install
    ana: Person
    room: Channel
    told: list[str] = field(default_factory=list)
    """What the sockets told, in order: `whole`, `broken`, and the texts of messages."""
    sockets: Sockets | None = None
    numbers: Iterator[int] = field(default_factory=count)

    def hears(self) -> None:
        """Say something until it arrives: what was said to a socket that just closes is not brought again."""
        for _ in range(5):
            text = f"Do you hear? {next(self.numbers)}"
            self.ana.says(self.room, text)
            with suppress(AssertionError):
                self.until(text, within=5.0)
                return
        raise AssertionError(self.told)

    def until(self, what: str, times: int = 1, within: float = WITHIN) -> None:
        self.slack.until(lambda: self.told.count(what) >= times, within=within)

    def tell(self, what: str) -> None:
        with self.slack.world.lock:
            self.told.append(what)
            self.slack.world.changed()


@contextmanager
def office(deaf_after: float = DEAF) -> Iterator[Office]:
    """An app whose sockets run here."""
    with running(retries=()) as slack, Loop() as loop:
        team = slack.team("ftc")
        app, ana = slack.app("Comity", team), slack.person(team, "ana")
        found = Office(slack, app, ana, slack.channel("desk", ana, app))
        stop = asyncio.Event()

        def build(bolt: AsyncApp) -> None:
            @bolt.event("message")
            async def message(event: dict[str, str]) -> None:
                found.tell(event["text"])

        async def begin() -> asyncio.Task[None]:
            found.sockets = Sockets(
                bolt(slack, app, build), app.app.app_token, "slack:FTC", heard=lambda: None,
                broken=lambda: found.tell("broken"), whole=lambda: found.tell("whole"), deaf_after=deaf_after,
            )  # fmt: skip
            return asyncio.create_task(found.sockets.run(stop))

        async def end() -> None:
            stop.set()
            await working

        working = loop.run(begin())
        slack.connected(app, 2, within=WITHIN)
        found.until("whole")
        try:
            yield found
        finally:
            loop.run(end())


@pytest.mark.parametrize("sockets", [1, 2])
def test_a_refresh_is_no_gap(sockets: int) -> None:
    """The new connections stand before the old ones end."""
    with office() as found:
        for _ in range(3):
            found.slack.refresh(found.app, count=sockets)
            found.slack.connected(found.app, 2, within=WITHIN)
            found.hears()
        assert "broken" not in found.told
        assert len(found.told) == 4


def test_what_was_lost_between_two_looks_is_told_of() -> None:
    with office() as found:
        found.slack.drop_sockets()
        found.until("broken")
        found.until("whole", 2)
        found.slack.connected(found.app, 2, within=WITHIN)
        found.hears()


@pytest.mark.parametrize("pongs", [True, False])
def test_deaf_sockets_are_built_anew_and_told_of(pongs: bool) -> None:
    with office(deaf_after=3.0) as found:
        found.slack.deafen(found.app, pongs=pongs)
        found.ana.says(found.room, "Nobody hears this.")
        before = found.told.count("whole")
        found.until("whole", before + 1)
        assert found.told[-2:] == ["broken", "whole"]
        found.hears()
        assert "Nobody hears this." not in found.told
        assert found.sockets is not None
        assert found.sockets.silent_for() < WITHIN


def test_an_address_that_is_dead_after_an_outage_is_not_asked_for_ever() -> None:
    """A ticket is good for one connection; the client keeps the old one."""
    with office() as found:
        for times in range(1, 3):
            found.slack.stop()
            found.until("broken", times)
            found.slack.start()
            found.until("whole", times + 1)
        found.slack.connected(found.app, 2, within=WITHIN)
        found.hears()


def test_commands_are_answered_while_sockets_are_refreshed(tmp_path: Path) -> None:
    """Though each takes a while: what came through a socket is answered through it, before it closes."""
    with network(tmp_path, "FTC") as net, ThreadPoolExecutor() as pool:
        refreshing = pool.submit(_refresh, net)
        titles: list[str] = []
        while not refreshing.done():
            titles.append(f"Refreshed {len(titles)}")
            assert net["ana"].slash(net.desks["FTC"], "/case", f"open {titles[-1]}").error is None
        refreshing.result()
        assert len(titles) > 8
        assert opened(net) == titles
        assert not net.slack.world.breaches


def _refresh(net: Network) -> None:
    for number in (1, 1, 2, 1, 2, 2):
        net.slack.refresh(net.apps["FTC"], count=number)
        net.slack.connected(net.apps["FTC"], 2, within=WITHIN)

"""What a polite client shows besides words: how far it has read, and that it is at work."""

from __future__ import annotations

from pathlib import Path
from time import monotonic

from bot.matrix import courtesy
from tests.bot.matrix.network import joined, network
from tests.faults import locked
from tests.proxy import Proxy
from tests.synapse import Synapse


async def test_it_shows_how_far_it_has_read_once_it_is_quiet(homeserver: Synapse, tmp_path: Path) -> None:
    async with Proxy(homeserver.url) as proxy, network(homeserver, tmp_path, "FTC", url=proxy.url) as net:
        ana, ftc, began = net["ana"], net.desks["FTC"], monotonic()
        said = [await ana.say(ftc, f"Word {number}.") for number in range(40)]
        await ana.until(lambda: ana.read.get((ftc, net.bot)) == said[-1])
        told = [one for one in proxy.seen if "/receipt/" in one.path]
        assert {one.told for one in told} == {200}
        assert len(told) <= (monotonic() - began) / courtesy.READ_EVERY + 1
        below = await ana.say(ftc, "A word below.", said[0])
        await ana.until(lambda: ana.read.get((ftc, net.bot)) == below)


async def test_it_shows_that_it_is_at_work_while_a_command_waits(homeserver: Synapse, tmp_path: Path) -> None:
    async with network(homeserver, tmp_path, "FTC") as net:
        ana, ftc = net["ana"], net.desks["FTC"]
        await joined(ana, ftc, net["ada"].user)
        await ana.say(ftc, "!case open Quick")
        await ana.hears("C-1 Quick", ftc)  # all that came with the room is entered
        with net.comity.engine() as engine, locked(engine):
            await ana.say(ftc, "!case open Slow")
            await ana.until(lambda: net.bot in ana.typing.get(ftc, []))
        await ana.hears("C-2 Slow", ftc)
        await ana.until(lambda: net.bot not in ana.typing[ftc])

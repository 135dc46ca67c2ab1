"""A homeserver that is slow, limits, fails, or ends connections: nothing is lost, and nothing is said twice."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import nio
import pytest
from sqlmodel import col, select

from storage.tables import Case
from tests.bot.matrix.network import Network, body, gone, network
from tests.bot.matrix.people import PASSWORD, logged_in, must
from tests.proxy import Proxy, pages, sends, syncs
from tests.synapse import Synapse

Weather = Callable[[Proxy], object]


@pytest.fixture
async def proxy(homeserver: Synapse) -> AsyncIterator[Proxy]:
    async with Proxy(homeserver.url) as found:
        yield found


@pytest.fixture
async def net(homeserver: Synapse, proxy: Proxy, tmp_path: Path) -> AsyncIterator[Network]:
    async with network(homeserver, tmp_path, "FTC", url=proxy.url) as found:
        yield found


def joins(method: str, path: str) -> bool:
    return method == "POST" and "/join" in path


def leaves(method: str, path: str) -> bool:
    return method == "POST" and path.endswith("/leave")


WEATHER: dict[str, Weather] = {
    "slow": lambda proxy: proxy.delay(0.2, times=20),
    "limits sends": lambda proxy: proxy.limit(3, sends, retry_after=0.5),
    "limits syncs": lambda proxy: proxy.limit(3, syncs, retry_after=0.5, in_header=False),
    "fails to send": lambda proxy: proxy.fail(3, sends),
    "fails to sync": lambda proxy: proxy.fail(3, syncs),
    "is a broken gateway": lambda proxy: proxy.fail(4, status=502, body="<html>", content_type="text/html"),
    "hangs up before a send": lambda proxy: proxy.cut_before(3, sends),
    "hangs up after a send": lambda proxy: proxy.cut_after(3, sends),
    "hangs up within the answer to a send": lambda proxy: proxy.cut_within(3, sends),
    "hangs up after a sync": lambda proxy: proxy.cut_after(3, syncs),
    "hangs up within a sync": lambda proxy: proxy.cut_within(3, syncs),
}


async def test_whatever_the_homeserver_does_each_command_is_answered_once(net: Network, proxy: Proxy) -> None:
    ana, ftc = net["ana"], net.desks["FTC"]
    titles = []
    for name, weather in WEATHER.items():
        weather(proxy)
        new = [f"It {name} {number}" for number in range(4)]
        for title in new:
            await ana.say(ftc, f"!case open {title}")
        titles += new
        await ana.hears(new[-1], ftc)
        await net.comity.delivered()
        proxy.clear()
    await ana.say(ftc, "!case nothing")
    await ana.hears("There is no /case nothing", ftc)
    heard = [body(event).splitlines()[1].partition(" ")[2] for event in ana.from_comity(ftc)]
    # a letter that must wait lets those of other threads pass
    assert sorted(title for title in heard if title.startswith("It ")) == sorted(titles)
    with net.comity.records(reading=True) as session:
        assert session.exec(select(Case.title).order_by(col(Case.id))).all() == titles


async def test_pages_that_fail_are_read_again(net: Network, proxy: Proxy) -> None:
    """What a sync left out is read back page by page: one that fails must not make the rest history."""
    ana, ftc = net["ana"], net.desks["FTC"]
    await ana.say(ftc, "!case open Before")
    await ana.hears("C-1 Before", ftc)
    net.comity.stop()
    titles = [f"Meanwhile {number}" for number in range(130)]
    for title in titles:
        await ana.say(ftc, f"!case open {title}")
    proxy.fail(2, pages)
    proxy.cut_after(2, pages)
    proxy.cut_within(1, pages)
    net.comity.start()
    await ana.hears("Meanwhile 129", ftc, within=120)
    with net.comity.records(reading=True) as session:
        assert session.exec(select(Case.title).order_by(col(Case.id))).all() == ["Before", *titles]


async def test_what_is_said_while_the_answer_to_the_first_join_is_lost_is_not_history(
    homeserver: Synapse, proxy: Proxy, tmp_path: Path
) -> None:
    """The first invitation is accepted before the first look is kept: the next one is a first look again."""
    cut = proxy.cut_after(2, joins)  # the client itself tries once more
    held = proxy.hold(lambda method, path: syncs(method, path) and cut.hits > 1)
    async with network(homeserver, tmp_path, "FTC", url=proxy.url) as net:
        ana, ftc = net["ana"], net.desks["FTC"]
        await held.happened()
        await ana.say(ftc, "!case open Early")
        held.end()
        await ana.hears("C-1 Early", ftc)


async def test_an_invitation_that_cannot_be_answered_at_once_counts_once(
    homeserver: Synapse, proxy: Proxy, tmp_path: Path
) -> None:
    failing = proxy.fail(3, joins)
    async with network(homeserver, tmp_path, "FTC", url=proxy.url) as net:
        assert failing.hits == 3
        assert net.comity.tags()["room:invited"] == 1
        stranger = homeserver.register(f"stranger-{net.bot[8:16]}", PASSWORD)
        async with logged_in(homeserver.url, stranger) as client:
            failing = proxy.fail(3, leaves)
            room = must(await client.room_create(invite=[net.bot]), nio.RoomCreateResponse).room_id
            await gone(client, room, net.bot)
            assert failing.hits == 3
            assert net.comity.tags()["refused:invitation"] == 1

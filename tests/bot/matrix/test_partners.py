"""Agencies on homeservers of their own: what is said while a partner's is away arrives, once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import nio
import pytest

from tests.bot.matrix.network import WORD, Network, Person, Server, body, joined, root_of, spread, word
from tests.bot.matrix.people import must, read
from tests.synapse import Synapse

LONG = 120.0
"""Seconds that federation may take to catch up, on a machine that others use too."""

WORDS = [f"Word {number}." for number in range(120)]


@pytest.fixture
async def net(two_homeservers: tuple[Synapse, Synapse], tmp_path: Path) -> AsyncIterator[Network]:
    """Comity is on the first homeserver, ACMA's people and their desk on the second."""
    here, there = two_homeservers
    seats = {"FTC": ("HOME", here), "ACMA": ("HOME", there)}
    async with spread({"HOME": Server(here)}, seats, tmp_path) as found:
        yield found


async def test_120_messages_to_a_partner_whose_homeserver_is_down_arrive_once(
    net: Network, two_homeservers: tuple[Synapse, Synapse]
) -> None:
    _, there = two_homeservers
    ana, bo = net["ana"], net["bo"]
    root, _ = await net.asked()
    await asyncio.to_thread(there.stop)
    for text in WORDS:
        await ana.say(net.desks["FTC"], text, thread=root)
    await net.comity.delivered(LONG)
    await asyncio.to_thread(there.start)
    await _reads(bo, net.desks["ACMA"], WORDS)
    await bo.say(net.desks["ACMA"], "!case nothing")
    await bo.hears("There is no /case nothing", net.desks["ACMA"])
    await _reads(bo, net.desks["ACMA"], WORDS)


async def test_120_messages_of_a_partner_while_our_homeserver_is_down_arrive_once(
    net: Network, two_homeservers: tuple[Synapse, Synapse]
) -> None:
    here, _ = two_homeservers
    ana, bo = net["ana"], net["bo"]
    _, root = await net.asked()
    await asyncio.to_thread(here.stop)
    for text in WORDS:
        await bo.say(net.desks["ACMA"], text, thread=root)
    await asyncio.to_thread(here.start)
    await bo.say(net.desks["ACMA"], "Word the last.", thread=root)
    every = [*WORDS, "Word the last."]
    await ana.hears_all(word, net.desks["FTC"], len(every), LONG)
    await net.comity.delivered(LONG)
    await ana.say(net.desks["FTC"], "!case nothing")
    await ana.hears("There is no /case nothing", net.desks["FTC"])
    heard = [str(word(event)) for event in ana.from_comity(net.desks["FTC"]) if word(event)]
    assert sorted(heard) == sorted(every)


async def test_one_program_with_an_account_on_each_homeserver(
    two_homeservers: tuple[Synapse, Synapse], tmp_path: Path
) -> None:
    here, there = two_homeservers
    accounts = {"A": Server(here), "B": Server(there)}
    async with spread(accounts, {"FTC": ("A", here), "ACMA": ("B", there)}, tmp_path) as net:
        ana, bo = net["ana"], net["bo"]
        _, root = await net.asked()
        request = await bo.hears("R-1 FTC asks ACMA", net.desks["ACMA"])
        assert request["sender"] == net.bots["B"]
        await bo.say(net.desks["ACMA"], "Fast Parcels.", thread=root)
        copy = await ana.hears("> Fast Parcels.", net.desks["FTC"])
        assert copy["sender"] == net.bots["A"]

        guests = [bo.user, *net.bots.values()]
        shared = str(must(await ana.client.room_create(invite=guests), nio.RoomCreateResponse).room_id)
        for person in (ana, bo):  # each homeserver learns it at its own time
            await joined(person, shared, *guests)
        await ana.hears("I am Comity", shared)
        asked = [await person.say(shared, "!case nothing") for person in (ana, bo)]
        for line in asked:
            await ana.hears_below(line, shared)
        await net.comity.delivered()
        await ana.say(net.desks["FTC"], "!case nothing")
        await ana.hears("There is no /case nothing", net.desks["FTC"])
        greeting, *answers = ana.from_comity(shared)
        assert "I am Comity" in body(greeting)
        assert sorted(str(root_of(event)) for event in answers) == sorted(asked)


async def _reads(person: Person, room: str, words: Sequence[str]) -> None:
    """Wait until they read exactly these copies, in some order, when they scroll up: a sync shows the newest only."""
    async with asyncio.timeout(LONG):
        while True:
            said = await read(person.client, room)
            copies = [found[1] for text in said if (found := WORD.search(text))]
            if len(copies) >= len(words):
                break
            await asyncio.sleep(0.5)  # a look at the condition that is waited for
    assert sorted(copies) == sorted(words)

"""The main job in Matrix rooms: what one person types, and what another then sees."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.bot.matrix.network import Network, body, network, root_of
from tests.synapse import Synapse


@pytest.fixture
async def net(homeserver: Synapse, tmp_path: Path) -> AsyncIterator[Network]:
    async with network(homeserver, tmp_path) as found:
        yield found


async def test_a_request_crosses_from_one_desk_to_the_other_and_comes_back(net: Network) -> None:
    ana, bo, ftc, acma = net["ana"], net["bo"], net.desks["FTC"], net.desks["ACMA"]
    await ana.say(ftc, "!case open Pump-and-dump mailing")
    case = await ana.hears("C-1 Pump-and-dump mailing", ftc)
    assert root_of(case) is None
    await ana.say(ftc, "!request send ACMA Who rented mailbox 1200?", thread=str(case["event_id"]))
    request = await bo.hears("R-1 FTC asks ACMA: evidence", acma)
    assert "Acknowledge: !request ack R-1" in body(request)
    root = str(request["event_id"])
    await bo.react(acma, root, "✔️")
    assert "acknowledged R-1" in body(await ana.hears("bo (ACMA) acknowledged R-1", ftc))
    await bo.say(acma, ";; Bea, do we have the rental agreement?", thread=root)
    reply = await bo.say(acma, "It was rented on 3 May.", thread=root)
    copy = await ana.hears("It was rented on 3 May.", ftc)
    await bo.edit(acma, reply, "It was rented on 4 May.")
    edited = await ana.hears("* TLP:AMBER\nbo (ACMA)", ftc)
    assert edited["content"]["m.relates_to"] == {"rel_type": "m.replace", "event_id": copy["event_id"]}
    assert "> It was rented on 4 May." in body(edited)
    await bo.redact(acma, reply)
    await ana.hears(": deleted. `!request show R-1` keeps the words.", ftc)
    private = await bo.hears("This is our answer: !request answer R-1")
    assert root_of(private) is None
    await bo.say(acma, "!answer It was Fast Parcels.", thread=root)
    await ana.hears("> It was Fast Parcels.", ftc)
    assert not any("rental agreement" in body(event) for event in ana.from_comity())


async def test_a_listing_is_read_by_its_asker_alone(net: Network) -> None:
    ana, ada, ftc = net["ana"], net["ada"], net.desks["FTC"]
    await ana.say(ftc, "!case open Pump-and-dump mailing")
    await ana.hears("C-1", ftc)
    asked = await ana.say(ftc, "!case list")
    assert root_of(await ana.hears("Answered privately.", ftc)) == asked
    await ana.hears("C-1 Pump-and-dump mailing\nTLP:AMBER")
    await ada.hears("Answered privately.", ftc)
    assert not any(body(event).startswith("TLP:AMBER\n- C-1") for event in ada.from_comity())


async def test_a_missing_value_is_asked_for_in_the_thread_and_can_be_cancelled(net: Network) -> None:
    ana, ftc = net["ana"], net.desks["FTC"]
    line = await ana.say(ftc, "!case open")
    assert root_of(await ana.hears("Title? Write it here, or `cancel`.", ftc)) == line
    await ana.say(ftc, "cancel", thread=line)
    await ana.hears("Cancelled: nothing was entered.", ftc)
    line = await ana.say(ftc, "!case open")
    await ana.hears("Title?", ftc, count=2)
    net.comity.stop()
    net.comity.start()
    await ana.say(ftc, "Parcel scam", thread=line)
    await ana.hears("C-1 Parcel scam", ftc)


async def test_a_usage_error_stands_in_the_thread_of_its_writer_and_calls_them(net: Network) -> None:
    ana, ftc = net["ana"], net.desks["FTC"]
    line = await ana.say(ftc, "!case frobnicate")
    answer = await ana.hears("There is no !case frobnicate.".replace("!case", "/case"), ftc)
    assert root_of(answer) == line
    assert answer["content"]["m.mentions"] == {"user_ids": [ana.user]}


async def test_words_of_others_are_neither_links_nor_mentions(net: Network) -> None:
    ana, ftc = net["ana"], net.desks["FTC"]
    await ana.say(ftc, "!case open <b>Evil</b> @room https://evil.example/ &amp; **bold**")
    event = await ana.hears("C-1", ftc)
    html = event["content"]["formatted_body"]
    assert "<code>@room</code>" in html
    assert "<b>" not in html
    assert "<a " not in html
    assert event["content"]["m.mentions"] == {}

"""Rooms and who sits in them: invitations, upgrades, rooms left and joined, words changed by the wrong hand."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import nio
import pytest

from tests.bot.matrix.network import Network, Person, body, gone, joined, network, word
from tests.bot.matrix.people import PASSWORD, logged_in, must
from tests.synapse import Synapse


@pytest.fixture
async def net(homeserver: Synapse, tmp_path: Path) -> AsyncIterator[Network]:
    async with network(homeserver, tmp_path) as found:
        yield found


@pytest.fixture
async def stranger(homeserver: Synapse, net: Network) -> AsyncIterator[Person]:
    """Nobody has enrolled them."""
    user = homeserver.register(net.bot[1:].partition(":")[0].replace("comity", "zoe"), PASSWORD)
    async with logged_in(homeserver.url, user) as client, closing(Person(client)) as person:
        yield person


@asynccontextmanager
async def closing(person: Person) -> AsyncIterator[Person]:
    try:
        yield person
    finally:
        await person.close()


async def test_nobody_changes_or_deletes_the_words_of_another(net: Network) -> None:
    ana, bo, bea, acma = net["ana"], net["bo"], net["bea"], net.desks["ACMA"]
    _, root = await net.asked()
    reply = await bo.say(acma, "Word one.", thread=root)
    await ana.hears("> Word one.", net.desks["FTC"])
    await joined(bo, acma, bea.user)
    await bea.edit(acma, reply, "Word forged.")
    await _set_power(bo, acma, users={bea.user: 50})
    await bea.redact(acma, reply)
    await bo.say(acma, "Word two.", thread=root)
    await ana.hears("> Word two.", net.desks["FTC"])
    assert net.comity.tags()["refused:foreign"] == 2
    assert [found for event in ana.from_comity() if (found := word(event))] == ["Word one.", "Word two."]
    await bo.redact(acma, reply)
    await ana.hears(": deleted. `!request show R-1` keeps the words.", net.desks["FTC"])


@pytest.mark.parametrize("version", ["11", "12"])
async def test_an_upgraded_desk_is_followed_and_moved_by_its_coordinator(net: Network, version: str) -> None:
    ana, ada, old = net["ana"], net["ada"], net.desks["FTC"]
    await net.asked()
    new = await _upgrade(ana, old, version)
    for user in (net.bot, ada.user):  # as a client does after an upgrade
        must(await ana.client.room_invite(new, user), nio.RoomInviteResponse)
    await joined(ana, new, ada.user)
    told = await ana.hears("This room replaces one that is the desk of FTC.", new)
    assert "!agency desk FTC" in body(told)
    await ada.say(new, "!agency desk FTC")
    await ana.hears("FTC has its desk here now.", new)
    await ana.hears("C-1 Case", new)
    root = str((await ana.hears("R-1 FTC asks ACMA", new))["event_id"])
    await ana.say(new, "Word from the new room.", thread=root)
    await net["bo"].hears("> Word from the new room.", net.desks["ACMA"])


async def test_a_private_answer_reaches_one_who_has_left_the_direct_room(net: Network) -> None:
    ana, ftc = net["ana"], net.desks["FTC"]
    await ana.say(ftc, "!case list")
    room = await ana.room_of("There is no such case.")
    must(await ana.client.room_leave(room), nio.RoomLeaveResponse)
    await ana.say(ftc, "!case list")
    await ana.hears("There is no such case.", count=2)


async def test_no_private_answer_is_read_by_a_third_person(net: Network) -> None:
    ana, ada, ftc = net["ana"], net["ada"], net.desks["FTC"]
    await ana.say(ftc, "!case open Case")
    await ana.hears("C-1", ftc)
    await ana.say(ftc, "!case list")
    room = await ana.room_of("TLP:AMBER\n- C-1")
    must(await ana.client.room_invite(room, ada.user), nio.RoomInviteResponse)
    await joined(ana, room, ada.user)
    await ana.say(ftc, "!case list")
    await ana.hears("TLP:AMBER\n- C-1", count=2)
    await ana.say(room, "!case list")
    await ana.hears("TLP:AMBER\n- C-1", count=3)
    await ada.hears("Answered privately.", room)
    assert len([event for event in ana.from_comity(room) if "- C-1" in body(event)]) == 1


async def test_a_stranger_brings_comity_into_a_direct_room_only_and_not_too_often(
    net: Network, stranger: Person
) -> None:
    room = await _invite(stranger, net.bot, direct=False)
    await gone(stranger.client, room, net.bot)
    assert net.comity.tags()["refused:invitation"] == 1
    for _ in range(9):
        room = await _invite(stranger, net.bot, direct=True)
        await joined(stranger, room, net.bot)
        await stranger.hears("What I say here only you read.", room)
    room = await _invite(stranger, net.bot, direct=True)
    await gone(stranger.client, room, net.bot)
    assert net.comity.tags()["refused:invitation"] == 2


async def test_thrown_out_of_a_desk_comity_says_so_and_goes_on_when_it_is_back(net: Network) -> None:
    ana, bo, ftc = net["ana"], net["bo"], net.desks["FTC"]
    _, root = await net.asked()
    must(await ana.client.room_kick(ftc, net.bot), nio.RoomKickResponse)
    await bo.say(net.desks["ACMA"], "Word meanwhile.", thread=root)
    await net.comity.until(lambda: any(error for _, _, error in net.comity.waiting()))
    assert f"matrix:HOME/{ftc} is undelivered: none of our accounts is in" in net.comity.program("doctor", code=1)
    must(await ana.client.room_invite(ftc, net.bot), nio.RoomInviteResponse)
    await ana.hears("> Word meanwhile.", ftc)
    await net.comity.delivered()
    assert net.comity.program("doctor").strip() == "All is well."


async def test_where_comity_may_not_write_the_writer_is_told_directly(net: Network) -> None:
    ana, ftc = net["ana"], net.desks["FTC"]
    await _set_power(ana, ftc, events_default=50)
    await ana.say(ftc, "!case open Case")
    room = await ana.room_of("I may not write in that place, so nothing was entered.")
    assert room != ftc
    await _set_power(ana, ftc, events_default=0)
    await ana.say(ftc, "!case open Case")
    await ana.hears("C-1 Case", ftc)


async def _set_power(person: Person, room: str, *, users: dict[str, int] | None = None, **levels: int) -> None:
    """Change the levels that the room has; its creators stand above them."""
    answer = await person.client.room_get_state_event(room, "m.room.power_levels")
    content = must(answer, nio.RoomGetStateEventResponse).content | levels
    content["users"] = content.get("users", {}) | (users or {})
    must(await person.client.room_put_state(room, "m.room.power_levels", content), nio.RoomPutStateResponse)


async def _upgrade(person: Person, room: str, version: str) -> str:
    """By the homeserver itself, as clients do; the new room."""
    path = f"/_matrix/client/v3/rooms/{room}/upgrade"
    headers = {"Authorization": f"Bearer {person.client.access_token}"}
    answer = await person.client.send("POST", path, f'{{"new_version": "{version}"}}', headers)
    return str((await answer.json())["replacement_room"])


async def _invite(person: Person, bot: str, *, direct: bool) -> str:
    answer = await person.client.room_create(is_direct=direct, invite=[bot])
    return str(must(answer, nio.RoomCreateResponse).room_id)

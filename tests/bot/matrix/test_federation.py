"""Two homeservers share a room; what one misses while it is away, it gets when it is back."""

from __future__ import annotations

import nio

from tests.bot.matrix.people import PASSWORD, found, invited, logged_in, must, say, until_read
from tests.synapse import Synapse


async def _met(host: nio.AsyncClient, guest: nio.AsyncClient) -> str:
    room = await found(host)
    must(await host.room_invite(room, guest.user_id), nio.RoomInviteResponse)
    await invited(guest, room)
    must(await guest.join(room), nio.JoinResponse)
    return room


async def test_messages_cross(two_homeservers: tuple[Synapse, Synapse]) -> None:
    here, there = two_homeservers
    ana, bo = here.register("cross-ana", PASSWORD), there.register("cross-bo", PASSWORD)
    async with logged_in(here.url, ana) as at_ana, logged_in(there.url, bo) as at_bo:
        room = await _met(at_ana, at_bo)
        await say(at_ana, room, "Who owned it?")
        await until_read(at_bo, room, ["Who owned it?"])
        await say(at_bo, room, "A shop.")
        await until_read(at_ana, room, ["Who owned it?", "A shop."])


async def test_what_was_said_while_one_was_away_arrives(two_homeservers: tuple[Synapse, Synapse]) -> None:
    here, there = two_homeservers
    ana, bo = here.register("away-ana", PASSWORD), there.register("away-bo", PASSWORD)
    async with logged_in(here.url, ana) as at_ana:
        async with logged_in(there.url, bo) as at_bo:
            room = await _met(at_ana, at_bo)
            await say(at_ana, room, "first")
            await until_read(at_bo, room, ["first"])
        there.stop()
        texts = [f"meanwhile {number}" for number in range(20)]
        for text in texts:
            await say(at_ana, room, text)
        there.start()
        async with logged_in(there.url, bo) as at_bo:
            await until_read(at_bo, room, ["first", *texts])
            await say(at_bo, room, "read")
        await until_read(at_ana, room, ["first", *texts, "read"])

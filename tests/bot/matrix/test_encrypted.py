"""Comity in an encrypted room: it reads and is read over restarts, and refuses to start without its keys."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import nio

from tests.bot.matrix.network import Network, Person, body, joined, network, root_of
from tests.bot.matrix.people import must
from tests.bot.matrix.sealed import ENCRYPTION, person, raw_type
from tests.synapse import Synapse


@asynccontextmanager
async def _sealed(homeserver: Synapse, folder: Path) -> AsyncIterator[tuple[Network, Person, str]]:
    """The network, ada at a client that encrypts, and an encrypted room of hers where Comity sits."""
    async with AsyncExitStack() as stack:
        net = await stack.enter_async_context(network(homeserver, folder, "FTC"))
        client = await stack.enter_async_context(person(homeserver, net["ada"].user, folder / "ada"))
        ada = Person(client)
        stack.push_async_callback(ada.close)
        asking = client.room_create(initial_state=[ENCRYPTION], invite=[net.bot])
        room = str(must(await asking, nio.RoomCreateResponse).room_id)
        await joined(ada, room, net.bot)
        await ada.hears("To be reached here", room)
        yield net, ada, room


async def test_it_reads_and_is_read_over_a_restart(homeserver: Synapse, tmp_path: Path) -> None:
    async with _sealed(homeserver, tmp_path) as (net, ada, room):
        await ada.say(room, "!agency desk FTC")
        await ada.hears("FTC has its desk here now.", room)
        net.comity.stop()
        for number in range(3):
            await ada.say(room, f"!case open Secret mailing {number}")
        net.comity.start()
        for number in range(3):
            case = await ada.hears(f"Secret mailing {number}", room)
            assert await raw_type(ada.client, room, str(case["event_id"])) == "m.room.encrypted"
        assert not any("Secret" in body(event) for _, event in net["ana"].heard)


async def test_a_lost_store_stops_the_start_with_a_clear_word(homeserver: Synapse, tmp_path: Path) -> None:
    async with network(homeserver, tmp_path, "FTC") as net:
        net.comity.stop()
        device = (tmp_path / "store" / "device.json").read_bytes()
        shutil.rmtree(tmp_path / "store")
        (tmp_path / "store").mkdir()
        (tmp_path / "store" / "device.json").write_bytes(device)
        assert "has lost its store" in net.comity.refusal("worker")


async def test_a_message_without_its_key_is_answered_in_its_thread(homeserver: Synapse, tmp_path: Path) -> None:
    async with _sealed(homeserver, tmp_path) as (_net, ada, room):
        ciphertext = {"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": "AwgA", "sender_key": "k", "session_id": "s"}
        # as a client sends it that shares its keys with signed devices of other people only
        number = await ada.unsealed(room, "m.room.encrypted", {**ciphertext, "device_id": ada.client.device_id})
        answer = await ada.hears("I could not read that message", room)
        assert root_of(answer) == number

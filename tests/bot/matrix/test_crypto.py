"""In encrypted rooms the bot reads and is read, also after it was away, and nothing of it ever goes out in plain."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import nio
import pytest
from nio.event_builders import ToDeviceMessage

from bot.matrix.client import Client
from bot.matrix.cross_signing import sign_self
from bot.matrix.crypto import Withheld, maintain, unlocked, withheld
from bot.matrix.session import session
from bot.matrix.wire import ask
from bot.platform import UnreachableError
from bot.settings import MatrixAccount
from tests.bot.matrix.people import PASSWORD, must
from tests.bot.matrix.sealed import (
    ENCRYPTION,
    account_of,
    found_sealed,
    heard,
    listen,
    person,
    raw_type,
    settle,
    whisper,
)
from tests.synapse import Synapse


@pytest.fixture
def names(homeserver: Synapse) -> tuple[str, str]:
    """A bot and Ana, whom no other test knows."""
    own = os.urandom(4).hex()
    return homeserver.register(f"bot-{own}", PASSWORD), homeserver.register(f"ana-{own}", PASSWORD)


@pytest.fixture
def account(homeserver: Synapse, names: tuple[str, str], tmp_path: Path) -> MatrixAccount:
    return account_of(homeserver, names[0], tmp_path)


@pytest.fixture
async def ana(homeserver: Synapse, names: tuple[str, str], tmp_path: Path) -> AsyncIterator[nio.AsyncClient]:
    async with person(homeserver, names[1], tmp_path / "ana") as client:
        yield client


@asynccontextmanager
async def started(account: MatrixAccount) -> AsyncIterator[Client]:
    async with session(account) as client:
        await sign_self(client, account)
        yield client


async def test_they_read_each_other(account: MatrixAccount, ana: nio.AsyncClient) -> None:
    async with started(account) as bot:
        room = await found_sealed(ana, bot)
        asked = await whisper(ana, room, "!case list")
        _, (event,) = await listen(bot)
        assert (event.body, event.decrypted, event.sender) == ("!case list", True, ana.user_id)
        said = await whisper(bot, room, "No open cases.")
        assert await heard(ana) == ["!case list", "No open cases."]
        assert {await raw_type(bot, room, asked), await raw_type(bot, room, said)} == {"m.room.encrypted"}


async def test_what_was_said_while_the_bot_was_away(account: MatrixAccount, ana: nio.AsyncClient) -> None:
    async with started(account) as bot:
        room = await found_sealed(ana, bot)
        since, _ = await listen(bot)
    await whisper(ana, room, "first")
    await whisper(ana, room, "second")
    async with started(account) as bot:
        _, events = await listen(bot, since)
        assert [event.body for event in events] == ["first", "second"]
    async with started(account) as bot:  # it ended before it kept its token
        _, events = await listen(bot, since)
        assert [event.body for event in events] == ["first", "second"]
        await whisper(bot, room, "heard")
        assert (await heard(ana))[-1] == "heard"


async def test_a_room_that_no_sync_has_brought_is_asked_about(account: MatrixAccount, ana: nio.AsyncClient) -> None:
    async with started(account) as bot:
        made = await bot.room_create(initial_state=[ENCRYPTION], invite=[ana.user_id])
        room = must(made, nio.RoomCreateResponse).room_id
        must(await ana.join(room), nio.JoinResponse)
        await settle(ana)
        assert room not in bot.rooms
        said = await whisper(bot, room, "privately")
        assert await raw_type(bot, room, said) == "m.room.encrypted"
        assert await heard(ana) == ["privately"]


async def test_a_plain_room_stays_plain_until_it_is_encrypted(account: MatrixAccount, ana: nio.AsyncClient) -> None:
    async with started(account) as bot:
        room = must(await bot.room_create(invite=[ana.user_id]), nio.RoomCreateResponse).room_id
        must(await ana.join(room), nio.JoinResponse)
        await settle(ana)
        assert await raw_type(bot, room, await whisper(bot, room, "plain")) == "m.room.message"
        content = {"algorithm": "m.megolm.v1.aes-sha2"}
        must(await bot.room_put_state(room, "m.room.encryption", content), nio.RoomPutStateResponse)
        await settle(ana)
        await listen(bot)
        assert await raw_type(bot, room, await whisper(bot, room, "sealed")) == "m.room.encrypted"
        assert await heard(ana) == ["sealed"]


async def test_an_encryption_that_nobody_knows_is_encryption(account: MatrixAccount) -> None:
    async with started(account) as bot:
        odd = ENCRYPTION | {"content": {"algorithm": "org.example.rot13"}}
        room = must(await bot.room_create(initial_state=[odd]), nio.RoomCreateResponse).room_id
        assert await bot.mind_encryption(room)
        del bot.rooms[room]
        await listen(bot)
        assert await bot.mind_encryption(room)


async def test_a_new_device_reads_what_comes_next(
    homeserver: Synapse, account: MatrixAccount, ana: nio.AsyncClient, tmp_path: Path
) -> None:
    async with started(account) as bot:
        room = await found_sealed(ana, bot)
        since, _ = await listen(bot)
        await whisper(bot, room, "to one device")
        async with person(homeserver, ana.user_id, tmp_path / "phone") as phone:
            await listen(bot, since)
            await whisper(bot, room, "to both")
            assert (await heard(phone))[-1] == "to both"
            assert (await heard(ana))[-1] == "to both"


async def test_one_malformed_message_to_the_device_ends_no_sync(account: MatrixAccount, ana: nio.AsyncClient) -> None:
    async with started(account) as bot:
        room = await found_sealed(ana, bot)
        since, _ = await listen(bot)
        key = bot.olm.account.identity_keys["curve25519"]
        for body in ("AwA", "not base64!", ""):
            sealed = {"ciphertext": {key: {"type": 0, "body": body}}, "sender_key": "x" * 43}
            content = {"algorithm": "m.olm.v1.curve25519-aes-sha2", **sealed}
            message = ToDeviceMessage("m.room.encrypted", bot.user_id, bot.device_id, content)
            must(await ana.to_device(message), nio.ToDeviceResponse)
        await whisper(ana, room, "still heard")
        _, (event,) = await listen(bot, since)
        assert event.body == "still heard"


async def test_the_one_time_keys_run_out_and_it_is_reached_all_the_same(
    account: MatrixAccount, ana: nio.AsyncClient
) -> None:
    async with started(account) as bot:
        room = await found_sealed(ana, bot)
        since, _ = await listen(bot)
        user, device, most = bot.user_id, bot.device_id, bot.olm.account.max_one_time_keys
    claim = {"one_time_keys": {user: {device: "signed_curve25519"}}}
    for _ in range(most):
        await ask(ana, "POST", "/_matrix/client/v3/keys/claim", claim)
    await whisper(ana, room, "by the fallback key")
    async with started(account) as bot:
        assert bot.olm.uploaded_key_count is None
        _, (event,) = await listen(bot, since)
        assert event.body == "by the fallback key"
        assert bot.olm.uploaded_key_count == most


async def test_keys_that_others_may_have_are_kept_before_the_upload(account: MatrixAccount) -> None:
    async with session(account) as bot:
        uploaded = bot.olm.share_keys()
    async with session(account) as bot:
        again = bot.olm.share_keys()
    assert len(uploaded["one_time_keys"]) > 1
    assert uploaded["one_time_keys"].items() <= again["one_time_keys"].items()
    assert uploaded["fallback_keys"] == again["fallback_keys"]


async def test_a_key_that_did_not_go_out_is_no_message(
    account: MatrixAccount, ana: nio.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with started(account) as bot:
        room = await found_sealed(ana, bot)
        await listen(bot)
        with monkeypatch.context() as patch:
            patch.setattr(nio.Api, "to_device", lambda *_: ("PUT", "/_matrix/client/v3/nowhere", "{}"))
            with pytest.raises(UnreachableError):
                await whisper(bot, room, "unreadable")
        await whisper(bot, room, "readable")
        assert await heard(ana) == ["readable"]


async def test_a_device_without_one_time_keys_is_tried_again(
    account: MatrixAccount, ana: nio.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.matrix.client.ASK_AGAIN", 0)
    async with started(account) as bot:
        room = await found_sealed(ana, bot)
        await listen(bot)
        claim = {"one_time_keys": {ana.user_id: {ana.device_id: "signed_curve25519"}}}
        path = "/_matrix/client/v3/keys/claim"
        while (await ask(bot, "POST", path, claim))["one_time_keys"].get(ana.user_id):
            pass
        await whisper(bot, room, "too early")
        ana.olm.uploaded_key_count = 0
        must(await ana.keys_upload(), nio.KeysUploadResponse)
        await whisper(bot, room, "in time")
        assert await heard(ana) == ["?", "in time"]


async def test_an_event_whose_key_comes_late(account: MatrixAccount, ana: nio.AsyncClient) -> None:
    async with started(account) as bot:
        room = await found_sealed(ana, bot)
        since, _ = await listen(bot)
        await whisper(ana, room, "late")
        sessions, bot.olm.inbound_group_store = bot.olm.inbound_group_store, type(bot.olm.inbound_group_store)()
        keep, bot.olm.create_group_session = bot.olm.create_group_session, sessions_of(bot, sessions)
        _, (event,) = await listen(bot, since)
        assert isinstance(event, nio.MegolmEvent)
        assert unlocked(bot, event) is None
        bot.olm.create_group_session, bot.olm.inbound_group_store = keep, sessions
        assert unlocked(bot, event).body == "late"


def sessions_of(bot: Client, sessions: Any) -> Any:
    """Takes a key that comes into another store than the one that is read."""
    create = type(bot.olm).create_group_session

    def late(*arguments: Any) -> None:
        read, bot.olm.inbound_group_store = bot.olm.inbound_group_store, sessions
        create(bot.olm, *arguments)
        bot.olm.inbound_group_store = read

    return late


async def test_a_withheld_key_is_recognised(account: MatrixAccount, ana: nio.AsyncClient) -> None:
    async with started(account) as bot:
        since, _ = await listen(bot)
        content = {"room_id": "!r", "session_id": "S", "code": "m.unverified", "reason": "secret words", "x": 1}
        for wrong in (content, content | {"code": ["?"]}):
            message = ToDeviceMessage("m.room_key.withheld", bot.user_id, bot.device_id, wrong)
            must(await ana.to_device(message), nio.ToDeviceResponse)
        answer = must(await bot.sync(since=since), nio.SyncResponse)
        refused = [withheld(event) for event in answer.to_device_events]
        assert refused[0] == Withheld(ana.user_id, "!r", "S", "m.unverified")
        assert refused[0].reason == "our device is not verified: is it cross-signed?"
        assert refused[1] == Withheld(ana.user_id, "!r", "S", "")
        await maintain(bot)

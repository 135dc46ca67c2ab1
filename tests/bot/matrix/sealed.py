"""Bots and people who encrypt, for tests. The people have nio's own client: what it reads, any other reads."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import nio
from nio.crypto.attachments import decrypt_attachment

from bot.matrix.client import Client
from bot.matrix.crypto import maintain
from bot.matrix.wire import ask
from bot.settings import MatrixAccount
from tests.bot.matrix.people import PASSWORD, must
from tests.synapse import Synapse

WRONG = "spoilt-secret"
ENCRYPTION = {"type": "m.room.encryption", "state_key": "", "content": {"algorithm": "m.megolm.v1.aes-sha2"}}


def account_of(homeserver: Synapse, user_id: str, folder: Path, **changes: Any) -> MatrixAccount:
    """A bot's settings, with the password of the tests."""
    account = MatrixAccount(
        name="FTC",
        homeserver=homeserver.url,
        user_id=user_id,
        password=PASSWORD,
        access_token=None,
        device_id=None,
        store_dir=folder / "store",
        pickle_key=None,
        allow=(homeserver.server_name,),
    )
    return replace(account, **changes)


@asynccontextmanager
async def person(homeserver: Synapse, user_id: str, folder: Path) -> AsyncIterator[nio.AsyncClient]:
    """Someone at a client that encrypts."""
    folder.mkdir()  # noqa: ASYNC240
    config = nio.AsyncClientConfig(max_timeouts=1, max_limit_exceeded=0)
    client = nio.AsyncClient(homeserver.url, user_id, store_path=str(folder), config=config)
    try:
        must(await client.login(PASSWORD), nio.LoginResponse)
        await settle(client)
        yield client
    finally:
        await client.close()
        if client.store:
            client.store.database.close()


async def settle(client: nio.AsyncClient) -> None:
    """What nio's own loop does in a turn."""
    must(await client.sync(full_state=True), nio.SyncResponse)
    if client.should_upload_keys:
        must(await client.keys_upload(), nio.KeysUploadResponse)
    if client.should_query_keys:
        must(await client.keys_query(), nio.KeysQueryResponse)


async def listen(client: Client, since: str = "") -> tuple[str, list[Any]]:
    """One turn of a bot: the next token, and what was written, oldest first."""
    answer = must(await client.sync(since=since or None, full_state=True), nio.SyncResponse)
    await maintain(client)
    events = [event for room in answer.rooms.join.values() for event in room.timeline.events]
    return answer.next_batch, [event for event in events if isinstance(event, nio.RoomMessageText | nio.MegolmEvent)]


async def found_sealed(client: nio.AsyncClient, *guests: nio.AsyncClient) -> str:
    """An encrypted room of the client's, where the guests have come in; everyone has heard of it."""
    invited = [guest.user_id for guest in guests]
    room = must(await client.room_create(initial_state=[ENCRYPTION], invite=invited), nio.RoomCreateResponse).room_id
    for guest in guests:
        must(await guest.join(room), nio.JoinResponse)
    for everyone in (client, *guests):
        await settle(everyone)
    return str(room)


async def whisper(client: nio.AsyncClient, room: str, text: str) -> str:
    """Say it in an encrypted room; returns the id of the event."""
    content = {"msgtype": "m.text", "body": text}
    answer = await client.room_send(room, "m.room.message", content, ignore_unverified_devices=True)
    return str(must(answer, nio.RoomSendResponse).event_id)


async def heard(client: nio.AsyncClient) -> list[str]:
    """What a person reads of what came since they last looked; "?" is what stayed encrypted."""
    answer = must(await client.sync(), nio.SyncResponse)
    events = [event for room in answer.rooms.join.values() for event in room.timeline.events]
    return [getattr(event, "body", "?") for event in events if isinstance(event, nio.RoomMessageText | nio.MegolmEvent)]


async def raw_type(client: nio.AsyncClient, room: str, event: str) -> str:
    """What kind of event the homeserver keeps: m.room.encrypted, or one that it can read."""
    answer = await ask(client, "GET", f"/_matrix/client/v3/rooms/{quote(room)}/event/{quote(event)}")
    return str(answer["type"])


def opened(content: dict[str, Any], ciphertext: bytes) -> bytes:
    """By nio's own reading of https://spec.matrix.org/latest/client-server-api/#extensions-to-mroommessage-msgtypes."""
    file = content["file"]
    assert (file["v"], file["key"]["alg"]) == ("v2", "A256CTR")
    return bytes(decrypt_attachment(ciphertext, file["key"]["k"], file["hashes"]["sha256"], file["iv"]))

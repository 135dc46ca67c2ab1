"""Opens an account at its homeserver: the same device at every start, logged in only when it must; syncs nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from bot.matrix.client import Client
from bot.matrix.crypto import check_store
from bot.matrix.store import Device, held
from bot.matrix.trouble import AccountError, AnswerError, LoggedOutError
from bot.matrix.wire import ask
from bot.settings import MatrixAccount


@asynccontextmanager
async def session(account: MatrixAccount) -> AsyncIterator[Client]:
    """The account's client, logged in, its store loaded and found to be the device's; closed at the end.

    Raises:
        AccountError: the operator must mend it (StoreInUseError and LostStoreError are such).
        UnreachableError: the homeserver does not answer; try again later.
    """
    with held(account) as store:
        client = Client(store)
        try:
            await _enter(client, account)
            await check_store(client, account)
            yield client
        finally:
            await client.close()


async def _enter(client: Client, account: MatrixAccount) -> None:
    device = client.kept.device()
    for token in (account.access_token, device.access_token):
        if token and await _taken(client, account, device, token):
            client.restore_login(account.user_id, device.device_id, token)
            return
    if account.password is None:
        raise AccountError(account, "is not taken by the homeserver: set a new one", key="access_token")
    token = await _log_in(client, account, device)
    client.kept.keep(replace(device, access_token=token))
    client.restore_login(account.user_id, device.device_id, token)


async def _taken(client: Client, account: MatrixAccount, device: Device, token: str) -> bool:
    client.access_token = token
    try:
        who = await ask(client, "GET", "/_matrix/client/v3/account/whoami")
    except LoggedOutError:
        return False
    except AnswerError as refusal:
        raise AccountError(account, f"is not taken by the homeserver: {refusal.code}", key="access_token") from None
    finally:
        client.access_token = ""
    _must_be_us(account, str(who.get("user_id")))
    if who.get("device_id", device.device_id) != device.device_id:
        raise AccountError(account, f"is not the access token's device: that is {who['device_id']}", key="device_id")
    return True


async def _log_in(client: Client, account: MatrixAccount, device: Device) -> str:
    body = {
        "type": "m.login.password",
        "identifier": {"type": "m.id.user", "user": account.user_id},
        "password": account.password,
        "device_id": device.device_id,
        "initial_device_display_name": "Comity",
    }
    try:
        answer = await ask(client, "POST", "/_matrix/client/v3/login", body)
    except AnswerError as refusal:
        what = f"is not taken by the homeserver for {account.user_id}: {refusal.code}"
        raise AccountError(account, what, key="password") from None
    _must_be_us(account, str(answer.get("user_id")))
    return str(answer["access_token"])


def _must_be_us(account: MatrixAccount, user_id: str) -> None:
    if user_id != account.user_id:
        raise AccountError(account, f"is {account.user_id}, but the login is {user_id}'s", key="user_id")

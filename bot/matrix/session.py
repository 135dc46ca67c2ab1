"""Logs an account in and keeps its device, the same one after every restart, with its keys; it hears nothing."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import nio

from bot.matrix.answers import ask
from bot.platform import AwayError, RefusedError
from bot.settings import MatrixAccount

REQUEST_TIMEOUT = 20.0
"""Seconds that a homeserver may take to answer."""


class AccountError(Exception):
    """The account cannot be used before somebody mends it; the text says how, and holds no secret."""


@asynccontextmanager
async def session(account: MatrixAccount) -> AsyncIterator[nio.AsyncClient]:
    """The account's client, logged in; raises AccountError, or UnreachableError if the homeserver does not answer."""
    with _alone(account):
        client = _client(account)
        try:
            await _log_in(client, account)
            yield client
        finally:
            await client.close()


@contextmanager
def _alone(account: MatrixAccount) -> Iterator[None]:
    """Two processes with one store would ruin its keys."""
    folder = account.store_dir
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / "lock").open("w", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise AccountError(f"matrix {account.name}: another process uses {folder}") from None
        yield


def _client(account: MatrixAccount) -> nio.AsyncClient:
    kept = _kept(account)
    config = nio.AsyncClientConfig(
        encryption_enabled=True,
        pickle_key=account.pickle_key or _secret(account.store_dir / "pickle"),
        store_sync_tokens=False,
        max_timeouts=1,
        max_limit_exceeded=3,
        request_timeout=REQUEST_TIMEOUT,
    )
    device = account.device_id or kept.get("device") or f"COMITY{secrets.token_hex(5).upper()}"
    return nio.AsyncClient(account.homeserver, account.user_id, device, str(account.store_dir), config)


def kept_token(account: MatrixAccount) -> str | None:
    """The token of the last session, if there was one."""
    return _kept(account).get("token")


def _kept(account: MatrixAccount) -> dict[str, str]:
    try:
        kept: dict[str, str] = json.loads((account.store_dir / "session.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return kept


def _secret(file: Path) -> str:
    """Made once; whoever can read the store can read this too, so its mode is what protects both."""
    if not file.exists():
        _write(file, secrets.token_urlsafe(32))
    return file.read_text(encoding="utf-8")


def _write(file: Path, text: str) -> None:
    """All of it or nothing, for us alone."""
    new = file.with_suffix(".new")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    new.replace(file)


async def _log_in(client: nio.AsyncClient, account: MatrixAccount) -> None:
    token = account.access_token or kept_token(account)
    if token and await _restored(client, account, token):
        return
    if account.password is None:
        raise AccountError(f"matrix {account.name}: the access token is not accepted: set a new one")
    try:
        await ask(client.login(account.password, device_name="Comity"), nio.LoginResponse)
    except (AwayError, RefusedError) as error:
        raise AccountError(f"matrix {account.name}: the password of {account.user_id} is not accepted") from error
    _mind_user(account, client.user_id)
    _write(account.store_dir / "session.json", json.dumps({"device": client.device_id, "token": client.access_token}))


async def _restored(client: nio.AsyncClient, account: MatrixAccount, token: str) -> bool:
    """Go on with a token of before; False if it is not accepted."""
    client.access_token = token
    try:
        found = await ask(client.whoami(), nio.WhoamiResponse)
    except AwayError:
        client.access_token = ""
        return False
    _mind_user(account, found.user_id)
    client.restore_login(account.user_id, str(found.device_id or client.device_id), token)
    return True


def _mind_user(account: MatrixAccount, user: str) -> None:
    if user != account.user_id:
        raise AccountError(
            f"matrix {account.name}: the homeserver knows this account as {user}: set that as its USER_ID"
        )

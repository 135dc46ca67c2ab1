"""The bot signs its own device, once and for all; an identity that is not its own is never replaced by itself."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from nio import Api
from unpaddedbase64 import decode_base64

from bot.matrix.client import Client
from bot.matrix.cross_signing import FILE, reset_identity, sign_self
from bot.matrix.crypto import own_keys
from bot.matrix.session import session
from bot.matrix.trouble import AccountError, ForeignIdentityError
from tests.bot.matrix.people import PASSWORD
from tests.bot.matrix.sealed import WRONG, account_of
from tests.synapse import Synapse


def _signed(content: dict[str, Any], user: str, key: str, name: str) -> bool:
    plain = {part: value for part, value in content.items() if part not in {"signatures", "unsigned"}}
    signature = content["signatures"][user].get(f"ed25519:{name}", "")
    try:
        known = Ed25519PublicKey.from_public_bytes(decode_base64(key))
        known.verify(decode_base64(signature), Api.to_canonical_json(plain).encode())
    except InvalidSignature:
        return False
    return True


def _only_key(content: dict[str, Any]) -> str:
    (key,) = content["keys"].values()
    return str(key)


def _trusted(answer: dict[str, Any], client: Client) -> bool:
    """Whether another client would trust our device, having our master key."""
    user = client.user_id
    master, signing = answer["master_keys"][user], answer["self_signing_keys"][user]
    device = answer["device_keys"][user][client.device_id]
    return (
        _signed(signing, user, _only_key(master), _only_key(master))
        and _signed(answer["user_signing_keys"][user], user, _only_key(master), _only_key(master))
        and _signed(device, user, _only_key(signing), _only_key(signing))
        and _signed(master, user, client.olm.account.identity_keys["ed25519"], client.device_id)
    )


async def test_the_device_is_signed_and_a_second_start_changes_nothing(homeserver: Synapse, tmp_path: Path) -> None:
    account = account_of(homeserver, homeserver.register("signs", PASSWORD), tmp_path)
    async with session(account) as client:
        await sign_self(client, account)
        first = await own_keys(client)
        assert _trusted(first, client)
        kept = (account.store_dir / FILE).read_bytes()
    async with session(replace(account, password=WRONG)) as client:
        await sign_self(client, account)
        assert await own_keys(client) == first
    assert (account.store_dir / FILE).read_bytes() == kept


async def test_a_new_device_is_signed_by_the_same_identity(homeserver: Synapse, tmp_path: Path) -> None:
    account = account_of(homeserver, homeserver.register("again", PASSWORD), tmp_path)
    async with session(account) as client:
        await sign_self(client, account)
        master = (await own_keys(client))["master_keys"]
    async with session(replace(account, device_id="NEXT")) as client:
        await sign_self(client, account)
        answer = await own_keys(client)
        assert _only_key(answer["master_keys"][client.user_id]) == _only_key(master[client.user_id])
        assert _trusted(answer, client)


async def test_what_was_kept_but_not_yet_uploaded_is_what_is_uploaded(
    homeserver: Synapse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = account_of(homeserver, homeserver.register("cut", PASSWORD), tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr("bot.matrix.cross_signing._upload", _cut_off)
        async with session(account) as client:
            with pytest.raises(KeyboardInterrupt):
                await sign_self(client, account)
    kept = (account.store_dir / FILE).read_bytes()
    async with session(account) as client:
        await sign_self(client, account)
        assert _trusted(await own_keys(client), client)
    assert (account.store_dir / FILE).read_bytes() == kept


async def _cut_off(*_: object) -> None:
    raise KeyboardInterrupt


async def test_a_foreign_identity_is_reported_and_left_alone(homeserver: Synapse, tmp_path: Path) -> None:
    account = account_of(homeserver, homeserver.register("foreign", PASSWORD), tmp_path / "a")
    async with session(account) as client:
        await sign_self(client, account)
        theirs = (await own_keys(client))["master_keys"]
    other = replace(account, store_dir=tmp_path / "b")
    async with session(other) as client:
        for _ in range(2):
            with pytest.raises(ForeignIdentityError, match="identity whose keys are not in"):
                await sign_self(client, other)
        assert (await own_keys(client))["master_keys"] == theirs
        assert not (other.store_dir / FILE).exists()


async def test_a_device_signed_by_a_foreign_identity_is_well(homeserver: Synapse, tmp_path: Path) -> None:
    account = account_of(homeserver, homeserver.register("vouched", PASSWORD), tmp_path)
    async with session(account) as client:
        await sign_self(client, account)
    (account.store_dir / FILE).unlink()
    async with session(account) as client:
        await sign_self(client, account)
    assert not (account.store_dir / FILE).exists()


async def test_a_new_identity_at_the_operators_word_takes_the_password(homeserver: Synapse, tmp_path: Path) -> None:
    account = account_of(homeserver, homeserver.register("reset", PASSWORD), tmp_path)
    async with session(account) as client:
        await sign_self(client, account)
        old = _only_key((await own_keys(client))["master_keys"][client.user_id])
    shutil.rmtree(account.store_dir)
    async with session(account) as client:
        with pytest.raises(ForeignIdentityError):
            await sign_self(client, account)
        for word, complaint in ((None, "__PASSWORD is missing"), (WRONG, "__PASSWORD does not let")):
            with pytest.raises(AccountError, match=complaint):
                await reset_identity(client, replace(account, password=word))
        await reset_identity(client, account)
        answer = await own_keys(client)
        assert _trusted(answer, client)
        assert _only_key(answer["master_keys"][client.user_id]) != old
        await sign_self(client, account)


async def test_the_kept_keys_want_the_pickle_key(homeserver: Synapse, tmp_path: Path) -> None:
    account = account_of(homeserver, homeserver.register("sealed", PASSWORD), tmp_path)
    async with session(account) as client:
        await sign_self(client, account)
        sealed = client.kept.read(FILE) or b""
        client.kept.write(FILE, sealed[:-1] + bytes([sealed[-1] ^ 1]))
        with pytest.raises(AccountError, match="__PICKLE_KEY does not open"):
            await sign_self(client, account)

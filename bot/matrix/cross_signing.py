"""The bot's cross-signing identity: made once, kept, and put under its device; never replaced by itself.

Element and others leave out devices that their owner has not signed (Matrix specification 1.18, 11.12.3).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from nio import Api
from unpaddedbase64 import decode_base64, encode_base64

from bot.matrix.client import Client
from bot.matrix.crypto import maintain, own_keys
from bot.matrix.trouble import AccountError, AnswerError, ForeignIdentityError
from bot.matrix.wire import ask
from bot.settings import MatrixAccount

FILE = "cross-signing.sealed"
_USES = ("master", "self_signing", "user_signing")
_UNAUTHORIZED = 401

Signed = dict[str, Any]


@dataclass(frozen=True)
class Identity:
    """Three ed25519 keys by what they are used for; whoever has them is the bot, to those who verified it."""

    user_id: str
    keys: dict[str, Ed25519PrivateKey]

    def public(self, use: str) -> str:
        return encode_base64(self.keys[use].public_key().public_bytes_raw())

    def sign(self, content: Signed, use: str) -> Signed:
        signature = encode_base64(self.keys[use].sign(_canonical(content)))
        return _with_signature(content, self.user_id, self.public(use), signature)

    def published(self) -> dict[str, Signed]:
        """As the homeserver takes them: the other two signed by the master."""
        keys = {
            use: {"user_id": self.user_id, "usage": [use], "keys": {f"ed25519:{self.public(use)}": self.public(use)}}
            for use in _USES
        }
        return {use: key if use == "master" else self.sign(key, "master") for use, key in keys.items()}


async def sign_self(client: Client, account: MatrixAccount) -> None:
    """At each start: the device's keys are there, the identity is, and the device is signed by it.

    Raises:
        ForeignIdentityError: the user has another identity, which has not signed our device.
        AccountError: the homeserver wants the password, and has not got the right one.
        UnreachableError, AnswerError: as `ask`.
    """
    await maintain(client)
    answer = await own_keys(client)
    identity = _kept(client)
    master = _of(answer, "master", client)
    if master and (identity is None or _key(master) != identity.public("master")):
        if _signed_by_other(client, answer):
            return
        raise ForeignIdentityError(
            account,
            f"has a cross-signing identity whose keys are not in {account.store_dir}: others will not trust the bot's "
            f"device. Restore that folder from a backup, or sign the device {client.device_id} with that identity",
        )
    await _publish(client, account, identity or _made(client), answer)


async def reset_identity(client: Client, account: MatrixAccount) -> None:
    """Replace the user's identity by a new one of ours: only at the operator's word, for all who verified it object.

    Raises:
        AccountError: the homeserver wants the password, and has not got the right one.
    """
    answer, before = await own_keys(client), client.kept.read(FILE)
    try:
        await _publish(client, account, _made(client), answer)
    except AccountError:  # the old one is still in force
        if before is not None:
            client.kept.write(FILE, before)
        raise


async def _publish(client: Client, account: MatrixAccount, identity: Identity, answer: dict[str, Any]) -> None:
    if any(_key(_of(answer, use, client)) != identity.public(use) for use in _USES):
        await _upload(client, account, identity)
        answer = await own_keys(client)
    if missing := _unsigned(client, identity, answer):
        done = await ask(client, "POST", "/_matrix/client/v3/keys/signatures/upload", {client.user_id: missing})
        if done.get("failures") or _unsigned(client, identity, await own_keys(client)):
            raise AnswerError("", text="the homeserver does not keep the signatures of our device")


def _unsigned(client: Client, identity: Identity, answer: dict[str, Any]) -> dict[str, Signed]:
    """What still lacks a signature, with it: our device by our identity, and the identity by our device."""
    missing: dict[str, Signed] = {}
    device = answer["device_keys"].get(client.user_id, {}).get(client.device_id)
    if device is None:
        raise AnswerError("", text="the homeserver has no keys of our device: upload them first")
    ours = client.olm.account.identity_keys
    if device["keys"] != {f"{name}:{client.device_id}": key for name, key in ours.items()}:
        raise AnswerError("", text="the homeserver has other keys of our device than we have")
    if not is_signed(device, client.user_id, identity.public("self_signing")):
        missing[client.device_id] = identity.sign(device, "self_signing")
    master = identity.published()["master"]
    if not is_signed(_of(answer, "master", client), client.user_id, ours["ed25519"], client.device_id):
        signature = client.olm.sign_json(dict(master))
        missing[identity.public("master")] = _with_signature(master, client.user_id, client.device_id, signature)
    return missing


async def _upload(client: Client, account: MatrixAccount, identity: Identity) -> None:
    path = "/_matrix/client/v3/keys/device_signing/upload"
    body: dict[str, Any] = {f"{use}_key": key for use, key in identity.published().items()}
    try:
        await ask(client, "POST", path, body)
    except AnswerError as refusal:
        if refusal.status != _UNAUTHORIZED:
            raise
        if account.password is None:
            what = "is missing: the homeserver wants it once, to take the bot's cross-signing keys"
            raise AccountError(account, what, key="password") from None
        user = {"type": "m.id.user", "user": client.user_id}
        word = {"type": "m.login.password", "identifier": user, "password": account.password}
        body["auth"] = word | {"session": refusal.body.get("session")}
        await _upload_with_password(client, account, path, body)


async def _upload_with_password(client: Client, account: MatrixAccount, path: str, body: dict[str, Any]) -> None:
    try:
        await ask(client, "POST", path, body)
    except AnswerError as refusal:
        if refusal.status != _UNAUTHORIZED:
            raise
        what = "does not let the homeserver take the bot's cross-signing keys: is it right, and is it enough there?"
        raise AccountError(account, what, key="password") from None


def _kept(client: Client) -> Identity | None:
    kept = client.kept.read_sealed(FILE)
    if kept is None:
        return None
    seeds = json.loads(kept)
    keys = {use: Ed25519PrivateKey.from_private_bytes(decode_base64(seeds[use])) for use in _USES}
    return Identity(client.user_id, keys)


def _made(client: Client) -> Identity:
    """A new one, kept before anyone hears of it."""
    keys = {use: Ed25519PrivateKey.generate() for use in _USES}
    seeds = {use: encode_base64(key.private_bytes_raw()) for use, key in keys.items()}
    client.kept.write_sealed(FILE, json.dumps(seeds).encode())
    return Identity(client.user_id, keys)


def _signed_by_other(client: Client, answer: dict[str, Any]) -> bool:
    """Whether someone who holds the user's identity has signed our device with it: then all is well."""
    signing = _of(answer, "self_signing", client)
    device = answer["device_keys"].get(client.user_id, {}).get(client.device_id, {})
    return is_signed(signing, client.user_id, _key(_of(answer, "master", client))) and is_signed(
        device, client.user_id, _key(signing)
    )


def is_signed(content: Signed, user_id: str, key: str, name: str | None = None) -> bool:
    """Whether the ed25519 key has signed this; `name` is what the signature goes by, if not the key itself."""
    signature = content.get("signatures", {}).get(user_id, {}).get(f"ed25519:{name or key}")
    if not signature:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(decode_base64(key)).verify(decode_base64(signature), _canonical(content))
    except (InvalidSignature, ValueError):
        return False
    return True


def _of(answer: dict[str, Any], use: str, client: Client) -> Signed:
    found = answer.get(f"{use}_keys", {}).get(client.user_id, {})
    return found if isinstance(found, dict) else {}


def _key(published: Signed) -> str:
    return next(iter(published.get("keys", {}).values()), "")


def _with_signature(content: Signed, user_id: str, name: str, signature: str) -> Signed:
    plain = {key: value for key, value in content.items() if key not in {"signatures", "unsigned"}}
    return plain | {"signatures": {user_id: {f"ed25519:{name}": signature}}}


def _canonical(content: Signed) -> bytes:
    plain = {key: value for key, value in content.items() if key not in {"signatures", "unsigned"}}
    return bytes(Api.to_canonical_json(plain).encode())

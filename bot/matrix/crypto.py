"""What end-to-end encryption needs between syncs, and what went wrong with it; who signs us is in cross_signing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import nio

from bot.matrix.client import Client
from bot.matrix.trouble import LostStoreError
from bot.matrix.wire import ask, checked, reaching
from bot.settings import MatrixAccount

WITHHELD = "m.room_key.withheld"
_REASONS = {
    "m.blacklisted": "our device is blocked there",
    "m.unverified": "our device is not verified: is it cross-signed?",
    "m.unauthorised": "we were not in the room then",
    "m.unavailable": "the key is not there any more",
    "m.no_olm": "no secure session could be made with our device",
}


async def maintain(client: Client) -> None:
    """What is due between two syncs: our keys, other people's devices, messages to devices.

    Raises:
        UnreachableError: later. AnswerError: the homeserver refuses our keys, which the operator must know.
    """
    with reaching(client):
        if client.should_upload_keys:
            checked(client, await client.keys_upload(), nio.KeysUploadResponse)
        if client.should_query_keys:
            checked(client, await client.keys_query(), nio.KeysQueryResponse)
        if client.should_claim_keys:
            await client.keys_claim(client.get_users_for_key_claiming())
        for answer in await client.send_to_device_messages():
            checked(client, answer, nio.ToDeviceResponse)


async def own_keys(client: Client) -> dict[str, Any]:
    """What the homeserver tells others about us: the answer of /keys/query for our user alone."""
    return await ask(client, "POST", "/_matrix/client/v3/keys/query", {"device_keys": {client.user_id: []}})


async def check_store(client: Client, account: MatrixAccount) -> None:
    """That our store belongs to the device as the homeserver knows it; a new device will upload its keys.

    Raises:
        LostStoreError: it does not. We would go mute: what others encrypt for this device, we could not read.
    """
    answer = await own_keys(client)
    known = answer["device_keys"].get(client.user_id, {}).get(client.device_id)
    if known is None:
        client.olm.account.shared = False  # a device that was logged out has lost its keys at the server
        return
    ours = {f"{name}:{client.device_id}": key for name, key in client.olm.account.identity_keys.items()}
    if {name: known.get("keys", {}).get(name) for name in ours} != ours:
        raise LostStoreError(
            account,
            f"has lost its store: the homeserver knows the device {client.device_id} with other keys than those in "
            f"{account.store_dir}. Restore that folder from a backup; or log the device out and set another DEVICE_ID",
        )


def unlocked(client: Client, event: nio.MegolmEvent) -> Any:
    """The event in plain, if its key has come meanwhile; else None."""
    return client.olm._decrypt_megolm_no_error(event)  # noqa: SLF001  # the public one lets malformed events through


@dataclass(frozen=True)
class Withheld:
    """Somebody's device refuses us the key of what it writes; what it claims, for nobody signs this."""

    sender: str
    room_id: str
    session_id: str
    code: str

    @property
    def reason(self) -> str:
        """For the operator; never the sender's own words."""
        return _REASONS.get(self.code, "for a reason that we do not know")


def withheld(event: Any) -> Withheld | None:
    """The refusal in a to-device event, if it is one."""
    if getattr(event, "type", None) != WITHHELD:
        return None
    content = event.source.get("content")
    if not isinstance(content, dict):
        return None
    texts = {name: content.get(name) for name in ("room_id", "session_id", "code")}
    return Withheld(event.sender, **{name: text if isinstance(text, str) else "" for name, text in texts.items()})

"""nio's client with what would lose messages mended, and never a plain message into an encrypted room.

Each override says which fault of nio 0.26 it mends. What to send and what was heard is decided elsewhere.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Collection
from typing import Any

import nio
import vodozemac
from nio.crypto import Olm
from nio.store import SqliteStore

from bot.matrix.store import OLM, Store
from bot.matrix.wire import checked, reaching
from bot.platform import UnreachableError

log = logging.getLogger(__name__)

REQUEST_TIMEOUT = 30
"""Seconds; `sync` has its own, from how long the homeserver may wait."""
ASK_AGAIN = 300.0
"""Seconds until a device that had no one-time key left is tried again."""


class CarefulOlm(Olm):  # type: ignore[misc]  # nio has no types
    """Lets no single message end a sync, and no key that others use be forgotten."""

    def handle_to_device_event(self, event: Any) -> Any:
        """Without this, vodozemac's exceptions pass through: one message to us would end the sync that brings it."""
        try:
            return super().handle_to_device_event(event)
        except Exception as error:  # noqa: BLE001  # anyone may send us anything
            log.warning("a message to our device cannot be read: %s", type(error).__name__)
            if isinstance(event, nio.OlmEvent):
                self._mark_device_for_unwedging(event.sender, event.sender_key)
            return None

    def _decrypt_megolm_no_error(self, event: Any, room_id: str | None = None) -> Any:
        """As above, for what people write in a room."""
        try:
            return super()._decrypt_megolm_no_error(event, room_id)
        except Exception as error:  # noqa: BLE001  # anyone in the room may write anything
            log.warning("an encrypted event cannot be read: %s", type(error).__name__)
            return None

    def share_keys(self) -> dict[str, Any]:
        """Saves the new keys before anyone has them: nio does so after the upload, and a crash between loses them.

        A fallback key goes with the first upload and whenever the one-time keys had run out, for only then was the
        last one used; without it nobody could write to a bot that was away for more than 50 new devices.
        """
        ran_out = not self.account.shared or self.uploaded_key_count == 0
        content: dict[str, Any] = super().share_keys()
        account: Any = self.account._account  # noqa: SLF001  # neither nio nor vodozemac's types show the fallback
        if ran_out and not account.fallback_key:
            account.generate_fallback_key()
        if account.fallback_key:
            content["fallback_keys"] = self._signed(account.fallback_key)
        self.save_account()
        return content

    def _signed(self, keys: dict[str, vodozemac.Curve25519PublicKey]) -> dict[str, Any]:
        signed = {}
        for name, key in keys.items():
            content = {"key": key.to_base64(), "fallback": True}
            signature = {self.user_id: {f"ed25519:{self.device_id}": self.sign_json(dict(content))}}
            signed[f"signed_curve25519:{name}"] = content | {"signatures": signature}
        return signed


class FrugalStore(SqliteStore):  # type: ignore[misc]  # nio has no types
    """Opens its database when there is something to write."""

    def save_encrypted_rooms(self, rooms: Collection[str]) -> None:
        """Without this, each sync asks the database for nothing: a tenth of what a command costs."""
        if rooms:
            super().save_encrypted_rooms(rooms)


class Client(nio.AsyncClient):  # type: ignore[misc]  # nio has no types
    """One account at its homeserver. `bot.matrix.session` opens it."""

    def __init__(self, store: Store) -> None:
        account = store.account
        config = nio.AsyncClientConfig(
            store=FrugalStore,
            store_name=OLM,
            encryption_enabled=True,
            pickle_key=store.pickle_key(),
            store_sync_tokens=False,
            max_timeouts=0,  # nio would repeat what must not be done twice
            max_limit_exceeded=3,
            request_timeout=REQUEST_TIMEOUT,
        )
        super().__init__(account.homeserver, account.user_id, store_path=str(store.folder), config=config)
        self.kept = store
        self.store: Any = None
        self.olm: Any = None
        self._sharing: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._ask_again: dict[str, float] = {}

    def load_store(self) -> None:
        """As nio's, with our Olm.

        Raises:
            AccountError: the pickle key is another.
        """
        if self.store:
            return
        config = self.config
        self.kept.prepare(OLM)
        self.store = FrugalStore(self.user_id, self.device_id, self.store_path, config.pickle_key, config.store_name)
        try:
            self.olm = CarefulOlm(self.user_id, self.device_id, self.store)
        except (vodozemac.PickleException, vodozemac.LibolmPickleException):
            raise self.kept.closed() from None
        self.encrypted_rooms = self.store.load_encrypted_rooms()

    async def close(self) -> None:
        """The connection and, which nio leaves open, the database."""
        await super().close()
        if self.store is not None:
            self.store.database.close()

    async def receive_response(self, response: Any) -> None:
        """Without errors: to nio a room key that did not go out is a logout, after which it is mute for good."""
        if not isinstance(response, nio.ErrorResponse):
            await super().receive_response(response)

    def _handle_olm_events(self, response: Any) -> None:
        """A count of 0 is no count to nio, which then never uploads new one-time keys when they have run out."""
        super()._handle_olm_events(response)
        if response.device_key_count.signed_curve25519 == 0:
            self.olm.uploaded_key_count = 0

    async def room_send(
        self,
        room_id: str,
        message_type: str,
        content: dict[str, Any],
        tx_id: str | None = None,
        ignore_unverified_devices: bool = True,  # noqa: FBT001, FBT002  # nio's signature, not its default
    ) -> Any:
        """As nio's, after `mind_encryption`; raises what that raises, returns a RoomSendError as nio does."""
        await self.mind_encryption(room_id)
        with reaching(self):
            return await super().room_send(room_id, message_type, content, tx_id, ignore_unverified_devices)

    async def mind_encryption(self, room_id: str) -> bool:
        """Whether the room is encrypted, having done what a message there needs: members, their devices, our key.

        nio does it too when it sends, but goes on after errors, with a message that nobody can read; and a room that
        it has not met in a sync is a plain one to it.

        Raises:
            UnreachableError, AnswerError: the message must wait, or cannot be sent.
        """
        room = self.rooms.get(room_id) or await self._meet(room_id)
        if not room.encrypted:
            return False
        async with self._sharing[room_id]:
            with reaching(self):
                if not room.members_synced:
                    checked(self, await self.joined_members(room_id), nio.JoinedMembersResponse)
                if self.should_query_keys:
                    checked(self, await self.keys_query(), nio.KeysQueryResponse)
                if self._must_share(room):
                    await self.share_group_session(room_id, ignore_unverified_devices=True)
        return True

    async def _meet(self, room_id: str) -> nio.MatrixRoom:
        """A room that no sync has brought yet, such as one just made."""
        with reaching(self):
            answer = await self.room_get_state_event(room_id, "m.room.encryption")
        missing = isinstance(answer, nio.RoomGetStateEventError) and answer.status_code == "M_NOT_FOUND"
        if not missing:
            checked(self, answer, nio.RoomGetStateEventResponse)
        encrypted = not missing or room_id in self.encrypted_rooms
        return self.rooms.setdefault(room_id, nio.MatrixRoom(room_id, self.user_id, encrypted))

    def _must_share(self, room: nio.MatrixRoom) -> bool:
        """Once is enough for nio; but a device whose server was away, or out of keys, would stay deaf for a week."""
        if self.olm.should_share_group_session(room.room_id):
            return True
        if not self._without_key(room) or asyncio.get_running_loop().time() < self._ask_again.get(room.room_id, 0):
            return False
        self.olm.outbound_group_sessions[room.room_id].shared = False  # else nio makes a new one
        return True

    def _without_key(self, room: nio.MatrixRoom) -> list[Any]:
        session = self.olm.outbound_group_sessions.get(room.room_id)
        if session is None:  # somebody came or left meanwhile: the next message has a new one
            return []
        have = session.users_shared_with | session.users_ignored
        devices = (device for user in room.users for device in self.olm.device_store.active_user_devices(user))
        return [device for device in devices if (device.user_id, device.id) not in have]

    async def share_group_session(self, room_id: str, ignore_unverified_devices: bool = True) -> Any:  # noqa: FBT001, FBT002
        """As nio's, but a failure is one: nio takes the key for shared, or blocks the room for good.

        Raises:
            UnreachableError: the key did not go out to devices that can have it.
        """
        try:
            response = await super().share_group_session(room_id, ignore_unverified_devices)
        except KeyError:  # of nio, when somebody comes or leaves meanwhile
            raise UnreachableError("the members of a room changed while it was given its key") from None
        finally:
            if waiting := self.sharing_session.pop(room_id, None):
                waiting.set()
        without = self._without_key(self.rooms[room_id])
        if any(self.olm.session_store.get(device.curve25519) for device in without):
            self.olm.outbound_group_sessions[room_id].shared = False
            raise UnreachableError(f"{self.homeserver} did not pass on the key of a room")
        if without:
            log.warning("%d devices in a room have no one-time key left and cannot read us", len(without))
            self._ask_again[room_id] = asyncio.get_running_loop().time() + ASK_AGAIN
        return response

    async def keys_claim(self, user_set: dict[str, Any]) -> Any:
        """As nio's; raises its error, which nio itself would pass over."""
        return checked(self, await super().keys_claim(user_set), nio.KeysClaimResponse)

"""The folder that an account keeps between starts: its lock, its device, its secrets; nothing here asks the network.

Lost, it takes the account's keys with it; copied, it gives them away. Every file in it is readable by its owner only.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bot.matrix.trouble import AccountError, StoreInUseError
from bot.settings import MatrixAccount

OLM = "olm.db"
_LOCK, _DEVICE, _PICKLE_KEY = "lock", "device.json", "pickle.key"
_NONCE = 12


@dataclass(frozen=True)
class Device:
    """Under which device the bot is known; with the token of its last login, if it logged in itself."""

    user_id: str
    homeserver: str
    device_id: str
    access_token: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Store:
    """An account's folder while we hold it: `held` makes it."""

    account: MatrixAccount

    @property
    def folder(self) -> Path:
        return self.account.store_dir

    def pickle_key(self) -> str:
        """The operator's, or one of the folder's own: nio's default is known to everyone who has the database."""
        if self.account.pickle_key:
            return self.account.pickle_key
        kept = self.read(_PICKLE_KEY)
        if kept is None:
            kept = secrets.token_urlsafe(32).encode()
            self.write(_PICKLE_KEY, kept)
        return kept.decode()

    def device(self) -> Device:
        """The settings' device, else the one that was made at the first start and is kept ever after.

        The token is left out where it belongs to another device or server: it is nobody else's to see.
        """
        account = self.account
        kept = self._kept_device()
        if kept and kept.user_id == account.user_id and account.device_id in {None, kept.device_id}:
            if kept.homeserver == account.homeserver:
                return kept
            return Device(account.user_id, account.homeserver, kept.device_id)
        device_id = account.device_id or f"COMITY{secrets.token_hex(4).upper()}"
        device = Device(account.user_id, account.homeserver, device_id)
        self.keep(device)
        return device

    def keep(self, device: Device) -> None:
        """For the next start."""
        self.write(_DEVICE, json.dumps(asdict(device), indent=2).encode())

    def kept_token(self) -> str | None:
        """The token of the last login at the homeserver of the settings, for whoever only wants to look."""
        kept = self._kept_device()
        return kept.access_token if kept and kept.homeserver == self.account.homeserver else None

    def _kept_device(self) -> Device | None:
        kept = self.read(_DEVICE)
        if kept is None:
            return None
        try:
            return Device(**json.loads(kept))
        except (ValueError, TypeError):
            raise AccountError(self.account, f"has an unreadable {self.folder / _DEVICE}: restore it") from None

    def read(self, name: str) -> bytes | None:
        """A file's bytes; None where there is none."""
        with suppress(FileNotFoundError):
            return (self.folder / name).read_bytes()
        return None

    def prepare(self, name: str) -> None:
        """A file that others will write, so that it is the owner's only."""
        (self.folder / name).touch(mode=0o600)

    def write(self, name: str, content: bytes) -> None:
        """All of it or nothing, and on the disk when this returns."""
        file, beside = self.folder / name, self.folder / f"{name}.new"
        with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as writing:  # noqa: PTH123
            writing.write(content)
            writing.flush()
            os.fsync(writing.fileno())
        beside.replace(file)
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def read_sealed(self, name: str) -> bytes | None:
        """What `write_sealed` wrote.

        Raises:
            AccountError: the pickle key is another, or the file is spoilt.
        """
        sealed = self.read(name)
        if sealed is None:
            return None
        try:
            return self._cipher().decrypt(sealed[:_NONCE], sealed[_NONCE:], self._bound_to(name))
        except (InvalidTag, ValueError):
            raise self.closed() from None

    def write_sealed(self, name: str, content: bytes) -> None:
        """As `write`, encrypted with the pickle key."""
        nonce = secrets.token_bytes(_NONCE)
        self.write(name, nonce + self._cipher().encrypt(nonce, content, self._bound_to(name)))

    def closed(self) -> AccountError:
        """The pickle key does not open what is there."""
        what = f"does not open {self.folder}: set the key that this store was made with"
        return AccountError(self.account, what, key="pickle_key")

    def _cipher(self) -> AESGCM:
        derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"comity matrix store")
        return AESGCM(derive.derive(self.pickle_key().encode()))

    def _bound_to(self, name: str) -> bytes:
        return f"{self.account.user_id} {name}".encode()


@contextmanager
def held(account: MatrixAccount) -> Iterator[Store]:
    """The account's folder, made where it is missing, and ours alone until the end of the block or of the process.

    Raises:
        StoreInUseError: another process has it.
        AccountError: it cannot be made or written.
    """
    folder = account.store_dir
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise AccountError(account, f"{folder} cannot be used: {error.strerror}", key="store_dir") from None
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            what = f"{folder} is in use by another process: two would spoil its keys, so end that one first"
            raise StoreInUseError(account, what, key="store_dir") from None
        except OSError as error:
            raise AccountError(account, f"{folder} cannot be locked: {error.strerror}", key="store_dir") from None
        yield Store(account)
    finally:
        os.close(lock)

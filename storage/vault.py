"""The bytes of exhibits, each in a file named by its SHA-256: written once, whole or not at all; it knows no exhibit.

`<folder>/ab/ab12...`; with a key what is written is sealed (storage.vault_sealing), and what is not yet is read all the
same. A file is written under another name in `<folder>/incoming`, and renamed once all of it is on the disk.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO, NamedTuple

from storage import vault_sealing
from storage.vault_sealing import HEADER, PORTION, Opened, Sealer, UnsealedError

_NAME = re.compile(r"[0-9a-f]{64}")
_INCOMING = "incoming"


class VaultError(Exception):
    """A file is not there as it was kept."""


class MissingError(VaultError):
    pass


class ChangedError(VaultError):
    """Its bytes are not those that were kept."""


class SealedError(VaultError):
    """It was sealed with a key that is not here."""


class TooLargeError(Exception):
    """More came than may be kept."""


class Kept(NamedTuple):
    sha256: str
    size: int
    """In bytes."""


class Fault(StrEnum):
    MISSING = "missing"
    CHANGED = "changed"
    SEALED = "sealed with a key that is not here"
    FOREIGN = "foreign"
    """Nothing that we keep."""


@dataclass(frozen=True)
class Finding:
    fault: Fault
    what: str
    """A SHA-256, or a path within the folder."""


class Incoming:
    """A file on its way into the vault; gone again, unless it is kept. With a key nothing of it is written in plain."""

    def __init__(self, vault: Vault, path: Path, file: BinaryIO, key: bytes | None, most: int | None = None) -> None:
        self._vault = vault
        self._path = path
        self._file = file
        self._most = most
        self._sealer = Sealer(key) if key is not None else None
        self._sum = hashlib.sha256()
        self._size = 0
        if self._sealer is not None:
            file.write(self._sealer.begin())

    def write(self, portion: bytes) -> None:
        """Raises TooLargeError."""
        self._size += len(portion)
        if self._most is not None and self._size > self._most:
            raise TooLargeError
        self._sum.update(portion)
        self._file.write(self._sealer.update(portion) if self._sealer is not None else portion)

    def keep(self, *, anew: bool = False) -> Kept:
        """Put it in its place, on the disk for good; what stands there already as it should stays, unless `anew`."""
        kept = Kept(self._sum.hexdigest(), self._size)
        if anew or not self._vault.is_whole(kept.sha256):
            if self._sealer is not None:
                self._file.write(self._sealer.finish())
            self._file.flush()
            os.fchmod(self._file.fileno(), 0o400)
            os.fsync(self._file.fileno())
            self._vault.settle(self._path, kept.sha256)
        return kept


class Vault:
    """Any number of processes may use it at once."""

    def __init__(self, folder: Path, key: bytes | None = None, old: bytes | None = None) -> None:
        """What is written is sealed with `key`, if there is one; `old` opens what was sealed before the key changed."""
        self._folder = folder
        self._key = key
        self._keys = {vault_sealing.key_id(one): one for one in (key, old) if one is not None}

    @contextmanager
    def receiving(self, most: int) -> Iterator[Incoming]:
        """A new file of at most so many bytes. Raises OSError where the disk does not take it."""
        with self._temporary() as (path, file):
            yield Incoming(self, path, file, self._key, most)

    def read(self, sha256: str) -> Iterator[bytes]:
        """All of it, in portions; only when the last one was given is it sure that all of them are what was kept.

        Raises:
            MissingError, ChangedError, SealedError.
        """
        found = hashlib.sha256()
        with self.reading(sha256) as file:
            for portion in iter(lambda: file.read(PORTION), b""):
                found.update(portion)
                yield portion
        if found.hexdigest() != sha256:
            raise ChangedError(sha256)

    @contextmanager
    def reading(self, sha256: str) -> Iterator[BinaryIO]:
        """To be read forth and back, from its beginning: whether all of it is what was kept is not looked at.

        Raises as `read`, also while it is read.
        """
        try:
            file = self._path(sha256).open("rb")
        except FileNotFoundError:
            raise MissingError(sha256) from None
        with file:
            key = self._key_of(file, sha256)
            file.seek(0)
            try:
                yield file if key is None else BufferedReader(Opened(file, key))
            except UnsealedError:
                raise ChangedError(sha256) from None

    def survey(self, expected: Mapping[str, int]) -> Iterator[Finding]:
        """Read everything again: `expected` are sizes in bytes by sha256, as they were read before the vault is.

        What another process keeps meanwhile is foreign to whoever read `expected` before.
        """
        for sha256, size in expected.items():
            if fault := self._fault(sha256, size):
                yield Finding(fault, sha256)
        for path in sorted(self._folder.rglob("*")):
            within = path.relative_to(self._folder)
            ours = within.parts[0] == _INCOMING or (path == self._path(path.name) and path.name in expected)
            if not path.is_dir() and not ours:
                yield Finding(Fault.FOREIGN, str(within))

    def glance(self, expected: Iterable[str]) -> Counter[Fault]:
        """How many of these files are missing, or do not open with our keys; no file is read to its end."""
        found: Counter[Fault] = Counter()
        for sha256 in expected:
            try:
                with self.reading(sha256):
                    pass
            except MissingError:
                found[Fault.MISSING] += 1
            except SealedError:
                found[Fault.SEALED] += 1
            except ChangedError:
                found[Fault.CHANGED] += 1
        return found

    @property
    def is_writable(self) -> bool:
        """A file can be kept here, or the folder made."""
        there = next((folder for folder in (self._folder, *self._folder.absolute().parents) if folder.exists()), None)
        return there is not None and there.is_dir() and os.access(there, os.W_OK | os.X_OK)

    def reseal(self) -> Iterator[str]:
        """Write all with the present key (without one: in plain) that is not yet; gives the sums of what was written.

        It may be broken off and begun again at any moment. Raises as `read`.
        """
        for path in sorted(self._folder.glob("??/*")):
            if _NAME.fullmatch(path.name):
                with path.open("rb") as file:
                    sealed_by = vault_sealing.id_in(file.read(HEADER))
                if sealed_by != (vault_sealing.key_id(self._key) if self._key else None):
                    with self._temporary() as (draft, file):
                        anew = Incoming(self, draft, file, self._key)
                        for portion in self.read(path.name):
                            anew.write(portion)
                        anew.keep(anew=True)
                    yield path.name

    def destroy(self, sha256: str) -> None:
        """Take it away for good; it may be gone already."""
        path = self._path(sha256)
        path.unlink(missing_ok=True)
        with suppress(FileNotFoundError):
            _sync(path.parent)

    def sweep(self, before: float) -> None:
        """Take away what killed processes left half written, last written to before then (seconds since 1970)."""
        for path in (self._folder / _INCOMING).glob("*"):
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < before:
                    path.unlink()

    def is_whole(self, sha256: str) -> bool:
        """It is there, as it was kept."""
        try:
            for _portion in self.read(sha256):
                pass
        except VaultError:
            return False
        return True

    def settle(self, draft: Path, sha256: str) -> None:
        """Give a file, which is on the disk already, its own name: by a rename, so that nobody sees a half of it."""
        path = self._path(sha256)
        path.parent.mkdir(mode=0o700, exist_ok=True)
        draft.replace(path)
        _sync(path.parent)
        _sync(self._folder)

    # How it is kept

    def _path(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / sha256

    @contextmanager
    def _temporary(self) -> Iterator[tuple[Path, BinaryIO]]:
        folder = self._folder / _INCOMING
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / secrets.token_hex(16)
        try:
            number = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            with os.fdopen(number, "r+b") as file:
                yield path, file
        finally:
            path.unlink(missing_ok=True)

    def _key_of(self, file: BinaryIO, sha256: str) -> bytes | None:
        """The key that a file is sealed with; None: it is not. Raises SealedError."""
        sealed_by = vault_sealing.id_in(file.read(HEADER))
        # a plain file may begin like a sealed one: then its own sum tells
        if sealed_by is None or (sealed_by not in self._keys and _sum(file) == sha256):
            return None
        if sealed_by not in self._keys:
            raise SealedError(sha256)
        return self._keys[sealed_by]

    def _fault(self, sha256: str, size: int) -> Fault | None:
        try:
            found = sum(map(len, self.read(sha256)))
        except MissingError:
            return Fault.MISSING
        except SealedError:
            return Fault.SEALED
        except ChangedError:
            return Fault.CHANGED
        return None if found == size else Fault.CHANGED


def _sum(file: BinaryIO) -> str:
    file.seek(0)
    found = hashlib.sha256()
    for portion in iter(lambda: file.read(PORTION), b""):
        found.update(portion)
    return found.hexdigest()


def _sync(folder: Path) -> None:
    """What was renamed or taken away in a folder is so after a power cut, too."""
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(number)
    finally:
        os.close(number)

"""Seals a file of the vault: AES-256-GCM in portions, so that a large one is neither whole in memory nor half trusted.

A sealed file is a header (MAGIC, the key's id, a random prefix), then portions, each as its ciphertext with its tag.
The nonce of a portion is the prefix, its number, and whether it is the last one; the header is authenticated with each:
portions that were changed, exchanged, cut off or added are found (STREAM, https://eprint.iacr.org/2015/189).
"""

from __future__ import annotations

import hashlib
import re
import secrets
from base64 import b64decode
from binascii import Error as NotBase64Error
from io import SEEK_CUR, SEEK_END, SEEK_SET, RawIOBase
from typing import TYPE_CHECKING, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MAGIC = b"comity sealed 1\n"
PORTION = 1 << 20
"""Bytes of the file in each portion but the last, which has 1 to that many; an empty file has one empty portion."""
_ID, _PREFIX, _TAG = 8, 7, 16
HEADER = len(MAGIC) + _ID + _PREFIX

KEY = 32
"""Bytes of a key."""
_HEX = re.compile(r"[0-9A-Fa-f]{64}")


class UnsealedError(Exception):
    """It does not open with this key, or was changed."""


def read_key(text: str) -> bytes:
    """64 hexadecimal digits, or 44 characters of base64; raises ValueError, whose words do not repeat it."""
    if _HEX.fullmatch(text):
        return bytes.fromhex(text)
    try:
        key = b64decode(text, validate=True)
    except (NotBase64Error, ValueError):
        key = b""
    if len(key) != KEY:
        raise ValueError(f"no key of {KEY} bytes")
    return key


def key_id(key: bytes) -> bytes:
    """Tells keys apart, and nothing of any."""
    return hashlib.sha256(b"comity vault key" + key).digest()[:_ID]


def id_in(header: bytes) -> bytes | None:
    """The id of the key that it was sealed with; None: the file is not sealed."""
    return header[len(MAGIC) : len(MAGIC) + _ID] if len(header) == HEADER and header.startswith(MAGIC) else None


class Sealer:
    """Seals a file as it comes, in portions of whatever size."""

    def __init__(self, key: bytes) -> None:
        self._header = MAGIC + key_id(key) + secrets.token_bytes(_PREFIX)
        self._cipher = AESGCM(key)
        self._number = 0
        self._waiting = bytearray()

    def begin(self) -> bytes:
        return self._header

    def update(self, portion: bytes) -> bytes:
        """What can be written now: an even portion is held back until it is known not to be the last one."""
        self._waiting += portion
        out = bytearray()
        while len(self._waiting) > PORTION:
            out += self._seal(bytes(self._waiting[:PORTION]), last=False)
            del self._waiting[:PORTION]
        return bytes(out)

    def finish(self) -> bytes:
        return self._seal(bytes(self._waiting), last=True)

    def _seal(self, portion: bytes, *, last: bool) -> bytes:
        nonce = _nonce(self._header, self._number, last=last)
        self._number += 1
        return self._cipher.encrypt(nonce, portion, self._header)


class Opened(RawIOBase):
    """What was sealed, to be read anywhere in it: each portion is sound when it is given.

    Opening and reading raise UnsealedError. Which portion is the last one is told by the file's size: of one that was
    cut off or extended, that one is unsound.
    """

    def __init__(self, file: BinaryIO, key: bytes) -> None:
        self._file = file
        self._cipher = AESGCM(key)
        file.seek(0)
        self._header = file.read(HEADER)
        sealed = file.seek(0, SEEK_END) - HEADER
        self._last = max(sealed - 1, 0) // (PORTION + _TAG)
        self._size = max(sealed - (self._last + 1) * _TAG, 0)
        self._at = 0
        self._held = (0, self._portion(0))  # so that of an empty file, too, what proves it is looked at

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = SEEK_SET, /) -> int:
        self._at = max(offset + {SEEK_SET: 0, SEEK_CUR: self._at, SEEK_END: self._size}[whence], 0)
        return self._at

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        if self._at >= self._size:
            return 0
        number, within = divmod(self._at, PORTION)
        if self._held[0] != number:
            self._held = (number, self._portion(number))
        with memoryview(buffer).cast("B") as room:
            piece = self._held[1][within : within + len(room)]
            room[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def _portion(self, number: int) -> bytes:
        self._file.seek(HEADER + number * (PORTION + _TAG))
        portion = self._file.read(PORTION + _TAG)
        try:
            return self._cipher.decrypt(_nonce(self._header, number, last=number == self._last), portion, self._header)
        except InvalidTag:
            raise UnsealedError from None


def _nonce(header: bytes, number: int, *, last: bool) -> bytes:
    return header[-_PREFIX:] + number.to_bytes(4, "big") + bytes([last])

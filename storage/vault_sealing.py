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
from collections.abc import Iterator
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

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


def opened(file: BinaryIO, key: bytes) -> Iterator[bytes]:
    """The portions behind the header, which has been read; each is sound when it is given. Raises UnsealedError."""
    file.seek(0)
    header, cipher = file.read(HEADER), AESGCM(key)
    number, portion = 0, file.read(PORTION + _TAG)
    while True:
        following = file.read(PORTION + _TAG)
        try:
            yield cipher.decrypt(_nonce(header, number, last=not following), portion, header)
        except InvalidTag:
            raise UnsealedError from None
        if not following:
            return
        number, portion = number + 1, following


def _nonce(header: bytes, number: int, *, last: bool) -> bytes:
    return header[-_PREFIX:] + number.to_bytes(4, "big") + bytes([last])

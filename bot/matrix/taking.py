"""Fetches what people attached in Matrix rooms, and opens what is encrypted on the way, in portions.

https://spec.matrix.org/latest/client-server-api/#sending-encrypted-attachments
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR
from unpaddedbase64 import decode_base64

from bot.fetching import fetched
from bot.matrix.client import Client
from bot.platform import FetchError
from commands.arrival import File
from storage.words import Trouble

_PAGE = "text/html"
_PATH = "/_matrix/client/v1/media/download"
"""With our access token (https://spec.matrix.org/latest/client-server-api/#get_matrixclientv1mediadownloadservernamemediaid)."""


async def fetch(client: Client, file: File, most: int) -> AsyncIterator[bytes]:
    """See bot.platform.Platform. The homeserver may send us on to where its files lie, anew each time."""
    where = json.loads(file.at)
    sealed = where.get("file")
    try:
        url = _address(client.homeserver, str(sealed["url"] if sealed else where["url"]))
        opening = _Opening(sealed) if sealed else None
    except (KeyError, TypeError, ValueError):
        raise FetchError(Trouble.GONE) from None  # whoever wrote it told no address, or no key

    def mind(answer: httpx.Response) -> None:
        if file.media_type != _PAGE and _is_page(answer):
            raise FetchError(Trouble.NO_FILE)

    headers = {"Authorization": f"Bearer {client.access_token}"}
    async for portion in fetched(url, headers, most, mind, elsewhere=True):
        yield opening.open(portion) if opening else portion
    if opening is not None:
        opening.end()


def _is_page(answer: httpx.Response) -> bool:
    """Whether something before the homeserver speaks: what was uploaded comes with its disposition (Matrix 1.12)."""
    return answer.headers.get("content-type", "").startswith(_PAGE) and "content-disposition" not in answer.headers


def _address(homeserver: str, mxc: str) -> str:
    parts = urlsplit(mxc)
    media = parts.path.removeprefix("/")
    if parts.scheme != "mxc" or not parts.netloc or not media or "/" in media:
        raise ValueError("no mxc address")
    return f"{homeserver}{_PATH}/{quote(parts.netloc, safe=':[]')}/{quote(media, safe='')}"


class _Opening:
    """AES-CTR, and the sum of what was encrypted; raises KeyError, TypeError or ValueError on what has not its form."""

    def __init__(self, sealed: Mapping[str, Any]) -> None:
        if sealed["key"]["alg"] != "A256CTR":
            raise ValueError("another cipher")
        key, start = decode_base64(_plain(str(sealed["key"]["k"]))), decode_base64(str(sealed["iv"]))
        self._cipher = Cipher(AES(key), CTR(start)).decryptor()
        self._wanted = decode_base64(str(sealed["hashes"]["sha256"]))
        self._sum = hashlib.sha256()

    def open(self, portion: bytes) -> bytes:
        self._sum.update(portion)
        return self._cipher.update(portion)

    def end(self) -> None:
        """Raises FetchError if it is not what was encrypted."""
        if self._sum.digest() != self._wanted:
            raise FetchError(Trouble.CUT_OFF)


def _plain(key: str) -> str:
    """A key is in the alphabet for URLs, all else is not."""
    return key.replace("-", "+").replace("_", "/")

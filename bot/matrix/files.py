"""Our pictures and documents as Matrix events; in an encrypted room nothing of them leaves us in plain.

https://spec.matrix.org/latest/client-server-api/#sending-encrypted-attachments
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from nio.crypto.async_attachments import async_encrypt_attachment

from bot import text
from bot.contents import Contents
from bot.matrix.answers import understood
from bot.matrix.client import Client
from bot.matrix.wire import upload
from bot.picture import drawn
from commands.message import Message, say

SEALED = "application/octet-stream"
"""What the homeserver is told of an encrypted file."""


@dataclass(frozen=True)
class File:
    """`about` is the event's content without the file's address; `in_words`: the message says the same without it.

    `content` gives the bytes, from the first one on, each time.
    """

    content: Callable[[], AsyncIterator[bytes]]
    about: dict[str, Any]
    in_words: bool

    @property
    def media_type(self) -> str:
        return str(self.about["info"]["mimetype"])

    @property
    def size(self) -> int:
        """In bytes."""
        return int(self.about["info"]["size"])


@dataclass(frozen=True)
class Uploaded:
    """`where` is the part of an event's content that leads to the file: its url, or its address with the key."""

    file: File
    where: dict[str, Any]

    @property
    def sealed(self) -> bool:
        return "file" in self.where


async def files_of(message: Message, contents: Contents, *, rehearsal: bool) -> list[File]:
    """The message's pictures and files, in this order; each says the marking by itself, for it can stand alone.

    The body of a picture is its alternative text: without a `filename` no client takes it for a caption.
    """
    found = []
    badge = text.badge_text(message, rehearsal=rehearsal)
    for picture in dict.fromkeys(message.pictures):
        drawing = await drawn(picture, badge)
        info = {"mimetype": "image/png", "w": drawing.width, "h": drawing.height, "size": len(drawing.png)}
        body = text.render(Message(message.marking, (picture,)), rehearsal=rehearsal)
        found.append(File(partial(_at_once, drawing.png), _about("m.image", body, info), in_words=True))
    for file in message.files:
        body = text.render(Message(message.marking, (say(file.described()),)), rehearsal=rehearsal)
        about = _about("m.file", body, {"mimetype": file.media_type, "size": file.size})
        found.append(File(partial(contents.stream, file), about | {"filename": file.name}, in_words=False))
    return found


async def _at_once(content: bytes) -> AsyncIterator[bytes]:
    yield content


def _about(kind: str, body: str, info: dict[str, Any]) -> dict[str, Any]:
    return {"msgtype": kind, "body": body, "info": info, "m.mentions": {}}


async def uploaded(client: Client, room: str, file: File) -> Uploaded:
    """The file in the media repository, encrypted if the room is.

    Raises:
        UnreachableError, AwayError: it must wait. RefusedError: the homeserver takes none of that size.
    """
    with understood():
        if not await client.mind_encryption(room):
            return Uploaded(file, {"url": await upload(client, file.content(), file.size, file.media_type)})
        keys: dict[str, Any] = {}
        url = await upload(client, _sealed(file, keys), file.size, SEALED)
        return Uploaded(file, {"file": keys | {"url": url}})


async def _sealed(file: File, keys: dict[str, Any]) -> AsyncIterator[bytes]:
    """The file encrypted, in as many bytes as it has; `keys` are filled in when all of it has been read."""
    async for portion in async_encrypt_attachment(file.content()):
        if isinstance(portion, dict):
            keys.update(portion)
        else:
            yield portion


async def attached(client: Client, room: str, one: Uploaded) -> dict[str, Any]:
    """The content of the event; where the room has become an encrypted one meanwhile, of another upload."""
    with understood():
        encrypted = await client.mind_encryption(room)
    if encrypted and not one.sealed:
        one = await uploaded(client, room, one.file)
    return one.file.about | one.where

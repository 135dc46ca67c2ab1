"""Our pictures and documents as Matrix events; in an encrypted room nothing of them leaves us in plain.

https://spec.matrix.org/latest/client-server-api/#sending-encrypted-attachments
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from nio.crypto.attachments import encrypt_attachment

from bot import text
from bot.matrix.answers import understood
from bot.matrix.client import Client
from bot.matrix.wire import upload
from bot.picture import drawn
from commands.message import Message, say

SEALED = "application/octet-stream"
"""What the homeserver is told of an encrypted file."""


@dataclass(frozen=True)
class File:
    """`about` is the event's content without the file's address; `in_words`: the message says the same without it."""

    content: bytes
    about: dict[str, Any]
    in_words: bool

    @property
    def media_type(self) -> str:
        return str(self.about["info"]["mimetype"])


@dataclass(frozen=True)
class Uploaded:
    """`where` is the part of an event's content that leads to the file: its url, or its address with the key."""

    file: File
    where: dict[str, Any]

    @property
    def sealed(self) -> bool:
        return "file" in self.where


async def files_of(message: Message, *, rehearsal: bool) -> list[File]:
    """The message's pictures and documents, in this order; each says the marking by itself, for it can stand alone.

    The body of a picture is its alternative text: without a `filename` no client takes it for a caption.
    """
    found = []
    badge = text.badge_text(message, rehearsal=rehearsal)
    for picture in dict.fromkeys(message.pictures):
        drawing = await drawn(picture, badge)
        info = {"mimetype": "image/png", "w": drawing.width, "h": drawing.height, "size": len(drawing.png)}
        body = text.render(Message(message.marking, (picture,)), rehearsal=rehearsal)
        found.append(File(drawing.png, _about("m.image", body, info), in_words=True))
    for document in message.documents:
        content = document.content
        body = text.render(Message(message.marking, (say(document.described()),)), rehearsal=rehearsal)
        about = _about("m.file", body, {"mimetype": document.media_type, "size": len(content)})
        found.append(File(content, about | {"filename": document.name}, in_words=False))
    return found


def _about(kind: str, body: str, info: dict[str, Any]) -> dict[str, Any]:
    return {"msgtype": kind, "body": body, "info": info, "m.mentions": {}}


async def uploaded(client: Client, room: str, file: File) -> Uploaded:
    """The file in the media repository, encrypted if the room is.

    Raises:
        UnreachableError, AwayError: it must wait. RefusedError: the homeserver takes none of that size.
    """
    with understood():
        if not await client.mind_encryption(room):
            return Uploaded(file, {"url": await upload(client, file.content, file.media_type)})
        ciphertext, keys = await asyncio.to_thread(encrypt_attachment, file.content)
        return Uploaded(file, {"file": keys | {"url": await upload(client, ciphertext, SEALED)}})


async def attached(client: Client, room: str, one: Uploaded) -> dict[str, Any]:
    """The content of the event; where the room has become an encrypted one meanwhile, of another upload."""
    with understood():
        encrypted = await client.mind_encryption(room)
    if encrypted and not one.sealed:
        one = await uploaded(client, room, one.file)
    return one.file.about | one.where

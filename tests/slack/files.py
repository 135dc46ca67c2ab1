"""Files: the three steps of an upload, the downloads and files.info; who may read one is Slack's rule, not more."""

from __future__ import annotations

import asyncio
import mimetypes
import re
from collections.abc import Callable
from typing import Any

from aiohttp import web

from tests.slack import conversation
from tests.slack.apps import Json
from tests.slack.errors import SlackError
from tests.slack.faults import Faults
from tests.slack.kit import check_message, refuse
from tests.slack.methods_conversations import visible
from tests.slack.webapi import Asked, method
from tests.slack.world import File, World

SIGN_IN = "<!DOCTYPE html><html><head><title>Sign in | Slack</title></head><body>Sign in to Slack</body></html>"


SIZE_MAX = 1_000_000_000
UPLOAD_LIVES = 3600.0
"""Seconds for which an upload URL takes bytes; that it ends is known, when is not."""
IMAGES = frozenset({"image/png", "image/jpeg", "image/gif"})
"""Of a slack_file: https://docs.slack.dev/reference/block-kit/composition-objects/slack-file-object"""
_CHANNEL = re.compile(r"[CGDZ][A-Z0-9]{8,}")
_TS = re.compile(r"\d{10}\.\d{6}")


@method("files.getUploadURLExternal")
def _upload_url(asked: Asked) -> Json:
    asked.need("files:write")
    name, size = asked.text("filename"), asked.text("length")
    if not size.isdecimal() or not 0 < int(size) <= SIZE_MAX or len(name) > 255:
        raise SlackError("invalid_arguments")
    if len(str(asked.args.get("alt_txt") or "")) > 1000:
        raise SlackError("alt_txt_too_large")
    made = int(asked.world.clock.now())
    file = File(asked.world.new_id("F"), asked.here.team, asked.here.bot_user, name, int(size), created=made)
    file.mimetype = mimetypes.guess_type(name)[0] or file.mimetype
    asked.world.files[file.id] = file
    return {"upload_url": f"{asked.world.file_base}/upload/v1/{file.id}", "file_id": file.id}


@method("files.completeUploadExternal")
def _complete(asked: Asked) -> Json:
    """Slack looks through a file after it has answered, and only then shares it."""
    asked.need("files:write")
    given: Any = asked.parsed("files", "invalid_arguments")
    if not isinstance(given, list) or not given:
        raise SlackError("invalid_arguments")
    found = [_uploaded(asked, one) for one in given]
    share = _share(asked, tuple(found)) if asked.args.get("channel_id") else None
    for file, one in zip(found, given, strict=True):
        file.title, file.complete = one.get("title") or file.name, True
        file.looked_at = asked.world.clock.now() + asked.world.looking
    if share is not None and asked.world.looking:
        asyncio.get_running_loop().call_later(asked.world.looking, share)
    elif share is not None:
        share()
    # the share shows up later, and only in files.info
    return {"files": [{"id": file.id, "title": file.title} for file in found]}


def _share(asked: Asked, files: tuple[File, ...]) -> Callable[[], object]:
    """What shares them, once all is known to be right."""
    channel_id, thread = str(asked.args["channel_id"]), asked.args.get("thread_ts") or None
    if not _CHANNEL.fullmatch(channel_id) or (thread is not None and not _TS.fullmatch(str(thread))):
        raise SlackError("invalid_arguments")
    try:
        channel = visible(asked, channel_id)
    except SlackError:
        raise SlackError("invalid_channel") from None
    if asked.here.bot_user not in channel.members:
        raise SlackError("posting_to_channel_denied")
    if channel.archived:
        raise SlackError("is_archived")
    if thread is not None and thread not in channel.messages:
        asked.world.breach(f"{asked.app.name} shared a file in {channel.name} below {thread}, which is not there")
    comment = str(asked.args.get("initial_comment") or "")
    refuse(check_message({"text": comment or "a file", "blocks": asked.args.get("blocks")}))
    blocks = None if comment else asked.parsed("blocks", "invalid_blocks_format")
    author = asked.world.users[asked.here.bot_user]
    return lambda: conversation.post(
        asked.world, channel, author, comment, blocks=blocks, thread_ts=thread, files=files, install=asked.here
    )


def _uploaded(asked: Asked, one: Any) -> File:
    file = asked.world.files.get(str(one.get("id"))) if isinstance(one, dict) else None
    if file is None or file.user != asked.here.bot_user or file.content is None or file.complete:
        raise SlackError("file_not_found")
    return file


@method("files.info")
def _info(asked: Asked) -> Json:
    asked.need("files:read")
    file = asked.world.files.get(asked.text("file"))
    if file is None or not file.complete or not readable(asked.world, file, asked.here.bot_user):
        raise SlackError("file_not_found")
    body = conversation.described(asked.world, file)
    shares: dict[str, Json] = {"public": {}, "private": {}}
    for channel_id, stamps in file.shares.items():
        where = "public" if asked.world.channels[channel_id].kind == "channel" else "private"
        shares[where][channel_id] = [{"ts": ts, "channel_name": asked.world.channels[channel_id].name} for ts in stamps]
    return {"file": body | {"shares": shares, "channels": list(file.shares)}, "comments": [], "response_metadata": {}}


def readable(world: World, file: File, reader: str) -> bool:
    """Whether it stands in a channel that the reader is in, or is the reader's own."""
    return file.user == reader or any(reader in world.channels[one].members for one in file.shares)


def expired(world: World, file: File) -> bool:
    """Whether its upload URL takes nothing any more."""
    return file.complete or world.clock.now() > file.created + UPLOAD_LIVES


class FileDoor:
    """`/upload/v1/FILE` and `/files-pri/TEAM-FILE/...`."""

    def __init__(self, world: World, faults: Faults) -> None:
        self._world = world
        self._faults = faults

    async def upload(self, request: web.Request) -> web.StreamResponse:
        """Bytes as they are, or as the `file` field of a form; the faults of "upload" befall it."""
        fault = await self._faults.meet("upload")
        if fault is not None and fault.answer is not None:
            return fault.answer()
        if fault is not None and fault.cut_before:
            return self._faults.hang_up(request)
        answer = await self._take(request)
        return answer if fault is None else self._faults.hang_up(request)

    async def _take(self, request: web.Request) -> web.Response:
        if request.content_type == "multipart/form-data":
            part = (await request.post()).get("file") or (await request.post()).get("filename")
            content = part.file.read() if isinstance(part, web.FileField) else b""
        else:
            content = await request.read()
        with self._world.lock:
            file = self._world.files.get(request.match_info["file"])
            if file is None or expired(self._world, file):
                return web.Response(status=404, text="no such upload")
            if len(content) != file.size:
                return web.Response(status=500, text=f"expected {file.size} bytes, got {len(content)}")
            file.content = content
            return web.Response(text=f"OK - {len(content)}")

    async def download(self, request: web.Request) -> web.StreamResponse:
        """Without a token that may read it, Slack answers 200 with a page to sign in.

        The faults of "download" befall it; what is cut after it was done ends in its middle.
        """
        fault = await self._faults.meet("download")
        if fault is not None and fault.answer is not None:
            return fault.answer()
        if fault is not None and fault.cut_before:
            return self._faults.hang_up(request)
        answer = self._given(request)
        if fault is None or not isinstance(answer.body, bytes):
            return answer
        half = web.StreamResponse(
            headers={"Content-Length": str(len(answer.body)), "Content-Type": answer.content_type}
        )
        await half.prepare(request)
        await half.write(answer.body[: len(answer.body) // 2])
        return self._faults.hang_up(request)

    def _given(self, request: web.Request) -> web.Response:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        with self._world.lock:
            file = self._world.files.get(request.match_info["ref"].partition("-")[2])
            reader = next((one for one in self._world.installs() if one.token == token and one.refusal is None), None)
            if reader is None or "files:read" not in reader.scopes:
                return web.Response(text=SIGN_IN, content_type="text/html")
            if file is None or not file.complete or not readable(self._world, file, reader.bot_user):
                return web.Response(status=404, text="<html>File not found</html>", content_type="text/html")
            return web.Response(body=file.content, content_type=file.mimetype)

"""What happens to messages, and the events that follow from it; whether somebody may do it is asked before."""

from __future__ import annotations

import copy
import re
from typing import Any

from tests.slack import events
from tests.slack.apps import Install, Json
from tests.slack.world import Channel, File, Message, User, World

_LINK = re.compile(r"(?<![\w@])https?://[^\s|>]+")


def post(
    world: World,
    channel: Channel,
    author: User,
    text: str,
    *,
    blocks: list[Json] | None = None,
    attachments: list[Json] | None = None,
    thread_ts: str | None = None,
    broadcast: bool = False,
    metadata: Json | None = None,
    unfurl: tuple[bool | None, bool | None] = (None, None),
    files: tuple[File, ...] = (),
    install: Install | None = None,
    **more: Any,
) -> Message:
    """Let a message stand in a channel, and tell of it."""
    with world.lock:
        ts = world.new_ts()
        body: Json = {"type": "message", "user": author.id, "text": text, "ts": ts, "team": author.team, **more}
        if install is not None:
            body |= _signature(world, install)
        if blocks:
            body["blocks"] = numbered(blocks)
        if attachments:
            body["attachments"] = [{"id": number, **one} for number, one in enumerate(attachments, 1)]
        if thread_ts is not None:
            body |= _below(channel, thread_ts, ts, broadcast=broadcast)
        if files:
            body |= {"subtype": "file_share", "upload": False, "display_as_bot": False}
            body["files"] = [described(world, file, channel) for file in files]
            for file in files:
                file.shares.setdefault(channel.id, []).append(ts)
        message = Message(body, metadata, unfurl)
        channel.messages[ts] = message
        told = rendered(channel, message, with_metadata=True) | _where(channel, ts)
        if broadcast and thread_ts in channel.messages:
            told["root"] = rendered(channel, channel.messages[thread_ts])
        events.message_event(world, channel, told, author.team)
        events.mention_event(world, channel, told, author)
        for file in files:
            share = {"file_id": file.id, "user_id": author.id, "file": {"id": file.id}, "channel_id": channel.id}
            events.channel_event(world, channel, "file_shared", share | {"event_ts": ts})
        if _LINK.search(text) and unfurl[0] is not False:
            _unfurled(world, channel, message, author)
        world.changed()
        return message


def edit(
    world: World, channel: Channel, message: Message, editor: User, *, flagged: bool = True, **changes: Any
) -> None:
    """Change a message; a value of None takes the part away. People see that it was edited if it is flagged."""
    with world.lock:
        before = rendered(channel, message)
        ts = world.new_ts()
        for name, value in changes.items():
            if name == "metadata":
                message.metadata = value or None
            elif value is None:
                message.body.pop(name, None)
            else:
                message.body[name] = numbered(value) if name == "blocks" else value
        if flagged:
            message.body["edited"] = {"user": editor.id, "ts": ts}
        _changed(world, channel, message, before, ts)


def delete(world: World, channel: Channel, message: Message) -> None:
    """Take a message away; below a root that has replies a tombstone stays, and it comes as a change."""
    with world.lock:
        before = rendered(channel, message)
        ts = world.new_ts()
        if channel.replies(message.ts):
            kept = {"type": "message", "ts": message.ts, "thread_ts": message.ts, "team": message.body["team"]}
            message.body = kept | {
                "subtype": "tombstone", "text": "This message was deleted.", "user": "USLACKBOT", "hidden": True,
            }  # fmt: skip
            message.metadata = None
            _changed(world, channel, message, before, ts)
            return
        del channel.messages[message.ts]
        event = {
            "type": "message", "subtype": "message_deleted", "previous_message": before, "deleted_ts": message.ts,
            "hidden": True,
        }  # fmt: skip
        events.message_event(world, channel, event | _where(channel, ts) | {"ts": ts}, before["team"])
        world.changed()


def react(world: World, channel: Channel, message: Message, user: User, name: str) -> bool:
    """Put a reaction to a message; False if it is there already."""
    with world.lock:
        reactions: list[Json] = message.body.setdefault("reactions", [])
        entry = next((one for one in reactions if one["name"] == name), None)
        if entry is None:
            entry = {"name": name, "users": [], "count": 0}
            reactions.append(entry)
        if user.id in entry["users"]:
            return False
        entry["users"].append(user.id)
        entry["count"] += 1
        item = {"type": "message", "channel": channel.id, "ts": message.ts}
        event = {"user": user.id, "reaction": name, "item": item, "item_user": message.body["user"]}
        events.channel_event(world, channel, "reaction_added", event | {"event_ts": world.new_ts()})
        world.changed()
        return True


def rendered(channel: Channel, message: Message, *, with_metadata: bool = False) -> Json:
    """As the Web API gives it: roots count their replies."""
    body: Json = copy.deepcopy(message.body)
    replies = channel.replies(message.ts) if message.thread_ts == message.ts else []
    if replies:
        users = list(dict.fromkeys(one.body["user"] for one in replies))
        body |= {
            "reply_count": len(replies), "reply_users_count": len(users), "latest_reply": replies[-1].ts,
            "reply_users": users, "is_locked": False, "subscribed": False,
        }  # fmt: skip
    elif message.thread_ts == message.ts:
        del body["thread_ts"]
    if with_metadata and message.metadata is not None:
        body["metadata"] = copy.deepcopy(message.metadata)
    return body


def described(world: World, file: File, channel: Channel | None = None) -> Json:
    """A file's object. In a Slack Connect channel it is only a pointer: files.info tells the rest."""
    if channel is not None and channel.shared:
        return {"id": file.id, "mode": "file_access", "file_access": "check_file_info", "created": file.created}
    base = f"{world.file_base}/files-pri/{file.team}-{file.id}"
    mimetype = file.mimetype if world.clock.now() >= file.looked_at else ""
    return {
        "id": file.id, "created": file.created, "timestamp": file.created, "name": file.name,
        "title": file.title or file.name, "mimetype": mimetype, "filetype": file.name.rpartition(".")[2],
        "pretty_type": file.name.rpartition(".")[2].upper(), "user": file.user, "user_team": file.team,
        "editable": False, "size": file.size, "mode": "hosted", "is_external": False, "external_type": "",
        "is_public": True, "public_url_shared": False, "display_as_bot": False, "username": "",
        "url_private": world.url_of(file), "url_private_download": f"{base}/download/{file.slug}",
        "file_access": "visible",
    }  # fmt: skip


def _below(channel: Channel, thread_ts: str, ts: str, *, broadcast: bool) -> Json:
    """What a reply has besides; its root learns that it has one."""
    channel.threads.setdefault(thread_ts, []).append(ts)
    told: Json = {"thread_ts": thread_ts}
    root = channel.messages.get(thread_ts)
    if root is not None:
        root.body.setdefault("thread_ts", thread_ts)
        told["parent_user_id"] = root.body["user"]
    return told | ({"subtype": "thread_broadcast"} if broadcast else {})


def _changed(world: World, channel: Channel, message: Message, before: Json, ts: str) -> None:
    message.read = None
    event = {
        "type": "message", "subtype": "message_changed", "previous_message": before, "hidden": True,
        "message": rendered(channel, message, with_metadata=True),
    }  # fmt: skip
    events.message_event(world, channel, event | _where(channel, ts) | {"ts": ts}, before["team"])
    world.changed()


def _unfurled(world: World, channel: Channel, message: Message, author: User) -> None:
    """Slack adds a preview by itself: a change whose text is the same, and which nobody made."""
    before = rendered(channel, message)
    found = _LINK.search(message.body["text"])
    url = found[0] if found else ""
    preview = {
        "id": 1,
        "from_url": url,
        "original_url": url,
        "fallback": "A page",
        "title": "A page",
        "text": author.name,
    }
    message.body.setdefault("attachments", []).append(preview)
    _changed(world, channel, message, before, world.new_ts())


def _where(channel: Channel, ts: str) -> Json:
    return {"channel": channel.id, "event_ts": ts, "channel_type": channel.kind}


def _signature(world: World, install: Install) -> Json:
    profile = {
        "id": install.bot_id, "app_id": install.app.id, "name": install.app.name, "team_id": install.team,
        "deleted": False, "updated": int(world.clock.now()),
    }  # fmt: skip
    return {"bot_id": install.bot_id, "app_id": install.app.id, "bot_profile": profile}


def numbered(blocks: list[Json]) -> list[Json]:
    """Slack gives a block_id, and an action_id, to what came without one."""
    copied = copy.deepcopy(blocks)
    for number, block in enumerate(copied, 1):
        block.setdefault("block_id", f"b{number:03d}")
        parts = [*block.get("elements", []), block.get("accessory"), block.get("element")]
        for place, part in enumerate(part for part in parts if isinstance(part, dict)):
            if block["type"] in {"actions", "section", "input"} and "type" in part and part["type"] != "image":
                part.setdefault("action_id", f"a{number:03d}{place}")
    return copied

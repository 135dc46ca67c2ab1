"""chat.* and reactions.add, with Slack's refusals."""

from __future__ import annotations

import re

from tests.slack import conversation, pictures
from tests.slack.apps import Json
from tests.slack.errors import SlackError
from tests.slack.hooks import show
from tests.slack.kit import check_message, refuse
from tests.slack.methods_conversations import visible
from tests.slack.webapi import Asked, method
from tests.slack.world import Channel, Message

_TS = re.compile(r"\d{10}\.\d{6}")


def _target(asked: Asked) -> Channel:
    """Where to post: a channel's id or name, or a person's id for a direct message."""
    world, name = asked.world, asked.text("channel")
    if name in world.users:
        return world.direct(world.users[asked.here.bot_user], world.users[name])
    if name.startswith("#"):
        found = next((one for one in world.channels.values() if f"#{one.name}" == name), None)
        name = found.id if found else name
    return visible(asked, name)


def _may_post(asked: Asked, channel: Channel) -> None:
    if channel.archived:
        raise SlackError("is_archived")
    if asked.here.bot_user not in channel.members and (
        channel.kind != "channel" or "chat:write.public" not in asked.here.scopes or channel.shared
    ):
        raise SlackError("not_in_channel")


def _content(asked: Asked, *, update: bool = False) -> Json:
    """Text, blocks, attachments and metadata, as Slack would take them together."""
    given = {name: asked.args.get(name) for name in ("text", "blocks", "attachments", "metadata")}
    refuse(check_message(given, update=update))
    parsed: Json = {name: asked.parsed(name, "invalid_blocks_format") for name in ("blocks", "attachments")}
    refuse(pictures.refusal(asked.world, asked.here.bot_user, parsed["blocks"] or ()))
    return parsed | {"text": given["text"] or "", "metadata": asked.parsed("metadata", "invalid_metadata_format")}


def _how(asked: Asked) -> Json:
    """How the text is to be read."""
    return {name: asked.args[name] for name in ("parse", "link_names") if name in asked.args}


def _thread(asked: Asked, channel: Channel) -> str | None:
    """Slack takes a reply to what is not there, and nobody ever sees it; so it is noted as a breach."""
    given = asked.args.get("thread_ts")
    if given in (None, ""):
        return None
    ts = str(given)
    if not _TS.fullmatch(ts):
        messages = [f"[ERROR] {ts} is not a valid thread_ts"]
        raise SlackError("invalid_thread_ts", response_metadata={"messages": messages})
    root = channel.messages.get(ts)
    if root is None:
        asked.world.breach(f"{asked.app.name} replied in {channel.name} to {ts}, which is not there")
        return ts
    if root.body.get("subtype") in {"channel_join", "channel_leave", "group_join", "group_leave"}:
        raise SlackError("cannot_reply_to_message")
    if root.is_reply:
        asked.world.breach(f"{asked.app.name} replied in {channel.name} to {ts}, itself a reply")
        return root.thread_ts
    return ts


def _own(asked: Asked, channel: Channel, refusal: str) -> Message:
    message = channel.messages.get(asked.text("ts"))
    if message is None or message.body.get("subtype") == "tombstone":
        raise SlackError("message_not_found")
    if message.body["user"] != asked.here.bot_user:
        raise SlackError(refusal)
    return message


@method("chat.postMessage")
def _post_message(asked: Asked) -> Json:
    asked.need("chat:write")
    channel = _target(asked)
    _may_post(asked, channel)
    payload = _content(asked)
    message = conversation.post(
        asked.world,
        channel,
        asked.world.users[asked.here.bot_user],
        **payload,
        thread_ts=_thread(asked, channel),
        broadcast=bool(asked.flag("reply_broadcast")) and bool(asked.args.get("thread_ts")),
        unfurl=(asked.flag("unfurl_links"), asked.flag("unfurl_media")),
        install=asked.here,
    )
    message.how = _how(asked)
    pictures.shared(asked.world, asked.here.bot_user, channel, message.ts, payload["blocks"] or ())
    told = conversation.rendered(channel, message, with_metadata=True)
    return {"channel": channel.id, "ts": message.ts, "message": told}


@method("chat.update")
def _update(asked: Asked) -> Json:
    asked.need("chat:write")
    channel = visible(asked, asked.text("channel"))
    message = _own(asked, channel, "cant_update_message")
    if channel.archived:
        raise SlackError("is_inactive")
    payload = _content(asked, update=True)
    changes = {name: payload[name] for name in payload if name in asked.args}
    # a new text takes the blocks away; new blocks are no edit in people's eyes (docs.slack.dev, chat.update)
    if "text" in asked.args and "blocks" not in asked.args:
        changes["blocks"] = None
    bot = asked.world.users[asked.here.bot_user]
    message.how = _how(asked)
    conversation.edit(asked.world, channel, message, bot, flagged="blocks" not in asked.args, **changes)
    told = conversation.rendered(channel, message)
    return {"channel": channel.id, "ts": message.ts, "text": payload["text"], "message": told}


@method("chat.delete")
def _delete(asked: Asked) -> Json:
    asked.need("chat:write")
    channel = visible(asked, asked.text("channel"))
    message = _own(asked, channel, "cant_delete_message")
    conversation.delete(asked.world, channel, message)
    return {"channel": channel.id, "ts": message.ts}


@method("chat.postEphemeral")
def _post_ephemeral(asked: Asked) -> Json:
    asked.need("chat:write")
    channel = visible(asked, asked.text("channel"))
    _may_post(asked, channel)
    reader = asked.text("user")
    if reader not in asked.world.users or reader not in channel.members:
        raise SlackError("user_not_in_channel")
    payload = _content(asked) | {"thread_ts": _thread(asked, channel), "how": _how(asked)}
    if any(pictures.pictures(payload["blocks"] or ())):
        asked.world.breach(f"{asked.app.name} showed {reader} a file that stands in no message")
    return {"message_ts": show(asked.world, asked.here, channel.id, reader, payload)}


@method("reactions.add")
def _react(asked: Asked) -> Json:
    asked.need("reactions:write")
    channel = visible(asked, asked.text("channel"))
    if channel.archived:
        raise SlackError("is_archived")
    if asked.here.bot_user not in channel.members:
        raise SlackError("not_in_channel")
    message = channel.messages.get(asked.text("timestamp"))
    if message is None:
        raise SlackError("message_not_found")
    name = asked.text("name").strip(":")
    if not re.fullmatch(r"[\w+'-]+(::skin-tone-[2-6])?", name):
        raise SlackError("invalid_name")
    if not conversation.react(asked.world, channel, message, asked.world.users[asked.here.bot_user], name):
        raise SlackError("already_reacted")
    return {}

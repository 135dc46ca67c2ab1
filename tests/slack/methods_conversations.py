"""conversations.*: what a bot may see of a channel, and its pages."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from typing import TypeVar

from tests.slack import conversation, membership
from tests.slack.apps import Json
from tests.slack.errors import SlackError
from tests.slack.webapi import Asked, method
from tests.slack.world import Channel, Message

T = TypeVar("T")
_SCOPES = {"channel": "channels", "group": "groups", "im": "im", "mpim": "mpim"}
_TYPES = {"public_channel": "channel", "private_channel": "group", "im": "im", "mpim": "mpim"}
_TS = re.compile(r"\d+(\.\d{1,6})?")
_PAGE = 100


def visible(asked: Asked, channel_id: str) -> Channel:
    """A channel that the token's workspace has, and its bot can see."""
    channel = asked.world.channels.get(channel_id)
    if channel is None or asked.here.team not in channel.teams:
        raise SlackError("channel_not_found")
    if channel.kind != "channel" and asked.here.bot_user not in channel.members:
        raise SlackError("channel_not_found")
    return channel


def _scoped(asked: Asked, what: str) -> Channel:
    channel = visible(asked, asked.text("channel"))
    asked.need(f"{_SCOPES[channel.kind]}:{what}")
    return channel


def _readable(asked: Asked) -> Channel:
    channel = _scoped(asked, "history")
    if asked.here.bot_user not in channel.members:
        raise SlackError("not_in_channel")
    return channel


def page(asked: Asked, items: Sequence[T], most: int = 1000) -> tuple[list[T], Json]:
    """One page of a listing, and what to say of the next. A cursor is good for the listing that gave it."""
    limit = asked.number("limit", _PAGE, most)
    start = 0
    cursor = asked.args.get("cursor")
    if cursor:
        try:
            name, number = base64.b64decode(str(cursor), validate=True).decode().split(":")
            start = int(number)
        except ValueError:
            raise SlackError("invalid_cursor") from None
        if name != asked.method or start > len(items):
            raise SlackError("invalid_cursor")
    more = start + limit < len(items)
    token = base64.b64encode(f"{asked.method}:{start + limit}".encode()).decode() if more else ""
    return list(items[start : start + limit]), {"response_metadata": {"next_cursor": token}}


def _between(asked: Asked, messages: list[Message]) -> list[Message]:
    bounds: dict[str, float | None] = {}
    for name in ("oldest", "latest"):
        value = asked.args.get(name)
        if value not in (None, "") and not _TS.fullmatch(str(value)):
            raise SlackError(f"invalid_ts_{name}")
        bounds[name] = float(value) if value not in (None, "", "0") else None
    oldest, latest, inclusive = bounds["oldest"], bounds["latest"], asked.flag("inclusive")

    def within(message: Message) -> bool:
        at = float(message.ts)
        if inclusive and at in (oldest, latest):
            return True
        return (oldest is None or at > oldest) and (latest is None or at < latest)

    return [one for one in messages if within(one)]


def _rendered(asked: Asked, channel: Channel, messages: list[Message]) -> list[Json]:
    with_metadata = bool(asked.flag("include_all_metadata"))
    return [conversation.rendered(channel, one, with_metadata=with_metadata) for one in messages]


@method("conversations.history")
def _history(asked: Asked) -> Json:
    channel = _readable(asked)
    stands = [one for one in channel.messages.values() if not one.is_reply or _broadcast(one)]
    newest_first = _between(asked, stands)[::-1]
    shown, after = page(asked, newest_first, 999)
    more = bool(after["response_metadata"]["next_cursor"])
    answer: Json = {"messages": _rendered(asked, channel, shown), "has_more": more, "pin_count": 0}
    return answer | (after if more else {})


@method("conversations.replies")
def _replies(asked: Asked) -> Json:
    channel = _readable(asked)
    first = channel.messages.get(asked.text("ts"))
    if first is None:
        raise SlackError("thread_not_found")
    root = channel.messages.get(first.thread_ts or first.ts)
    if root is None:
        raise SlackError("thread_not_found")
    # the root stands first on every page's listing, whatever the bounds say
    thread = [root, *_between(asked, channel.replies(root.ts))]
    shown, after = page(asked, thread)
    more = bool(after["response_metadata"]["next_cursor"])
    return {"messages": _rendered(asked, channel, shown), "has_more": more} | (after if more else {})


def _broadcast(message: Message) -> bool:
    return message.body.get("subtype") == "thread_broadcast"


def told(asked: Asked, channel: Channel) -> Json:
    """A conversation's object."""
    direct = channel.kind == "im"
    body: Json = {
        "id": channel.id, "created": channel.created, "is_archived": channel.archived, "is_im": direct,
        "is_org_shared": False, "context_team_id": asked.here.team, "is_open": True,
    }  # fmt: skip
    if direct:
        others = [one for one in channel.members if one != asked.here.bot_user]
        return body | {"user": others[0] if others else asked.here.bot_user}
    return body | {
        "name": channel.name, "name_normalized": channel.name, "creator": channel.creator,
        "is_channel": channel.kind == "channel", "is_group": channel.kind == "group",
        "is_mpim": channel.kind == "mpim", "is_private": channel.kind != "channel", "is_general": False,
        "is_shared": channel.shared, "is_ext_shared": channel.shared, "is_pending_ext_shared": False,
        "pending_shared": [], "is_member": asked.here.bot_user in channel.members,
        "shared_team_ids": channel.teams, "conversation_host_id": channel.teams[0],
        "topic": {"value": "", "creator": "", "last_set": 0}, "purpose": {"value": "", "creator": "", "last_set": 0},
        "previous_names": [], "num_members": len(channel.members),
    }  # fmt: skip


@method("conversations.info")
def _info(asked: Asked) -> Json:
    channel = _scoped(asked, "read")
    body = told(asked, channel)
    if not asked.flag("include_num_members"):
        body.pop("num_members", None)
    return {"channel": body}


@method("conversations.members")
def _members(asked: Asked) -> Json:
    channel = _scoped(asked, "read")
    shown, after = page(asked, channel.members)
    return {"members": shown, **after}


@method("conversations.list")
def _list(asked: Asked) -> Json:
    kinds = []
    for name in str(asked.args.get("types") or "public_channel").split(","):
        if name.strip() not in _TYPES:
            raise SlackError("invalid_types")
        kinds.append(_TYPES[name.strip()])
    for kind in kinds:
        asked.need(f"{_SCOPES[kind]}:read")
    found = []
    for channel in asked.world.channels.values():
        seen = channel.kind == "channel" or asked.here.bot_user in channel.members
        hidden = bool(asked.flag("exclude_archived")) and channel.archived
        if channel.kind in kinds and asked.here.team in channel.teams and seen and not hidden:
            found.append(told(asked, channel))
    shown, after = page(asked, found)
    return {"channels": shown, **after}


@method("conversations.join")
def _join(asked: Asked) -> Json:
    asked.need("channels:join")
    channel = visible(asked, asked.text("channel"))
    if channel.kind != "channel":
        raise SlackError("method_not_supported_for_channel_type")
    if channel.archived:
        raise SlackError("is_archived")
    warning = {}
    if asked.here.bot_user in channel.members:
        warning = {"warning": "already_in_channel", "response_metadata": {"warnings": ["already_in_channel"]}}
    membership.join(asked.world, channel, asked.world.users[asked.here.bot_user])
    return {"channel": told(asked, channel), **warning}


@method("conversations.open")
def _open(asked: Asked) -> Json:
    given = asked.args.get("users")
    if not given:
        raise SlackError("users_list_not_supplied")
    names = given if isinstance(given, list) else str(given).split(",")
    asked.need("im:write" if len(names) == 1 else "mpim:write")
    people = []
    for name in names:
        user = asked.world.users.get(name.strip())
        if user is None or (user.team != asked.here.team and not asked.world.acquainted(user, asked.here.team)):
            raise SlackError("user_not_found")
        if user.deleted:
            raise SlackError("user_disabled")
        if user.app is not None:
            raise SlackError("cannot_dm_bot")
        people.append(user)
    if len(people) > 8:
        raise SlackError("too_many_users")
    bot = asked.world.users[asked.here.bot_user]
    before = set(asked.world.channels)
    channel = asked.world.direct(bot, *people)
    body = told(asked, channel) if asked.flag("return_im") else {"id": channel.id}
    return {"channel": body} | ({"no_op": True, "already_open": True} if channel.id in before else {})

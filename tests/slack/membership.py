"""Who comes into a channel, leaves it, archives or renames it, and the events of that; it moderates nothing."""

from __future__ import annotations

from tests.slack import conversation, events
from tests.slack.apps import Install, Json
from tests.slack.world import Channel, User, World


def join(world: World, channel: Channel, user: User, inviter: User | None = None) -> None:
    """Let somebody into a channel; the channel shows it as a message."""
    with world.lock:
        if user.id in channel.members:
            return
        channel.members.append(user.id)
        event: Json = {"user": user.id, "channel": channel.id, "team": user.team, "event_ts": world.new_ts()}
        more: Json = {"subtype": "channel_join" if channel.kind == "channel" else "group_join"}
        if inviter is not None:
            event["inviter"] = more["inviter"] = inviter.id
        event["channel_type"] = "C" if channel.kind == "channel" else "G"
        events.channel_event(world, channel, "member_joined_channel", event)
        conversation.post(world, channel, user, f"<@{user.id}> has joined the channel", **more)


def leave(world: World, channel: Channel, user: User, actor: User | None = None) -> None:
    """Let somebody out; an app that is taken out is told so once, and then nothing more of the channel."""
    with world.lock:
        if user.id not in channel.members:
            return
        channel.members.remove(user.id)
        public = channel.kind == "channel"
        event = {
            "user": user.id, "channel": channel.id, "channel_type": "C" if public else "G", "team": user.team,
            "event_ts": world.new_ts(),
        }  # fmt: skip
        removed = world.bot(user.id)
        events.channel_event(world, channel, "member_left_channel", event, also=removed)
        if removed is not None:
            left = {"channel": channel.id, "actor_id": (actor or user).id, "event_ts": event["event_ts"]}
            events.own_event(world, removed, "channel_left" if public else "group_left", left, channel)
        subtype = "channel_leave" if public else "group_leave"
        conversation.post(world, channel, user, f"<@{user.id}> has left the channel", subtype=subtype)


def archive(world: World, channel: Channel, by: User) -> None:
    with world.lock:
        channel.archived = True
        _told(world, channel, "archive", {"channel": channel.id, "user": by.id, "is_moved": 0})


def unarchive(world: World, channel: Channel, by: User) -> None:
    with world.lock:
        channel.archived = False
        _told(world, channel, "unarchive", {"channel": channel.id, "user": by.id})


def rename(world: World, channel: Channel, by: User, name: str) -> None:
    with world.lock:
        old, channel.name = channel.name, name
        told = {"id": channel.id, "name": name, "created": channel.created, "is_channel": True, "is_mpim": False}
        _told(world, channel, "rename", {"channel": told})
        text = f'has renamed the channel from "{old}" to "{name}"'
        subtype = "channel_name" if channel.kind == "channel" else "group_name"
        conversation.post(world, channel, by, text, subtype=subtype, old_name=old, name=name)


def share(world: World, channel: Channel, *teams: str) -> None:
    """Make it a Slack Connect channel of further workspaces."""
    with world.lock:
        channel.teams.extend(team for team in teams if team not in channel.teams)
        world.changed()


def revoke(world: World, install: Install, refusal: str = "token_revoked") -> None:
    """The token works no more; the app is told, and nothing further."""
    with world.lock:
        told = {"tokens": {"oauth": [], "bot": [install.bot_user]}, "event_ts": world.new_ts()}
        events.own_event(world, install, "tokens_revoked", told)
        install.refusal = refusal


def uninstall(world: World, install: Install) -> None:
    """The app leaves its workspace, with its bot user out of every channel."""
    with world.lock:
        told = {"tokens": {"oauth": [], "bot": [install.bot_user]}, "event_ts": world.new_ts()}
        events.own_event(world, install, "tokens_revoked", told)
        events.own_event(world, install, "app_uninstalled", {"event_ts": world.new_ts()})
        install.refusal = "account_inactive"
        for channel in world.channels.values():
            if install.bot_user in channel.members and channel.kind in {"channel", "group"}:
                channel.members.remove(install.bot_user)
        world.users[install.bot_user].deleted = True


def _told(world: World, channel: Channel, what: str, event: Json) -> None:
    name = ("channel_" if channel.kind == "channel" else "group_") + what
    events.channel_event(world, channel, name, event | {"event_ts": world.new_ts()})
    world.changed()

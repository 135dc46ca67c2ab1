"""Events as Slack words them, and which apps are told of one; how they get there is not its business."""

from __future__ import annotations

import base64
import json

from tests.slack.apps import App, Install, Json
from tests.slack.world import Channel, User, World

_MESSAGES = {"channel": "message.channels", "group": "message.groups", "im": "message.im", "mpim": "message.mpim"}


def witnesses(world: World, channel: Channel) -> list[Install]:
    """One installation of each app whose bot sits in the channel; an event comes once to an app."""
    found: dict[str, Install] = {}
    for install in world.installs():
        if install.refusal is None and install.bot_user in channel.members:
            found.setdefault(install.app.id, install)
    return list(found.values())


def message_event(world: World, channel: Channel, event: Json, author_team: str) -> None:
    """Tell of something that happened to a message; the outer team is its author's."""
    for install in witnesses(world, channel):
        if install.app.hears(install, _MESSAGES[channel.kind]):
            _tell(world, install, event, channel, author_team)


def mention_event(world: World, channel: Channel, body: Json, author: User) -> None:
    """Beside the message itself, an app that is mentioned in a channel hears of it once more, under its own id."""
    if channel.kind == "im":
        return
    for install in witnesses(world, channel):
        if f"<@{install.bot_user}" not in body["text"] or author.id == install.bot_user:
            continue
        if install.app.hears(install, "app_mention"):
            kept = {name: value for name, value in body.items() if name not in {"subtype", "channel_type"}}
            event = kept | {"type": "app_mention", "team": install.team, "channel": channel.id, "event_ts": body["ts"]}
            if author.team != install.team:
                event |= {"user_team": author.team, "source_team": author.team, "user_profile": {"team": author.team}}
            _tell(world, install, event, channel, install.team)


def channel_event(world: World, channel: Channel, name: str, event: Json, *, also: Install | None = None) -> None:
    """Tell of something else that happened in a channel; no team in it says who did it."""
    told = witnesses(world, channel)
    if also is not None and also.refusal is None and also not in told:
        told.append(also)
    for install in told:
        if install.app.hears(install, name):
            _tell(world, install, {"type": name, **event}, channel, install.team)


def own_event(world: World, install: Install, name: str, event: Json, channel: Channel | None = None) -> None:
    """Tell one app of what concerns only itself."""
    if install.app.hears(install, name):
        _tell(world, install, {"type": name, **event}, channel, install.team)


def _tell(world: World, install: Install, event: Json, channel: Channel | None, team: str) -> None:
    app: App = install.app
    made: dict[str, str] = {"et": event["type"], "tid": install.team, "aid": app.id}
    if channel is not None:
        made["cid"] = channel.id
    payload: Json = {
        "token": app.verification,
        "team_id": team,
        "context_team_id": channel.teams[0] if channel else install.team,
        "context_enterprise_id": None,
        "api_app_id": app.id,
        "event": event,
        "type": "event_callback",
        "event_id": world.new_id("Ev"),
        "event_time": int(world.clock.now()),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": install.team,
                "user_id": install.bot_user,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": channel is not None and channel.shared,
        "event_context": "4-" + base64.urlsafe_b64encode(json.dumps(made).encode()).decode().rstrip("="),
    }
    world.deliver(app, json.loads(json.dumps(payload)))

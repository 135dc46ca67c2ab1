"""What Slack sends to an app when a person does something: the exact shapes, and nothing that decides."""

from __future__ import annotations

from typing import Literal

from tests.slack.apps import Install, Json
from tests.slack.conversation import rendered
from tests.slack.forms import CannotFillError, filled
from tests.slack.hooks import Hooks
from tests.slack.seeing import Button
from tests.slack.stacks import View, Views
from tests.slack.world import Channel, Message, User, World

_NAMES = {"im": "directmessage", "group": "privategroup", "mpim": "privategroup"}


def channel_name(channel: Channel) -> str:
    """A private channel's name is not told in interactions."""
    return _NAMES.get(channel.kind, channel.name)


class Payloads:
    def __init__(self, world: World, hooks: Hooks, views: Views) -> None:
        self._world = world
        self._hooks = hooks
        self._views = views

    def slash(self, install: Install, user: User, channel: Channel, command: str, text: str) -> Json:
        """All values are texts: in HTTP mode it is a form."""
        team = self._world.teams[user.team]
        return {
            "token": install.app.verification, "team_id": team.id, "team_domain": team.domain,
            "channel_id": channel.id, "channel_name": channel_name(channel), "user_id": user.id,
            "user_name": user.name, "command": command, "text": text, "api_app_id": install.app.id,
            "is_enterprise_install": "false", "response_url": self._hooks.url(install, user, channel),
            "trigger_id": self._hooks.trigger(install, user),
        }  # fmt: skip

    def action(self, button: Button, value: str | None) -> Json:
        """What is told of a click, or of a choice from a menu."""
        element = button.element
        action: Json = {
            "action_id": button.action_id, "block_id": button.block_id, "type": element["type"],
            "action_ts": self._world.new_ts(),
        }  # fmt: skip
        if element["type"] == "button":
            return action | {name: element[name] for name in ("text", "value", "style", "url") if name in element}
        if value is None:
            raise CannotFillError(f"{button.label!r} is a menu: choose something")
        if element["type"] == "overflow":
            element = element | {"type": "static_select"}
        return action | {name: one for name, one in filled(element, value, []).items() if name != "type"}

    def press(
        self, install: Install, user: User, channel: Channel, message: Message, action: Json, *, ephemeral: bool
    ) -> Json:
        """A click in a message; of an ephemeral one Slack does not tell the content."""
        container = {
            "type": "message", "message_ts": message.ts, "channel_id": channel.id, "is_ephemeral": ephemeral,
        }  # fmt: skip
        if message.is_reply:
            container["thread_ts"] = message.thread_ts or ""
        kind: Literal["message", "ephemeral"] = "ephemeral" if ephemeral else "message"
        payload = self._interaction("block_actions", install, user) | {
            "container": container,
            "channel": {"id": channel.id, "name": channel_name(channel)},
            "state": {"values": {}},
            "response_url": self._hooks.url(install, user, channel, (kind, message.ts)),
            "actions": [action],
        }
        if not ephemeral:
            payload["message"] = rendered(channel, message)
        return payload

    def press_in_view(self, view: View, user: User, action: Json) -> Json:
        """A click in a modal or a home."""
        return self._interaction("block_actions", view.install, user) | {
            "container": {"type": "view", "view_id": view.id},
            "view": self._views.described(view),
            "actions": [action],
        }

    def submission(self, view: View) -> Json:
        """A modal sent off."""
        urls = []
        for block in view.inputs:
            element = block["element"]
            if element.get("response_url_enabled"):
                state = view.values[block["block_id"]][element["action_id"]]
                chosen = state.get("selected_conversation") or state.get("selected_channel")
                if chosen in self._world.channels:
                    url = self._hooks.url(view.install, view.user, self._world.channels[chosen])
                    urls.append({
                        "block_id": block["block_id"], "action_id": element["action_id"],
                        "channel_id": chosen, "response_url": url,
                    })  # fmt: skip
        told = {"view": self._views.described(view), "response_urls": urls}
        return self._interaction("view_submission", view.install, view.user) | told

    def closed(self, view: View, *, cleared: bool) -> Json:
        """A modal closed that wanted to know of it."""
        payload = self._interaction("view_closed", view.install, view.user)
        del payload["trigger_id"]
        return payload | {"view": self._views.described(view), "is_cleared": cleared}

    def suggestion(self, view: View, block: Json, element: Json, typed: str) -> Json:
        """Somebody types into an external select."""
        payload = self._interaction("block_suggestion", view.install, view.user)
        del payload["trigger_id"]
        return payload | {
            "container": {"type": "view", "view_id": view.id}, "view": self._views.described(view),
            "action_id": element["action_id"], "block_id": block["block_id"], "value": typed,
        }  # fmt: skip

    def shortcut(self, install: Install, user: User, callback_id: str) -> Json:
        """A global shortcut."""
        payload = self._interaction("shortcut", install, user)
        return payload | {"callback_id": callback_id, "action_ts": self._world.new_ts()}

    def message_shortcut(
        self, install: Install, user: User, channel: Channel, message: Message, callback_id: str
    ) -> Json:
        """A shortcut from a message's menu."""
        return self._interaction("message_action", install, user) | {
            "callback_id": callback_id, "action_ts": self._world.new_ts(), "message_ts": message.ts,
            "channel": {"id": channel.id, "name": channel_name(channel)},
            "message": rendered(channel, message), "response_url": self._hooks.url(install, user, channel),
        }  # fmt: skip

    def _interaction(self, kind: str, install: Install, user: User) -> Json:
        """What all have; in Slack Connect the team is the person's own, not the app's."""
        team = self._world.teams[user.team]
        return {
            "type": kind,
            "user": {"id": user.id, "username": user.name, "name": user.name, "team_id": user.team},
            "api_app_id": install.app.id,
            "token": install.app.verification,
            "trigger_id": self._hooks.trigger(install, user),
            "team": {"id": team.id, "domain": team.domain},
            "enterprise": None,
            "is_enterprise_install": False,
        }

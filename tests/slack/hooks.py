"""What an interaction hands to an app for a while: trigger ids and response URLs; it knows their limits only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tests.slack.apps import App, Install, Json
from tests.slack.conversation import delete, edit, numbered, post
from tests.slack.errors import SlackError
from tests.slack.kit import check_message, refuse
from tests.slack.world import Channel, Message, User, World

TRIGGER_LIVES = 3.0
URL_LIVES = 30 * 60.0
URL_USES = 5


@dataclass
class Trigger:
    """What opens one view for the person who did something, soon enough."""

    id: str
    app: App
    user: str
    team: str
    made: float
    used: bool = False


@dataclass
class ResponseUrl:
    """Where an app answers an interaction. `original` is the message whose button was pressed, if one was."""

    id: str
    install: Install
    user: str
    channel: str
    made: float
    original: tuple[Literal["message", "ephemeral"], str] | None = None
    uses: int = 0


class Hooks:
    def __init__(self, world: World, trigger_lives: float = TRIGGER_LIVES) -> None:
        self.base = ""
        self.trigger_lives = trigger_lives
        self._world = world
        self._triggers: dict[str, Trigger] = {}
        self._urls: dict[str, ResponseUrl] = {}

    def trigger(self, install: Install, user: User) -> str:
        """A new trigger id."""
        with self._world.lock:
            trigger_id = f"{self._world.new_id('')}.{install.team}.{install.app.id}".lower()
            made = self._world.clock.now()
            self._triggers[trigger_id] = Trigger(trigger_id, install.app, user.id, install.team, made)
            return trigger_id

    def exchange(self, trigger_id: object, app: App) -> Trigger:
        """Use a trigger up; raises SlackError where it is too late, done before, or somebody else's."""
        trigger = self._triggers.get(str(trigger_id))
        if trigger is None or trigger.app is not app:
            raise SlackError("invalid_trigger_id")
        if trigger.used:
            raise SlackError("exchanged_trigger_id")
        if self._world.clock.now() - trigger.made > self.trigger_lives:
            raise SlackError("expired_trigger_id")
        trigger.used = True
        return trigger

    def url(
        self,
        install: Install,
        user: User,
        channel: Channel,
        original: tuple[Literal["message", "ephemeral"], str] | None = None,
    ) -> str:
        """A new response URL."""
        with self._world.lock:
            name = self._world.new_id("hook")
            made = self._world.clock.now()
            self._urls[name] = ResponseUrl(name, install, user.id, channel.id, made, original)
            return f"{self.base}/actions/{install.team}/{name}"

    def respond(self, name: str, payload: Json) -> None:
        """What was posted to a response URL; raises SlackError where it is used up, too old, or no message."""
        with self._world.lock:
            hook = self._urls.get(name)
            if hook is None:
                raise SlackError("no_service")
            if self._world.clock.now() - hook.made > URL_LIVES:
                raise SlackError("expired_url")
            if hook.uses >= URL_USES:
                raise SlackError("used_url")
            hook.uses += 1
            if hook.install.refusal is not None:
                raise SlackError("no_service")
            self.answer(hook, payload)

    def answer(self, hook: ResponseUrl, payload: Json) -> None:
        """Do what a response says: replace, delete, or say something new."""
        if payload.get("delete_original"):
            self._take_away(hook)
            return
        refuse(check_message(payload))
        # A click's answer that says neither replaces the message, as it did for attachments; good apps say which.
        replace = payload.get("replace_original", "response_type" not in payload)
        if hook.original is not None and replace:
            self._replace(hook, payload)
        elif payload.get("response_type") == "in_channel":
            self._post(hook, payload)
        else:
            show(self._world, hook.install, hook.channel, hook.user, payload)

    def _post(self, hook: ResponseUrl, payload: Json) -> None:
        post(
            self._world,
            self._world.channels[hook.channel],
            self._world.users[hook.install.bot_user],
            payload.get("text") or "",
            blocks=payload.get("blocks"),
            attachments=payload.get("attachments"),
            thread_ts=payload.get("thread_ts"),
            unfurl=(payload.get("unfurl_links"), payload.get("unfurl_media")),
            install=hook.install,
        )

    def _replace(self, hook: ResponseUrl, payload: Json) -> None:
        kind, ts = hook.original or ("message", "")
        blocks = numbered(payload["blocks"]) if payload.get("blocks") else None
        changes: Json = {"text": payload.get("text") or "", "blocks": blocks, "attachments": payload.get("attachments")}
        if kind == "message":
            channel = self._world.channels[hook.channel]
            if ts in channel.messages:
                edit(self._world, channel, channel.messages[ts], self._world.users[hook.install.bot_user], **changes)
            return
        for one in self._world.ephemerals.get(hook.user, []):
            if one.ts == ts:
                one.body.update({name: value for name, value in changes.items() if value is not None})
                for name in [name for name, value in changes.items() if value is None]:
                    one.body.pop(name, None)
                one.read = None
                self._world.changed()

    def _take_away(self, hook: ResponseUrl) -> None:
        if hook.original is None:
            return
        kind, ts = hook.original
        if kind == "message":
            channel = self._world.channels[hook.channel]
            if ts in channel.messages:
                delete(self._world, channel, channel.messages[ts])
            return
        mine = self._world.ephemerals.get(hook.user, [])
        self._world.ephemerals[hook.user] = [one for one in mine if one.ts != ts]
        self._world.changed()


def show(world: World, install: Install, channel: str, user: str, payload: Json) -> str:
    """Let one person see what stands in no history; returns its timestamp."""
    with world.lock:
        body = {
            "type": "message", "subtype": "bot_message", "user": install.bot_user, "bot_id": install.bot_id,
            "app_id": install.app.id, "is_ephemeral": True, "channel": channel, "ts": world.new_ts(),
            "text": payload.get("text") or "", "team": install.team,
        }  # fmt: skip
        for name in ("attachments", "thread_ts"):
            if payload.get(name):
                body[name] = payload[name]
        if payload.get("blocks"):
            body["blocks"] = numbered(payload["blocks"])
        thread = payload.get("thread_ts")
        if thread and not world.channels[channel].replies(thread):
            world.breach(f"{install.app.name} told {user} something in a thread without replies, where nobody sees it")
            return str(body["ts"])
        world.ephemerals.setdefault(user, []).append(Message(body, how=payload.get("how", {})))
        world.changed()
        return str(body["ts"])

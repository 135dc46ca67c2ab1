"""What a person does with apps at a Slack client; it knows them only through what Slack shows of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.slack import conversation, events, typed
from tests.slack.apps import Install, Json
from tests.slack.hooks import show
from tests.slack.kit import check_message
from tests.slack.member import Member
from tests.slack.seeing import Seen, shown
from tests.slack.stacks import View
from tests.slack.surfaces import WITHIN, Answer, Modal, NotOfferedError, Surface, pick
from tests.slack.world import Channel, Message


class Person(Member):
    """One person. A call waits for what Slack's client waits for, so it is not for the loop of a bot."""

    def slash(self, channel: Channel, command: str, text: str = "", *, thread: str | None = None) -> Answer:
        """Type a slash command; what follows its name may stand in `command` or in `text`."""
        if thread is not None:
            raise NotOfferedError("slash commands do not work in threads")
        self._inside(channel)
        name, _, rest = command.partition(" ")
        install = self._offering(name)
        if install is None:
            return Answer(error="unknown_command")
        line = (rest or text).strip()
        if (install.app.command(name) or {}).get("should_escape"):
            line = typed.command(self._world, self.user, line)
        payload = self._slack.payloads.slash(install, self.user, channel, name, line)
        return self._told(install, channel, payload)

    def press(self, channel: Channel, message: Seen | str, button: str, value: str | None = None) -> Answer:
        """Click a button, by its label or action_id; in a menu choose `value`. What is not shown cannot be clicked."""
        ts = message if isinstance(message, str) else message.ts
        with self._world.lock:
            found, private = self._visible(channel, ts)
            view = shown(self._world, channel, found)
            install = self._poster(view.raw)
            action = self._slack.payloads.action(pick(list(view.buttons), button), value)
            payload = self._slack.payloads.press(install, self.user, channel, found, action, ephemeral=private)
        return self._slack.act(install, payload)

    def shortcut(self, install: Install, callback_id: str) -> Answer:
        """Choose a global shortcut from the search field."""
        self._offered(install, callback_id, "global")
        return self._slack.act(install, self._slack.payloads.shortcut(install, self.user, callback_id))

    def message_shortcut(self, install: Install, channel: Channel, ts: str, callback_id: str) -> Answer:
        """Choose a shortcut from the menu of a message."""
        self._offered(install, callback_id, "message")
        self._inside(channel)
        message = self._message(channel, ts)
        payload = self._slack.payloads.message_shortcut(install, self.user, channel, message, callback_id)
        return self._slack.act(install, payload)

    # Modals and homes.

    @property
    def in_modal(self) -> bool:
        """Whether a modal stands before this person."""
        return self._slack.views.top(self.user) is not None

    def modal(self, sought: str | Callable[[Modal], bool] = "", *, within: float = WITHIN) -> Modal:
        """Wait for a modal that says something in its title or text, or on which a condition holds."""
        modal = Modal(self._slack, self.user)

        def there() -> bool:
            if not self.in_modal:
                return False
            return sought(modal) if callable(sought) else sought in f"{modal.title}\n{modal.text}"

        self._wait(there, f"no modal with {sought!r}", within)
        return modal

    def opens_home(self, install: Install) -> None:
        """Go to the home of an app, which is told."""
        if not install.app.has_home:
            raise NotOfferedError(f"{install.app.name} has no home")
        if install.team != self.user.team:
            raise NotOfferedError(f"{install.app.name} is not in {self.user.name}'s workspace")
        with self._world.lock:
            channel = self._world.direct(self.user, self._world.users[install.bot_user])
            event: Json = {"user": self.id, "channel": channel.id, "tab": "home", "event_ts": self._world.new_ts()}
            stands = self._slack.views.homes.get((install.app.id, self.id))
            if stands is not None:
                event["view"] = self._slack.views.described(stands)
            events.own_event(self._world, install, "app_home_opened", event)

    def home(
        self, install: Install, sought: str | Callable[[Surface], bool] = "", *, within: float = WITHIN
    ) -> Surface:
        """Wait until the home shows a text, or a condition holds on it."""

        def stands() -> View | None:
            return self._slack.views.homes.get((install.app.id, self.id))

        surface = Surface(self._slack, self.user, stands)

        def there() -> bool:
            return stands() is not None and (sought(surface) if callable(sought) else sought in surface.text)

        self._wait(there, f"no home of {install.app.name} with {sought!r}", within)
        return surface

    # How it is found out.

    def _wait(self, there: Callable[[], bool], otherwise: str, within: float) -> None:
        with self._world.lock:
            if not self._world.until(there, within):
                raise AssertionError(f"after {within:g} s {self.user.name} sees {otherwise}")

    def _offering(self, command: str) -> Install | None:
        """Only apps of one's own workspace are asked, wherever one types."""
        for install in self._world.installs():
            here = install.team == self.user.team and install.refusal is None and "commands" in install.scopes
            if here and install.app.command(command) is not None:
                return install
        return None

    def _offered(self, install: Install, callback_id: str, kind: str) -> None:
        if install.team != self.user.team or not install.app.shortcut(callback_id, kind):
            raise NotOfferedError(f"{install.app.name} offers {self.user.name} no {kind} shortcut {callback_id}")

    def _visible(self, channel: Channel, ts: str) -> tuple[Message, bool]:
        for message in self._world.ephemerals.get(self.id, []):
            if message.ts == ts and message.body["channel"] == channel.id:
                return message, True
        if self.id not in channel.members or ts not in channel.messages:
            raise NotOfferedError(f"{self.user.name} does not see {ts} in {channel.name}")
        return channel.messages[ts], False

    def _poster(self, body: Json) -> Install:
        install = self._world.bot(body["user"])
        if install is None or not install.app.interactive:
            raise NotOfferedError("there is no app that would hear of a click")
        return install

    def _told(self, install: Install, channel: Channel, payload: Json) -> Answer:
        ack = self._slack.ask(install.app, "slash_commands", payload)
        if ack.failure is not None:
            return Answer(error="operation_timeout" if ack.failure == "timeout" else "dispatch_failed")
        said: Any = {"text": ack.payload} if isinstance(ack.payload, str) else ack.payload
        if not said or said == {"text": ""}:
            return Answer()
        if not isinstance(said, dict) or check_message(said) is not None:
            self._world.breach(f"{install.app.name} answered {payload['command']} with what is no message")
            return Answer(error="invalid_command_response", payload=said)
        if said.get("response_type") == "in_channel":
            bot = self._world.users[install.bot_user]
            conversation.post(
                self._world,
                channel,
                bot,
                said.get("text") or "",
                blocks=said.get("blocks"),
                attachments=said.get("attachments"),
                install=install,
            )
        else:
            show(self._world, install, channel.id, self.id, said)
        return Answer(said.get("text") or "", payload=said)

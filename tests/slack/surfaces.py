"""Modals and homes as a person handles them: reading, filling, sending, closing; it opens none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.slack import forms
from tests.slack.apps import Json
from tests.slack.errors import SlackError
from tests.slack.kit import check_options, check_submission_answer, plain
from tests.slack.seeing import Button, buttons
from tests.slack.stacks import View
from tests.slack.world import User

if TYPE_CHECKING:
    from tests.slack.server import Slack

WITHIN = 20.0
"""Seconds that a person waits for something to be seen."""


class NotOfferedError(Exception):
    """Slack's client has no such thing there: no button, no command, no field."""


@dataclass(frozen=True)
class Answer:
    """What a person is told at once: a text if the app gave one, Slack's error if it failed."""

    text: str | None = None
    error: str | None = None
    payload: Any = None


@dataclass(frozen=True)
class Submission:
    """What came of sending a modal: errors at their blocks, or Slack's own error; `closed` if it is gone.

    `sent` is false where the client itself refused, because something was missing.
    """

    errors: Mapping[str, str] = field(default_factory=dict)
    error: str | None = None
    closed: bool = False
    sent: bool = True


def pick(among: list[Button], wanted: str) -> Button:
    """The one with that label or action_id; raises NotOfferedError."""
    found = [one for one in among if wanted in {one.label, one.action_id}]
    if len(found) != 1:
        raise NotOfferedError(f"{wanted!r} is not one of {[one.label for one in among]}")
    return found[0]


class Surface:
    """A home; or, below, a modal. It always shows what stands there now."""

    def __init__(self, slack: Slack, user: User, view: Callable[[], View | None]) -> None:
        self._slack = slack
        self._user = user
        self._view = view

    @property
    def view(self) -> View:
        view = self._view()
        if view is None:
            raise NotOfferedError(f"nothing stands before {self._user.name}")
        return view

    @property
    def text(self) -> str:
        """Everything that is to be read, line by line."""
        return plain(self.view.payload)

    @property
    def blocks(self) -> list[Json]:
        found: list[Json] = self.view.payload["blocks"]
        return found

    @property
    def labels(self) -> list[str]:
        """The labels of what can be clicked."""
        return [one.label for one in buttons(self.blocks) if one.element["type"] == "button"]

    def press(self, button: str, value: str | None = None) -> Answer:
        """Click a button, by its label or action_id, or choose from a menu."""
        with self._slack.world.lock:
            view = self.view
            action = self._slack.payloads.action(pick(buttons(self.blocks), button), value)
            payload = self._slack.payloads.press_in_view(view, self._user, action)
        return self._slack.act(view.install, payload)


class Modal(Surface):
    """The modal that somebody has in front of them."""

    def __init__(self, slack: Slack, user: User) -> None:
        super().__init__(slack, user, lambda: slack.views.top(user))

    @property
    def title(self) -> str:
        return str(self.view.payload["title"]["text"])

    @property
    def values(self) -> dict[str, Any]:
        """What the inputs hold now, by block: texts, dates, and the values of what was chosen."""
        held = {}
        for block in self.view.inputs:
            state = self.view.values[block["block_id"]][block["element"]["action_id"]]
            value = next((one for name, one in state.items() if name != "type"), None)
            held[block["block_id"]] = value["value"] if isinstance(value, dict) and "value" in value else value
        return held

    def options(self, block_id: str, typed: str = "") -> list[str]:
        """Type into an external select; returns the labels that it offers. Raises NotOfferedError if that failed."""
        with self._slack.world.lock:
            view = self.view
            block, element = self._element(block_id)
            if len(typed) < int(element.get("min_query_length", 3)):
                return []
            payload = self._slack.payloads.suggestion(view, block, element, typed)
        ack = self._slack.ask(view.install.app, "interactive", payload)
        refusal = check_options(ack.payload) if ack.failure is None else None
        if refusal is not None:
            self._slack.world.breach(f"{view.install.app.name} offered no options: {refusal.messages}")
        if refusal is not None or ack.failure is not None:
            raise NotOfferedError("The options could not be loaded.")
        offered = forms.choices(ack.payload)
        view.suggested[block_id, element["action_id"]] = offered
        return [option["text"]["text"] for option in offered]

    def fill(self, values: Mapping[str, Any]) -> None:
        """Enter values, by block; an external select is searched for its value first."""
        for block_id, value in values.items():
            block, element = self._element(block_id)
            key = (block_id, element["action_id"])
            if "external" in element["type"] and value is not None and key not in self.view.suggested:
                for one in value if isinstance(value, list) else [value]:
                    self.options(block_id, one)
            with self._slack.world.lock:
                state = forms.filled(element, value, self.view.suggested.get(key, []))
                self.view.values[block_id][element["action_id"]] = state
            if block["type"] != "input" or block.get("dispatch_action"):
                action = state | {
                    "action_id": element["action_id"], "block_id": block_id, "action_ts": self._slack.world.new_ts(),
                }  # fmt: skip
                payload = self._slack.payloads.press_in_view(self.view, self._user, action)
                self._slack.act(self.view.install, payload)

    def submit(self, values: Mapping[str, Any] | None = None) -> Submission:
        """Fill what is given and send the modal."""
        self.fill(values or {})
        with self._slack.world.lock:
            view = self.view
            if view.payload["submit"] is None and view.inputs == []:
                raise NotOfferedError(f"{self.title} has nothing to send")
            lacking = {block["block_id"]: self._lacks(view, block) for block in view.inputs}
            errors = {block_id: what for block_id, what in lacking.items() if what}
            if errors:
                return Submission(errors, sent=False)
            payload = self._slack.payloads.submission(view)
        ack = self._slack.ask(view.install.app, "interactive", payload)
        if ack.failure is not None:
            return Submission(error="operation_timeout" if ack.failure == "timeout" else "dispatch_failed")
        with self._slack.world.lock:
            return self._answered(view, ack.payload or {})

    def close(self, *, all_of_them: bool = False) -> None:
        """Close it, or with the cross the whole stack; apps that asked for it are told."""
        with self._slack.world.lock:
            everything = all_of_them or bool(self.view.payload["clear_on_close"])
            closed = self._slack.views.close(self._user, all_of_them=everything)
            told = [
                (view, self._slack.payloads.closed(view, cleared=everything))
                for view in closed
                if view.payload["notify_on_close"]
            ]
        for view, payload in told:
            self._slack.act(view.install, payload)

    def _element(self, block_id: str) -> tuple[Json, Json]:
        for block, element in forms.elements(self.blocks):
            if block["block_id"] == block_id and element["type"] != "button":
                return block, element
        raise NotOfferedError(f"there is no input {block_id!r} in {self.title}")

    @staticmethod
    def _lacks(view: View, block: Json) -> str | None:
        return forms.missing(block, view.values[block["block_id"]][block["element"]["action_id"]])

    def _answered(self, view: View, said: Json) -> Submission:
        refusal = check_submission_answer(said, view.payload)
        if refusal is not None:
            self._slack.world.breach(f"{view.install.app.name} answered a modal with {refusal.messages}")
            return Submission(error=str(refusal))
        views, action = self._slack.views, said.get("response_action")
        try:
            match action:
                case "errors":
                    return Submission(said["errors"])
                case "update":
                    views.update(view, said["view"])
                case "push":
                    views.push(view.install, self._user, said["view"])
                case "clear":
                    views.close(self._user, all_of_them=True)
                case _:
                    views.remove(view)
        except SlackError as error:
            self._slack.world.breach(f"{view.install.app.name} answered a modal with {error.code}")
            return Submission(error=error.code)
        return Submission(closed=action in {None, "clear"})

"""Modals and homes: which stand open for whom, and how Slack describes them; it validates no block."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field

from tests.slack import forms
from tests.slack.apps import Install, Json
from tests.slack.errors import SlackError
from tests.slack.kit import check_view, refuse
from tests.slack.world import User, World

STACK_MAX = 3
_KEPT = ("type", "title", "submit", "close", "blocks", "private_metadata", "callback_id", "external_id")


@dataclass
class View:
    """One view that somebody sees. `values` is what its inputs hold, by block and action."""

    id: str
    install: Install
    user: User
    payload: Json
    hash: str
    root: str
    previous: str | None = None
    values: dict[str, dict[str, Json]] = field(default_factory=dict)
    suggested: dict[tuple[str, str], list[Json]] = field(default_factory=dict)

    @property
    def inputs(self) -> list[Json]:
        return [block for block in self.payload["blocks"] if block["type"] == "input"]


class Views:
    """The stacks of modals and the homes of everybody."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.stacks: dict[str, list[View]] = {}
        self.homes: dict[tuple[str, str], View] = {}

    def top(self, user: User) -> View | None:
        """The modal that somebody has in front of them."""
        stack = self.stacks.get(user.id)
        return stack[-1] if stack else None

    def open(self, install: Install, user: User, payload: Json) -> View:
        """Show a modal in place of any other."""
        view = self._made(install, user, payload)
        self.stacks[user.id] = [view]
        self._world.changed()
        return view

    def push(self, install: Install, user: User, payload: Json) -> View:
        """Lay a modal upon the one that stands there."""
        stack = self.stacks.get(user.id)
        if not stack or stack[-1].install.app is not install.app:
            raise SlackError("not_found")
        if len(stack) >= STACK_MAX:
            raise SlackError("push_limit_reached")
        view = self._made(install, user, payload)
        view.root, view.previous = stack[0].id, stack[-1].id
        stack.append(view)
        self._world.changed()
        return view

    def update(self, view: View, payload: Json) -> None:
        """Put another content into a view; inputs of the same ids keep what was filled in."""
        self._check(payload, view.install, view)
        view.payload = _settled(payload)
        view.hash = self._hash()
        kept = view.values
        view.values = forms.initial(view.payload["blocks"])
        for block_id, actions in view.values.items():
            for action_id, state in actions.items():
                before = kept.get(block_id, {}).get(action_id)
                if before is not None and before["type"] == state["type"]:
                    actions[action_id] = before
        self._world.changed()

    def publish(self, install: Install, user: User, payload: Json) -> View:
        """Set somebody's home of an app."""
        key = (install.app.id, user.id)
        view = self.homes.get(key)
        if view is None:
            view = self.homes[key] = self._made(install, user, payload)
        else:
            self.update(view, payload)
        self._world.changed()
        return view

    def find(self, install: Install, view_id: object, external_id: object) -> View:
        """The view that an app names; raises SlackError where it stands no more."""
        open_ones = [view for stack in self.stacks.values() for view in stack] + list(self.homes.values())
        for view in open_ones:
            same = view.id == view_id if view_id else view.payload["external_id"] == external_id != ""
            if same and view.install.app is install.app:
                return view
        raise SlackError("not_found")

    def close(self, user: User, *, all_of_them: bool = False) -> list[View]:
        """Take the uppermost away, or the whole stack; returns what was closed."""
        stack = self.stacks.get(user.id, [])
        closed = stack[::-1] if all_of_them else stack[-1:]
        self.stacks[user.id] = [] if all_of_them else stack[:-1]
        self._world.changed()
        return closed

    def remove(self, view: View) -> None:
        """Take one view out of the stack in which it stands."""
        for user, stack in self.stacks.items():
            self.stacks[user] = [one for one in stack if one is not view]
        self._world.changed()

    def described(self, view: View) -> Json:
        """As Slack hands it to its app."""
        return {
            "id": view.id,
            "team_id": view.user.team,
            **copy.deepcopy(view.payload),
            "state": {"values": copy.deepcopy(view.values)},
            "hash": view.hash,
            "previous_view_id": view.previous,
            "root_view_id": view.root,
            "app_id": view.install.app.id,
            "app_installed_team_id": view.install.team,
            "bot_id": view.install.bot_id,
        }

    def _made(self, install: Install, user: User, payload: Json) -> View:
        self._check(payload, install, None)
        view_id = self._world.new_id("V")
        settled = _settled(payload)
        view = View(view_id, install, user, settled, self._hash(), view_id)
        view.values = forms.initial(settled["blocks"])
        return view

    def _check(self, payload: Json, install: Install, but: View | None) -> None:
        refuse(check_view(payload))
        external_id = payload.get("external_id")
        if not external_id:
            return
        try:
            taken: View | None = self.find(install, None, external_id)
        except SlackError:
            taken = None
        if taken is not None and taken is not but:
            raise SlackError("duplicate_external_id")

    def _hash(self) -> str:
        return f"{int(self._world.clock.now())}.{self._world.new_id('h')}"


def _settled(payload: Json) -> Json:
    """With what Slack fills in."""
    view: Json = {name: copy.deepcopy(payload.get(name)) for name in _KEPT}
    for name in ("private_metadata", "callback_id", "external_id"):
        view[name] = view[name] or ""
    for name in ("clear_on_close", "notify_on_close", "submit_disabled"):
        view[name] = bool(payload.get(name))
    for number, block in enumerate(view["blocks"] or [], 1):
        block.setdefault("block_id", f"v{number:03d}")
        for part in [*block.get("elements", []), block.get("element"), block.get("accessory")]:
            if isinstance(part, dict) and part.get("type") not in {None, "mrkdwn", "plain_text", "image"}:
                part.setdefault("action_id", f"va{number:03d}")
    return view

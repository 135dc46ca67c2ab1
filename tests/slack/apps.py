"""An app as its workspace knows it: tokens, scopes, and what its manifest lets through; it holds no messages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

ALL_SCOPES = frozenset({
    "app_mentions:read", "channels:history", "channels:join", "channels:read", "chat:write", "chat:write.public",
    "commands", "files:read", "files:write", "groups:history", "groups:read", "im:history", "im:read", "im:write",
    "mpim:history", "mpim:read", "mpim:write", "reactions:read", "reactions:write", "team:read", "users:read",
})  # fmt: skip
"""Every scope that this server asks for."""
USUAL_SCOPES = ALL_SCOPES - {"chat:write.public"}
"""What an app is given that names none and has no manifest."""

EVENT_SCOPES: Mapping[str, str] = {
    "app_mention": "app_mentions:read",
    "channel_archive": "channels:read",
    "channel_left": "channels:read",
    "channel_rename": "channels:read",
    "channel_unarchive": "channels:read",
    "file_shared": "files:read",
    "group_archive": "groups:read",
    "group_left": "groups:read",
    "group_rename": "groups:read",
    "group_unarchive": "groups:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
    "message.mpim": "mpim:history",
    "reaction_added": "reactions:read",
}
"""The scope without which an event is not sent; others need none, or depend on the kind of channel."""


@dataclass
class Install:
    """An app in one workspace. `refusal` is the error that its token gets since it was revoked."""

    app: App
    team: str
    bot_user: str
    bot_id: str
    token: str
    scopes: set[str]
    refusal: str | None = None


@dataclass
class App:
    """`request_url` is where it is reached by HTTP; without one it is reached by its sockets."""

    id: str
    name: str
    app_token: str
    signing_secret: str
    verification: str
    manifest: Json | None = None
    request_url: str | None = None
    app_token_refusal: str | None = None
    installs: dict[str, Install] = field(default_factory=dict)

    def _section(self, *path: str) -> Any:
        found: Any = self.manifest
        for name in path:
            found = found.get(name) if isinstance(found, Mapping) else None
        return found

    def command(self, name: str) -> Json | None:
        """Its declaration of a slash command; without a manifest it takes every one, escaped."""
        if self.manifest is None:
            return {"command": name, "should_escape": True}
        declared: Iterable[Json] = self._section("features", "slash_commands") or []
        return next((one for one in declared if one["command"] == name), None)

    def shortcut(self, callback_id: str, kind: str) -> bool:
        """Whether it offers the shortcut; `kind` is global or message."""
        if self.manifest is None:
            return True
        declared: Iterable[Json] = self._section("features", "shortcuts") or []
        return self.interactive and any(one["callback_id"] == callback_id and one["type"] == kind for one in declared)

    @property
    def interactive(self) -> bool:
        return self.manifest is None or bool(self._section("settings", "interactivity", "is_enabled"))

    @property
    def has_home(self) -> bool:
        return self.manifest is None or bool(self._section("features", "app_home", "home_tab_enabled"))

    @property
    def takes_messages(self) -> bool:
        """Whether a person may write to it directly."""
        return self.manifest is None or bool(self._section("features", "app_home", "messages_tab_enabled"))

    def hears(self, install: Install, event: str) -> bool:
        """Whether it is sent an event of that name (message.channels, app_mention ...)."""
        if self.manifest is not None:
            wanted = self._section("settings", "event_subscriptions", "bot_events") or []
            if event not in wanted:
                return False
        needed = EVENT_SCOPES.get(event)
        return needed is None or needed in install.scopes

    def manifest_scopes(self) -> set[str] | None:
        """The bot scopes that it asks for; None without a manifest."""
        if self.manifest is None:
            return None
        return set(self._section("oauth_config", "scopes", "bot") or [])

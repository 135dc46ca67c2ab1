"""What one Slack remembers: workspaces, people, channels, messages; it refuses nothing and sends nothing itself."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from tests.slack.apps import USUAL_SCOPES, App, Install, Json

Kind = Literal["channel", "group", "im", "mpim"]
"""As `channel_type` says it: public, private, direct, direct with several."""


class Clock:
    """The server's time: the machine's, put forward as far as a test says."""

    def __init__(self) -> None:
        self._ahead = 0.0

    def now(self) -> float:
        """Seconds since 1970."""
        return time.time() + self._ahead

    def advance(self, seconds: float) -> None:
        """Let so much time have passed, for triggers, response URLs, rate limits and timestamps."""
        self._ahead += seconds


@dataclass(frozen=True)
class Team:
    """A workspace."""

    id: str
    domain: str
    name: str


@dataclass
class User:
    """A person, or the bot user of an app."""

    id: str
    team: str
    name: str
    real_name: str
    app: str | None = None
    deleted: bool = False
    tz: str = "Europe/Amsterdam"


@dataclass
class Message:
    """`body` is what Slack tells of it, without what depends on its replies or on who asks.

    `read` is what a person reads of it and what is alive in it, once somebody looked; a change takes it away.
    `how` is how its text was to be read (`parse`, `link_names`), which Slack does not tell again.
    """

    body: Json
    metadata: Json | None = None
    unfurl: tuple[bool | None, bool | None] = (None, None)
    read: tuple[str, tuple[str, ...]] | None = None
    how: Json = field(default_factory=dict)

    @property
    def ts(self) -> str:
        return str(self.body["ts"])

    @property
    def thread_ts(self) -> str | None:
        found: str | None = self.body.get("thread_ts")
        return found

    @property
    def is_reply(self) -> bool:
        return self.thread_ts is not None and self.thread_ts != self.ts


@dataclass
class Channel:
    """`teams` share it; the first is its host. `messages` are in the order of their timestamps."""

    id: str
    name: str
    kind: Kind
    teams: list[str]
    creator: str
    created: int
    members: list[str] = field(default_factory=list)
    messages: dict[str, Message] = field(default_factory=dict)
    threads: dict[str, list[str]] = field(default_factory=dict)
    archived: bool = False

    @property
    def shared(self) -> bool:
        """Whether it is a Slack Connect channel."""
        return len(self.teams) > 1

    def replies(self, ts: str) -> list[Message]:
        return [self.messages[one] for one in self.threads.get(ts, []) if one in self.messages]


@dataclass
class File:
    """A file; `content` is None until it was uploaded, `shares` says where it stands.

    `looked_at`: from when on Slack knows what it is, and shows it.
    """

    id: str
    team: str
    user: str
    name: str
    size: int
    content: bytes | None = None
    title: str = ""
    mimetype: str = "application/octet-stream"
    complete: bool = False
    looked_at: float = 0.0
    created: int = 0
    shares: dict[str, list[str]] = field(default_factory=dict)

    @property
    def slug(self) -> str:
        """What its addresses end with: of its name no more than any address may hold."""
        return re.sub(r"[^a-z0-9.-]+", "_", self.name.lower()).strip(".") or "file"


def _nowhere(app: App, payload: Json) -> None:
    raise AssertionError(f"nobody delivers {payload} to {app.id}")


class World:
    """All of it is read and changed under `lock`, by the server's thread and by those who play people."""

    def __init__(self, clock: Clock | None = None) -> None:
        self.lock = threading.Condition(threading.RLock())
        self.clock = clock or Clock()
        self.teams: dict[str, Team] = {}
        self.users: dict[str, User] = {}
        self.channels: dict[str, Channel] = {}
        self.apps: dict[str, App] = {}
        self.files: dict[str, File] = {}
        self.ephemerals: dict[str, list[Message]] = {}
        self.breaches: list[str] = []
        self.file_base = ""
        self.looking = 0.0
        """Seconds that Slack takes to look through an uploaded file, and to share it."""
        self.deliver: Callable[[App, Json], None] = _nowhere
        self._numbers: dict[str, int] = {}
        self._last_ts = 0

    def changed(self) -> None:
        """Wake those who wait for something to be seen."""
        self.lock.notify_all()

    def until(self, condition: Callable[[], object], within: float) -> bool:
        """Wait, holding the lock, until a condition holds; whether it did within so many seconds.

        It is looked at after each change, but at most half of the time: the server needs the lock as well.
        """
        end = time.monotonic() + within
        with self.lock:
            while True:
                began = time.monotonic()
                if condition():
                    return True
                looked = time.monotonic()
                rest = looked + (looked - began)
                if looked >= end:
                    return False
                self.lock.wait(end - looked)
                while (now := time.monotonic()) < min(rest, end):
                    self.lock.wait(min(rest, end) - now)

    def breach(self, what: str) -> None:
        """Note what Slack lets pass, and no good app does."""
        with self.lock:
            self.breaches.append(what)
            self.changed()

    def url_of(self, file: File) -> str:
        """Its url_private."""
        return f"{self.file_base}/files-pri/{file.team}-{file.id}/{file.slug}"

    def new_id(self, prefix: str) -> str:
        """Ids look like Slack's and are the same on every run."""
        number = self._numbers[prefix] = self._numbers.get(prefix, 0) + 1
        return f"{prefix}0{number:08X}"

    def new_ts(self) -> str:
        """A timestamp that nothing else has."""
        self._last_ts = max(self._last_ts + 1, int(self.clock.now() * 1_000_000))
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def team(self, domain: str) -> Team:
        """Found a workspace."""
        with self.lock:
            team = Team(self.new_id("T"), domain, domain.title())
            self.teams[team.id] = team
            return team

    def user(self, team: Team, name: str, real_name: str | None = None, *, app: App | None = None) -> User:
        """Let somebody join a workspace."""
        with self.lock:
            user = User(self.new_id("U"), team.id, name, real_name or name.title(), app.id if app else None)
            self.users[user.id] = user
            return user

    def channel(
        self, name: str, creator: User, *, private: bool = False, shared_with: tuple[Team, ...] = ()
    ) -> Channel:
        """Open a channel with one member; with other workspaces it is a Slack Connect channel."""
        with self.lock:
            kind: Kind = "group" if private else "channel"
            teams = [creator.team, *(team.id for team in shared_with)]
            made = int(self.clock.now())
            channel = Channel(self.new_id("C"), name, kind, teams, creator.id, made, [creator.id])
            self.channels[channel.id] = channel
            return channel

    def direct(self, *people: User) -> Channel:
        """The one direct conversation of these people, opened where there is none yet."""
        with self.lock:
            ids = sorted({user.id for user in people})
            kind: Kind = "im" if len(ids) <= 2 else "mpim"
            for one in self.channels.values():
                if one.kind == kind and sorted(one.members) == ids:
                    return one
            teams = list(dict.fromkeys(user.team for user in people))
            channel_id = self.new_id("D" if kind == "im" else "G")
            name = "directmessage" if kind == "im" else f"mpdm-{'--'.join(user.name for user in people)}-1"
            made = int(self.clock.now())
            channel = Channel(channel_id, name, kind, teams, people[0].id, made, [user.id for user in people])
            self.channels[channel.id] = channel
            return channel

    def app(self, name: str, *, manifest: Json | None = None, request_url: str | None = None) -> App:
        """Create an app; it is installed nowhere yet."""
        with self.lock:
            app_id = self.new_id("A")
            app = App(
                app_id, name, f"xapp-1-{app_id}-secret", f"signing-{app_id}", f"verify-{app_id}", manifest, request_url
            )
            self.apps[app.id] = app
            return app

    def install(self, app: App, team: Team, scopes: set[str] | None = None) -> Install:
        """Put an app into a workspace: it gets a bot user and a token."""
        with self.lock:
            granted = scopes if scopes is not None else app.manifest_scopes()
            bot = self.user(team, app.name.lower(), app.name, app=app)
            install = Install(
                app,
                team.id,
                bot.id,
                self.new_id("B"),
                f"xoxb-{team.id}-{app.id}-secret",
                set(USUAL_SCOPES if granted is None else granted),
            )
            app.installs[team.id] = install
            return install

    def installs(self) -> Iterator[Install]:
        for app in self.apps.values():
            yield from app.installs.values()

    def bot(self, user_id: str) -> Install | None:
        """The installation whose bot user that is."""
        return next((one for one in self.installs() if one.bot_user == user_id), None)

    def acquainted(self, user: User, team: str) -> bool:
        """Whether a workspace knows a person of another: they share a channel."""
        return any(team in one.teams and user.team in one.teams for one in self.channels.values())

"""Our apps in Slack workspaces, as this process holds them: who they are, where each sits, and who speaks where."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from bot.platform import AwayError, RefusedError, UnreachableError
from bot.settings import SlackAccount
from bot.slack.wire import Client, NotInPlaceError, RightError, TokenError, read
from commands.arrival import Room
from storage.words import Address, Place

PREFIX = "slack:"

MEMBERS_MOST = 1_000
"""People of a channel that are looked at: a desk has a few."""


def address(team: str, user: str) -> Address:
    return Address(f"{PREFIX}{team}/{user}")


def channel_of(place: Place) -> str:
    """The channel's own id."""
    return place.partition("/")[2]


def user_of(person: Address) -> str:
    return person.partition("/")[2]


def team_of(person: Address) -> str:
    return person.removeprefix(PREFIX).partition("/")[0]


def is_direct(channel: str) -> bool:
    """Whether it is a conversation with one person: its id begins so."""
    return channel.startswith("D")


@dataclass(frozen=True)
class Identity:
    """Who the app is in its workspace: what auth.test says."""

    team: str
    user: str
    bot: str


@dataclass(eq=False)
class Account:
    """One app in one workspace, with its open client."""

    settings: SlackAccount
    client: Client
    identity: Identity
    sits: dict[str, bool] = field(default_factory=dict)
    """By channel, whether the app is a member; asked once, and told by events since."""
    _asking: defaultdict[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))
    teams: dict[str, str] = field(default_factory=dict)
    """The workspace of each person that was met."""
    directs: dict[str, str] = field(default_factory=dict)
    """The conversation with each person."""
    threads: set[tuple[str, str]] = field(default_factory=set)
    """Roots, by channel and number, that were answered in a thread."""

    @property
    def name(self) -> str:
        """`slack:NAME`."""
        return f"{PREFIX}{self.settings.name}"

    async def sits_in(self, channel: str) -> bool:
        """Whether we are in the channel and it is not archived; raises UnreachableError."""
        if is_direct(channel):
            return True
        if channel not in self.sits:
            async with self._asking[channel]:  # those who come meanwhile need not ask too
                if channel not in self.sits:
                    self.sits[channel] = await self._ask_whether_in(channel)
        return self.sits.get(channel, False)

    async def _ask_whether_in(self, channel: str) -> bool:
        try:
            info = (await read(self.client, "conversations.info", channel=channel))["channel"]
        except (AwayError, RefusedError):
            return False
        return bool(info.get("is_member")) and not info.get("is_archived")

    async def is_answered(self, channel: str, root: str) -> bool:
        """Whether a thread is there for people to look into; raises UnreachableError, AwayError."""
        if (channel, root) not in self.threads:
            try:
                page = await read(self.client, "conversations.replies", channel=channel, ts=root, limit=2)
            except RefusedError:
                return False
            if len(page.get("messages", ())) > 1:
                self.threads.add((channel, root))
        return (channel, root) in self.threads

    async def person(self, user: str, team: str | None = None) -> Address:
        """The address of somebody; the workspace is asked for where nothing says it. Raises UnreachableError."""
        if team:
            self.teams[user] = team
        elif user not in self.teams:
            try:
                found = (await read(self.client, "users.info", user=user))["user"]
            except (AwayError, RefusedError):
                return address(self.identity.team, user)
            self.teams[user] = str(found.get("team_id") or self.identity.team)
        return address(self.teams[user], user)

    async def room(self, channel: str) -> Room:
        """Who reads a channel: asked anew, for a desk is set there now. Raises UnreachableError, AwayError."""
        info = (await read(self.client, "conversations.info", channel=channel))["channel"]
        members: list[str] = []
        cursor = ""
        while len(members) < MEMBERS_MOST:
            page = await read(self.client, "conversations.members", channel=channel, limit=200, cursor=cursor)
            members += page.get("members", ())
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                break
        people = [await self.person(user) for user in members if user != self.identity.user]
        return Room(public=not info.get("is_private", False), members=tuple(sorted(people)))


class Accounts:
    """All our apps of the settings, in their order; those that this process has met are open."""

    def __init__(self, settings: Sequence[SlackAccount]) -> None:
        self._order = [one.name for one in settings]
        self._open: dict[str, Account] = {}
        self._refused: dict[str, str] = {}
        self._places: dict[str, Place] = {}

    def opened(self, account: Account) -> None:
        self._open[account.settings.name] = account
        self._refused.pop(account.settings.name, None)

    def refused(self, name: str, why: str) -> None:
        """Slack does not take this app's token."""
        self._refused[name] = why

    def closed(self, account: Account) -> None:
        if self._open.get(account.settings.name) is account:
            del self._open[account.settings.name]

    @property
    def open(self) -> list[Account]:
        return [self._open[name] for name in self._order if name in self._open]

    @property
    def met(self) -> bool:
        """Whether Slack has answered any of them, be it that it does not take its token."""
        return bool(self._open or self._refused)

    def absence(self) -> AwayError | UnreachableError | None:
        """Why a place may be one of an app that is not open; None: all are."""
        if self._refused:
            return AwayError(next(iter(self._refused.values())))
        return None if len(self._open) == len(self._order) else UnreachableError("an app of ours is not ready yet")

    def remember(self, places: Iterable[Place]) -> None:
        """What channels are called; the first name that a channel was given stays."""
        for place in places:
            self._places.setdefault(channel_of(place), place)

    def place(self, account: Account, channel: str) -> Place:
        """What the channel is called: several of our apps in it are in one place."""
        return self._places.setdefault(channel, Place(f"{account.name}/{channel}"))

    def is_ours(self, user: str | None, bot: str | None = None) -> bool:
        mine = (one.identity for one in self.open)
        return any((user and user == one.user) or (bot and bot == one.bot) for one in mine)

    async def speaker(self, channel: str) -> Account | None:
        """The first of our apps that sits in the channel: it hears and speaks there. Raises UnreachableError."""
        for account in self.open:
            if await account.sits_in(channel):
                return account
        return None

    def for_person(self, person: Address) -> Account | None:
        """Who writes to a person: the app of their own workspace, else the first."""
        own = next((account for account in self.open if account.identity.team == team_of(person)), None)
        return own or next(iter(self.open), None)


async def meet(settings: SlackAccount, client: Client) -> Account:
    """The account, once Slack has said who it is; raises TokenError or UnreachableError."""
    try:
        who = await read(client, "auth.test")
    except (NotInPlaceError, RightError, RefusedError) as error:
        raise TokenError(str(error)) from None
    return Account(settings, client, Identity(str(who["team_id"]), str(who["user_id"]), str(who.get("bot_id", ""))))

"""What Slack brings us, to the house as Arrivals: each is committed before it is acknowledged; it answers nothing."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from bot.intake import Intake
from bot.platform import UnreachableError
from bot.slack import events
from bot.slack.accounts import Account, Accounts, address, is_direct
from bot.slack.blocks import unpressed
from bot.slack.events import Said
from bot.slack.hooks import Hooks
from bot.slack.turns import PATIENCE, BusyError, Turns
from bot.slack.wire import SlackRefusedError, read
from commands import grammar
from commands.arrival import Arrival, ArrivalKind, File
from commands.declare import declaration_of
from commands.grammar import Missing
from commands.message import Message
from storage import agencies, outbox
from storage.session import transaction
from storage.words import Address, Place

log = logging.getLogger(__name__)

Json = Mapping[str, Any]

HOME = "home"
"""Stands for the channel of what is pressed in the app's home: only its reader reads it."""

DESK = "agency desk"
"""The command that wants to know who reads the place."""


YOUNG = 900.0
"""Seconds for which a message of ours may be a root whose receipt is not kept yet: nobody waits longer for one."""
LOOK = 0.1
"""Seconds between two looks whether it is kept by now."""

NAMED = 80
"""Characters of a file's name that go with a form: ten files fit."""


@dataclass(frozen=True)
class Where:
    """Where a form belongs that was opened there; it goes with the form, and comes back with it."""

    place: str
    thread: str | None = None
    message: str | None = None
    event: int | None = None
    pressed: bool = False
    files: tuple[File, ...] = ()
    """Of the message that it was opened for."""

    def write(self) -> str:
        """Slack takes it up to METADATA_MOST: of the names of files no more than their ends, which tell the kind."""
        values = asdict(self) | {"files": [[one.id, one.name[-NAMED:], one.media_type] for one in self.files]}
        kept = {name: value for name, value in values.items() if value}
        return json.dumps(kept, separators=(",", ":"), ensure_ascii=False)

    @classmethod
    def read(cls, text: str) -> Where:
        """Raises ValueError, KeyError or TypeError on what `write` did not write."""
        values = json.loads(text)
        files = tuple(File(number, name, "", kind) for number, name, kind in values.pop("files", ()))
        return cls(**values, files=files)


class Hearing:
    """One app's."""

    def __init__(
        self,
        account: Account,
        accounts: Accounts,
        engine: Engine,
        intake: Intake,
        hooks: Hooks,
        clock: Callable[[], datetime],
    ) -> None:
        self._account = account
        self._engine = engine
        self._accounts = accounts
        self._intake = intake
        self._hooks = hooks
        self._clock = clock
        self.turns = Turns()

    async def take(self, arrival: Arrival) -> Message | None:
        """Returns once it is committed; a message if it could not be: then nothing was entered."""
        return await self._intake.take(arrival, self._clock())

    # What people say

    async def message(self, event: Json, team: str | None = None) -> bool:
        """A message, an edit or a deletion; False if it is nothing that we hear. Raises BusyError."""
        found = events.said(event, team)
        if found is None or self._accounts.is_ours(found.user):
            return False
        async with self.turns.live(found.channel, str(event.get("event_ts") or event.get("ts") or "")):
            return await self.say(found)

    async def say(self, found: Said) -> bool:
        """As `message`, of what is understood already."""
        if not is_direct(found.channel):
            self._account.sits[found.channel] = True  # else it would not have been brought to us
            if await self._accounts.speaker(found.channel) is not self._account:
                return False  # another app of ours hears there
        person = await self._account.person(found.user, found.team)
        text = await self._said(found.text)
        place = self._accounts.place(self._account, found.channel)
        if found.thread is not None and (found.parent is None or self._accounts.is_ours(found.parent)):
            await self._settled(place, found.thread)
        files = tuple([await self._named(file) for file in found.files])
        arrival = replace(found, files=files).arrival(place, person, text, direct=is_direct(found.channel))
        is_command = arrival.kind is ArrivalKind.MESSAGE and grammar.is_command(text)
        if is_command and not arrival.direct and _sets_a_desk(grammar.read(text)):
            arrival = replace(arrival, room=await self._account.room(found.channel))
        if await self.take(arrival) is not None:
            raise BusyError
        return True

    async def _named(self, file: File) -> File:
        """With its name, where the message told none (Slack Connect); raises UnreachableError."""
        if file.name:
            return file
        try:
            return events.file((await read(self._account.client, "files.info", file=file.id))["file"])
        except SlackRefusedError:
            return file  # it has no name for us; whoever fetches it finds out why

    async def _settled(self, place: Place, root: str) -> None:
        """Wait until it is known whose root that is: we may have posted it, and not heard so. Raises BusyError."""

        def unknown() -> bool:
            with transaction(self._engine, reading=True) as session:
                return outbox.may_be_a_root(session, place, root)

        try:
            async with asyncio.timeout(PATIENCE):
                while time.time() - float(root) < YOUNG and await asyncio.to_thread(unknown):  # noqa: ASYNC110
                    await asyncio.sleep(LOOK)  # the database knows, and tells nobody
        except TimeoutError:
            raise BusyError from None

    async def reaction(self, event: Json) -> None:
        """On a message of ours; raises BusyError, UnreachableError."""
        item, user = event.get("item") or {}, str(event.get("user", ""))
        ours = self._accounts.is_ours(event.get("item_user")) or not event.get("item_user")
        if item.get("type") != "message" or not ours or self._accounts.is_ours(user):
            return
        try:
            await self.reacted(str(item["channel"]), str(item["ts"]), user, str(event["reaction"]))
        except (BusyError, UnreachableError):
            self.turns.refuse(str(item["channel"]))
            raise

    async def reacted(self, channel: str, message: str, user: str, emoji: str) -> None:
        if await self._accounts.speaker(channel) is not self._account:
            return
        place, person = self._accounts.place(self._account, channel), await self._account.person(user)
        await self._settled(place, message)
        key = f"{place} {message} reaction {user} {emoji}"
        arrival = Arrival(key, ArrivalKind.REACTION, person, place, message, emoji.partition("::")[0], thread=message)
        if await self.take(arrival) is not None:
            raise BusyError

    # What people do with our commands, buttons and forms

    async def command(self, body: Json) -> tuple[Arrival, Missing | None]:
        """A slash command, and whether it lacks a value. Raises UnreachableError."""
        channel, line = str(body["channel_id"]), f"{body['command']} {await self._typed(str(body.get('text') or ''))}"
        person = address(str(body["team_id"]), str(body["user_id"]))
        direct = is_direct(channel)
        # it comes to the app of its writer's workspace, which may be another than the one that speaks there
        speaker = self._account if direct else await self._accounts.speaker(channel)
        place, muted = self._accounts.place(speaker or self._account, channel), speaker is None
        self._hooks.keep(place, person, body.get("response_url"))
        reading = grammar.read(line)
        number = str(body["trigger_id"])
        arrival = Arrival(
            f"{self._account.name} command {number}", ArrivalKind.MESSAGE, person, place, number, line,
            direct=direct, muted=muted, unseen=True,
        )  # fmt: skip
        if _sets_a_desk(reading) and not direct and not muted:
            arrival = replace(arrival, room=await self._account.room(channel))
        return arrival, reading if isinstance(reading, Missing) else None

    async def press(self, body: Json) -> tuple[Arrival, Missing | None]:
        """A button of ours, and whether it lacks a value; raises ValueError if it is none, UnreachableError."""
        [action, *_] = body["actions"]
        line, event = unpressed(str(action.get("value", "")))
        container, user = body.get("container") or {}, body["user"]
        person = address(str(user.get("team_id") or body["team"]["id"]), str(user["id"]))
        channel = str(container.get("channel_id") or HOME)
        message, root = str(container.get("message_ts") or container.get("view_id")), container.get("thread_ts")
        if root is None and not container.get("is_ephemeral"):
            root = (body.get("message") or {}).get("thread_ts") or (message if channel != HOME else None)
        place, direct = self._accounts.place(self._account, channel), channel == HOME or is_direct(channel)
        if not direct:
            self._hooks.keep(place, person, body.get("response_url"))
        key = f"{self._account.name} press {channel} {message} {user['id']} {action.get('action_ts')}"
        arrival = Arrival(
            key, ArrivalKind.PRESS, person, place, message, line,
            thread=str(root) if root and not direct else None, direct=direct, event=event,
        )  # fmt: skip
        reading = grammar.read(line, pressed=True)
        return arrival, reading if isinstance(reading, Missing) else None

    async def form(self, body: Json, path: str, given: Mapping[str, str], where: Where) -> Arrival:
        """A form that was sent, as the line that its values make. Raises UnreachableError."""
        user, view = body["user"], body["view"]
        team = user.get("team_id") or view.get("app_installed_team_id") or body["team"]["id"]
        place = Place(where.place)
        channel = place.partition("/")[2]
        direct = channel == HOME or is_direct(channel)
        line = grammar.write(path, {name: await self._typed_in_form(text) for name, text in given.items()})
        key = f"{self._account.name} form {view['id']} {view.get('hash', '')}"
        muted = not direct and await self._accounts.speaker(channel) is None
        arrival = Arrival(
            key, ArrivalKind.PRESS if where.pressed else ArrivalKind.MESSAGE,
            address(str(team), str(user["id"])), place, where.message or str(view["id"]), line,
            thread=where.thread, direct=direct, event=where.event, muted=muted, unseen=True,
            files=tuple([await self._named(file) for file in where.files]),
        )  # fmt: skip
        if path == DESK and not direct and not muted:
            arrival = replace(arrival, room=await self._account.room(channel))
        return arrival

    async def who(self, body: Json, event: Json) -> Address:
        """The person of an event about the app itself. Raises UnreachableError."""
        return await self._account.person(str(event["user"]), str(body["team_id"]) if "team_id" in body else None)

    def asker(self, body: Json) -> tuple[Address, Place | None]:
        """Who waits for an answer to an interaction or a command, and where."""
        user = body.get("user") or {}
        number, team = user.get("id") or body.get("user_id"), user.get("team_id") or body.get("team_id")
        channel = body.get("channel_id") or (body.get("channel") or {}).get("id")
        person = address(str(team or self._account.identity.team), str(number))
        return person, self._accounts.place(self._account, str(channel)) if channel else None

    def where(self, arrival: Arrival) -> Where:
        """Where the form of a command belongs that lacks a value."""
        pressed = arrival.kind is ArrivalKind.PRESS
        return Where(
            arrival.place, arrival.thread, arrival.message if pressed else None, arrival.event, pressed=pressed
        )

    async def _typed_in_form(self, text: str) -> str:
        """A picked person comes as a mention; all else is as it was typed."""
        return await self._typed(text) if text.startswith("<@") and text.endswith(">") else text

    async def _typed(self, text: str) -> str:
        """As it was typed, with the addresses of those who are mentioned. Raises UnreachableError."""
        us = self._account.identity.user
        people: dict[str, Address] = {
            user: await self._account.person(user) for user in events.mentioned(text) if user != us
        }
        return events.typed(text, us, lambda user: people[user])

    async def _said(self, text: str) -> str:
        """As `_typed`; but what goes to people has the names under which the mentioned are enrolled."""
        words = await self._typed(text)
        if grammar.is_command(words) or not events.mentioned(text):
            return words
        us = self._account.identity.user
        people = {user: await self._account.person(user) for user in events.mentioned(text) if user != us}
        names = await asyncio.to_thread(self._names, frozenset(people.values()))
        return events.typed(text, us, lambda user: f"@{names.get(people[user], people[user])}")

    def _names(self, people: frozenset[Address]) -> dict[Address, str]:
        with transaction(self._engine, reading=True) as session:
            found = {person: agencies.officer_at(session, person) for person in people}
            return {person: officer[0].name for person, officer in found.items() if officer is not None}


def _sets_a_desk(reading: grammar.Reading) -> bool:
    if isinstance(reading, Missing):
        return reading.declaration.path == DESK
    return not isinstance(reading, grammar.Complaint) and declaration_of(reading).path == DESK

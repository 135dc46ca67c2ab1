"""The listeners of one app on slack-bolt: what comes in is committed, then acknowledged; nothing is understood here.

Acknowledged after the listener (process_before_response): what fails is brought again, and bolt's own wait for an
acknowledgement, which looks every 10 ms, is not used.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from slack_bolt.async_app import AsyncApp

from bot import text
from bot.platform import UnreachableError
from bot.slack import forms
from bot.slack.blocks import PRESS
from bot.slack.dialogs import Dialogs
from bot.slack.hearing import Hearing, Where
from bot.slack.turns import BusyError
from commands import answers, refusals
from commands.arrival import Arrival
from commands.declare import TABLE
from commands.grammar import Missing
from commands.message import Message
from storage.words import Address, Place

log = logging.getLogger(__name__)

Json = dict[str, Any]
Ack = Callable[..., Awaitable[Any]]

IN_TIME = 2.2
"""Seconds after which something is acknowledged with a word, and done next: Slack waits for 3."""

MOMENT = 0.05
"""Seconds that letters wait at most while commands are entered."""

_ANY = re.compile(".*", re.DOTALL)


class Followers(Protocol):
    """Who hears of what an app was brought, besides the house."""

    async def spoken(self) -> None:
        """There may be new letters."""

    async def membership(self, kind: str, event: Json) -> None:
        """Where the app sits has changed."""

    async def home(self, person: Address, user: str) -> None:
        """Somebody looks at the app's home."""

    async def tell(self, person: Address, place: Place | None, message: Message) -> None:
        """A word for one person that could not be put in the outbox."""

    def heard(self, kind: str) -> None:
        """Something came."""


class Listeners:
    """One app's."""

    def __init__(self, hearing: Hearing, dialogs: Dialogs, followers: Followers) -> None:
        self._hearing = hearing
        self._dialogs = dialogs
        self._followers = followers
        self._late: set[asyncio.Task[Any]] = set()
        self._entering = 0
        self._unspoken: float | None = None
        """Since when there may be letters that nobody was told of."""

    def on(self, app: AsyncApp) -> None:
        """Hear all that the manifest asks for; first what people wait for: bolt asks one after the other."""
        app.command(_ANY)(self.command)
        app.action(re.compile(f"{PRESS}.*"))(self.press)
        app.action(_ANY)(_seen)
        app.view(re.compile(f"{forms.FORM}.*"))(self.form)
        app.options(_ANY)(self.options)
        app.shortcut(_ANY)(self.shortcut)
        app.event("message")(self.message)
        app.event("app_mention")(self.message)
        app.event("reaction_added")(self.reaction)
        app.event("app_home_opened")(self.home)
        for kind in (
            "member_joined_channel", "member_left_channel", "channel_left", "group_left", "channel_archive",
            "group_archive", "channel_unarchive", "group_unarchive", "app_uninstalled", "tokens_revoked",
        ):  # fmt: skip
            app.event(kind)(self.membership)
        app.error(_failed)

    async def close(self) -> None:
        """Wait for what was acknowledged with a word and is not done yet."""
        if self._late:
            await asyncio.wait(self._late, timeout=IN_TIME)

    # Events: those that fail are brought again

    async def message(self, event: Json, body: Json) -> None:
        self._followers.heard("message")
        if await self._hearing.message(event, body.get("team_id")):
            self._speak()

    async def reaction(self, event: Json) -> None:
        self._followers.heard("reaction")
        await self._hearing.reaction(event)
        self._speak()

    async def membership(self, event: Json) -> None:
        await self._followers.membership(str(event["type"]), event)

    async def home(self, event: Json, body: Json) -> None:
        if event.get("tab") in (None, "home"):
            person = await self._hearing.who(body, event)
            self._background(self._followers.home(person, str(event["user"])))

    # What a person waits for: not brought again, so what goes wrong is said

    async def command(self, ack: Ack, body: Json) -> None:
        self._followers.heard("command")

        async def do() -> Message | None:
            arrival, missing = await self._hearing.command(body)
            return await self._enter(arrival, missing, str(body["trigger_id"]))

        await self._in_time(do(), ack, lambda words: {"text": words, "response_type": "ephemeral"}, body)

    async def press(self, ack: Ack, body: Json) -> None:
        self._followers.heard("press")

        async def do() -> Message | None:
            try:
                arrival, missing = await self._hearing.press(body)
            except ValueError:
                log.warning("a button that is none of ours was pressed")
                return None
            return await self._enter(arrival, missing, str(body["trigger_id"]))

        await self._in_time(do(), ack, lambda _words: {}, body)

    async def shortcut(self, ack: Ack, body: Json) -> None:
        self._followers.heard("shortcut")
        await self._dialogs.shortcut(body)
        await ack()

    async def options(self, ack: Ack, body: Json) -> None:
        await ack(options=await self._dialogs.options(body))

    async def form(self, ack: Ack, body: Json) -> None:
        """What is wrong is shown at its field, and the form stays with all that was typed."""
        self._followers.heard("form")
        view = body["view"]
        path, where = forms.path_of(view["callback_id"]), Where.read(view["private_metadata"])
        declaration = TABLE[path]
        given = forms.given(declaration, view["state"]["values"])
        if wrong := forms.errors(declaration, given, pressed=where.pressed):
            await ack(response_action="errors", errors=wrong)
            return
        first = next(iter(view["state"]["values"]), "")

        async def do() -> Message | None:
            return await self._take(await self._hearing.form(body, path, given, where))

        await self._in_time(
            do(), ack, lambda words: {"response_action": "errors", "errors": {first: words}} if first else {}, body
        )

    async def _enter(self, arrival: Arrival, missing: Missing | None, trigger: str) -> Message | None:
        """Perform it, or open the form for what it lacks; without a form the question is asked in words."""
        asks = missing if not arrival.muted else None
        if asks is not None and await self._dialogs.open(trigger, asks, self._hearing.where(arrival)):
            return None
        return await self._take(arrival)

    async def _take(self, arrival: Arrival) -> Message | None:
        self._entering += 1
        try:
            return await self._hearing.take(arrival)
        finally:
            self._entering -= 1
            if self._unspoken is None:
                self._unspoken = time.monotonic()
            # those who wait for an acknowledgement go first, for a moment
            if not self._entering or time.monotonic() - self._unspoken > MOMENT:
                self._speak()

    async def _in_time(self, doing: Any, ack: Ack, said: Callable[[str], Json], body: Json) -> None:
        """Acknowledge what was done, or what was not and why; what takes longer, with a word, and it is done next."""
        task = self._background(doing)
        done, _ = await asyncio.wait({task}, timeout=IN_TIME)
        if not done:
            task.add_done_callback(lambda late: self._afterwards(late, body))
            await ack(**_without_errors(said(text.render(answers.at_work()))))
            return
        try:
            message = task.result()
        except Exception:
            log.exception("nothing was entered")
            message = refusals.busy(refusals.BROKEN)
        if message is None:
            await ack()
        elif answer := said(text.render(message)):
            await ack(**answer)
        else:
            await ack()
            self._tell(message, body)

    def _afterwards(self, late: asyncio.Task[Message | None], body: Json) -> None:
        if late.cancelled():
            return
        message = refusals.busy(refusals.BROKEN) if late.exception() is not None else late.result()
        if message is not None:
            self._tell(message, body)

    def _tell(self, message: Message, body: Json) -> None:
        person, place = self._hearing.asker(body)
        self._background(self._followers.tell(person, place, message))

    def _speak(self) -> None:
        self._unspoken = None
        self._background(self._followers.spoken())

    def _background(self, doing: Any) -> asyncio.Task[Any]:
        task: asyncio.Task[Any] = asyncio.ensure_future(doing)
        self._late.add(task)
        task.add_done_callback(self._late.discard)
        return task


def _without_errors(answer: Json) -> Json:
    """A form that is still at work is closed, not told that something is wrong."""
    return {} if "errors" in answer else answer


async def _failed(error: Exception) -> None:
    """It is not acknowledged; Slack brings events again."""
    if isinstance(error, BusyError | UnreachableError):
        log.warning("an event is to be brought again: %s", type(error).__name__)
    else:
        log.error("an event failed", exc_info=error)


async def _seen(ack: Ack) -> None:
    """What we show and do nothing about, such as a link."""
    await ack()

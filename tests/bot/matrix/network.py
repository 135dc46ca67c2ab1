"""A network of agencies on a real homeserver, with Comity as a process of its own; people write with their clients."""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp
import nio

from bot.matrix.wire import ask
from tests.bot.matrix.people import PASSWORD, logged_in, must
from tests.comity import AGENCIES, NAMES, WITHIN, Comity
from tests.synapse import Synapse

Event = Mapping[str, Any]

WORD = re.compile(r"^> (Word .*)$", re.MULTILINE)
"""What stands in the copy of a reply, in the tests that count replies."""


class Person:
    """Somebody at a client; `heard` is every event in their rooms, in the order in which it came.

    `read` is how far each user has read, by room and user; `typing` who is at it, by room.
    """

    def __init__(self, client: nio.AsyncClient) -> None:
        self.client = client
        self.user = client.user_id
        self.heard: list[tuple[str, Event]] = []
        self.read: dict[tuple[str, str], str] = {}
        self.typing: dict[str, list[str]] = {}
        self._news = asyncio.Condition()
        self._listening = asyncio.ensure_future(self._listen())

    async def _listen(self) -> None:
        """Join whatever they are invited to, as often as it takes, and keep what is said; also what a sync left out."""
        invited: set[str] = set()
        while True:
            response = None
            patience = 500 if invited else 10_000
            with suppress(aiohttp.ClientError, TimeoutError):
                response = await self.client.sync(patience, sync_filter={"room": {"timeline": {"limit": 500}}})
            if not isinstance(response, nio.SyncResponse):
                await asyncio.sleep(0.2)  # the homeserver is away: there is no condition to wait for
                continue
            if self.client.olm and self.client.should_upload_keys:
                await self.client.keys_upload()
            invited |= response.rooms.invite.keys()
            invited -= response.rooms.leave.keys()
            for room in sorted(invited):  # another homeserver may not let them in at once
                with suppress(aiohttp.ClientError, TimeoutError):
                    if isinstance(await self.client.join(room), nio.JoinResponse):
                        invited.remove(room)
            async with self._news:
                for room, info in response.rooms.join.items():
                    self.heard += [(room, event.source) for event in info.timeline.events]
                    self._mind(room, info.ephemeral)
                self._news.notify_all()

    def _mind(self, room: str, passing: Iterable[object]) -> None:
        for one in passing:
            if isinstance(one, nio.ReceiptEvent):
                self.read |= {(room, receipt.user_id): receipt.event_id for receipt in one.receipts}
            elif isinstance(one, nio.TypingNoticeEvent):
                self.typing[room] = one.users

    async def say(self, room: str, text: str, thread: str | None = None, **more: Any) -> str:
        """Returns the id of the event."""
        content: dict[str, Any] = {"msgtype": "m.text", "body": text, **more}
        if thread is not None:
            content["m.relates_to"] = {"rel_type": "m.thread", "event_id": thread}
        return await self.send(room, "m.room.message", content)

    async def edit(self, room: str, event: str, text: str) -> str:
        new = {"msgtype": "m.text", "body": text}
        relation = {"rel_type": "m.replace", "event_id": event}
        content = {"msgtype": "m.text", "body": f"* {text}", "m.new_content": new, "m.relates_to": relation}
        return await self.send(room, "m.room.message", content)

    async def redact(self, room: str, event: str) -> str:
        return str(must(await self.client.room_redact(room, event), nio.RoomRedactResponse).event_id)

    async def react(self, room: str, event: str, emoji: str) -> str:
        relation = {"rel_type": "m.annotation", "event_id": event, "key": emoji}
        return await self.send(room, "m.reaction", {"m.relates_to": relation})

    async def send(self, room: str, kind: str, content: dict[str, Any]) -> str:
        if self.client.olm and self.client.should_query_keys:
            await self.client.keys_query()  # whoever came meanwhile is to read it too
        answer = await self.client.room_send(room, kind, content, ignore_unverified_devices=True)
        return str(must(answer, nio.RoomSendResponse).event_id)

    async def unsealed(self, room: str, kind: str, content: dict[str, Any]) -> str:
        """Send this as it is, also into an encrypted room."""
        path = f"/_matrix/client/v3/rooms/{quote(room)}/send/{kind}/{secrets.token_hex(8)}"
        return str((await ask(self.client, "PUT", path, content))["event_id"])

    async def hears(self, words: str, room: str | None = None, count: int = 1, within: float = WITHIN) -> Event:
        """Wait until Comity has said something with these words (so often); the last such event."""
        return (await self.hears_all(lambda event: words in body(event), room, count, within))[-1]

    async def hears_all(
        self, wanted: Callable[[Event], object], room: str | None = None, count: int = 1, within: float = WITHIN
    ) -> list[Event]:
        """Wait until Comity has said so many things of this kind."""

        def found() -> list[Event]:
            return [event for event in self.from_comity(room) if wanted(event)]

        try:
            await self.until(lambda: len(found()) >= count, within)
        except TimeoutError:
            said = [body(event) for event in self.from_comity(room)]
            raise AssertionError(f"{self.user} heard {len(found())} of {count}; Comity said {said[-12:]}") from None
        return found()

    async def hears_below(self, message: str, room: str | None = None, count: int = 1) -> Event:
        """Wait until Comity has said something in the thread of a message (so often); the last such event."""
        return (await self.hears_all(lambda event: root_of(event) == message, room, count))[-1]

    async def room_of(self, words: str) -> str:
        """Wait until Comity has said something with these words; the room in which it said so last."""
        number = (await self.hears(words))["event_id"]
        return next(room for room, event in self.heard if event["event_id"] == number)

    async def until(self, heard: Callable[[], bool], within: float = WITHIN) -> None:
        """Wait until what was heard is enough; raises TimeoutError."""
        async with self._news, asyncio.timeout(within):
            await self._news.wait_for(heard)

    def from_comity(self, room: str | None = None) -> list[Event]:
        """What Comity has said in the rooms of this person, each event once."""
        seen: dict[str, Event] = {}
        for where, event in self.heard:
            ours = event["type"] == "m.room.message" and str(event["sender"]).startswith("@comity")
            if ours and room in (None, where):
                seen.setdefault(str(event["event_id"]), event)
        return list(seen.values())

    async def close(self) -> None:
        self._listening.cancel()
        await asyncio.gather(self._listening, return_exceptions=True)


def body(event: Event) -> str:
    return str(event["content"].get("body", ""))


def word(event: Event) -> str | None:
    """The reply that it is the copy of."""
    found = WORD.search(body(event))
    return found[1] if found else None


def root_of(event: Event) -> str | None:
    """The thread that an event stands in."""
    relation = event["content"].get("m.relates_to", {})
    return str(relation["event_id"]) if relation.get("rel_type") == "m.thread" else None


async def download(who: Person, mxc: str) -> bytes:
    """As any client does: https://spec.matrix.org/latest/client-server-api/#content-repository."""
    server, media = mxc.removeprefix("mxc://").split("/")
    path = f"/_matrix/client/v1/media/download/{quote(server)}/{quote(media)}"
    headers = {"Authorization": f"Bearer {who.client.access_token}"}
    answer = await who.client.send("GET", path, headers=headers)
    assert answer.status == 200
    return bytes(await answer.read())


@dataclass(frozen=True)
class Server:
    """A homeserver on which Comity has an account; `url` is where Comity finds it."""

    homeserver: Synapse
    url: str | None = None


class Network:
    def __init__(self, comity: Comity, bots: Mapping[str, str], mark: str, clients: AsyncExitStack) -> None:
        self.comity = comity
        self.bots = bots
        """The user ids of Comity's accounts by their names."""
        self.bot = next(iter(bots.values()))
        self._mark = mark
        self._clients = clients
        self._home: Synapse | None = None
        self.people: dict[str, Person] = {}
        self.desks: dict[str, str] = {}
        """The room of each agency."""

    def __getitem__(self, name: str) -> Person:
        return self.people[name]

    def user(self, name: str) -> str:
        """The Matrix id of a person of this network, of one who has not come yet too."""
        return f"@{name}-{self._mark}:{self._homeserver.server_name}"

    @property
    def _homeserver(self) -> Synapse:
        """Where those live who came last."""
        assert self._home is not None
        return self._home

    async def come(self, name: str, homeserver: Synapse | None = None) -> Person:
        """Somebody at a client of their own, whom nobody has enrolled yet."""
        self._home = homeserver or self._homeserver
        user = self._homeserver.register(f"{name}-{self._mark}", PASSWORD)
        person = Person(await self._clients.enter_async_context(logged_in(self._homeserver.url, user)))
        self._clients.push_async_callback(person.close)
        self.people[name] = person
        return person

    async def seat(self, code: str, account: str, homeserver: Synapse) -> None:
        """An agency with its people, and with a desk into which Comity is asked."""
        country, zone, people = AGENCIES[code]
        self.comity.do(f"/agency add {code} --country {country} --zone {zone} {NAMES[code]}")
        for local, role in people.items():
            person = await self.come(local, homeserver)
            self.comity.do(f"/officer add matrix:{person.user} --agency {code} --role {role} {local}")
        first, *others = [self[local] for local in people]
        guests = [self.bots[account], *(other.user for other in others)]
        room = must(await first.client.room_create(invite=guests), nio.RoomCreateResponse).room_id
        self.desks[code] = str(room)
        self.comity.do(f"/agency desk {code} matrix:{account}/{room}")

    async def seated(self, code: str, account: str) -> None:
        """Wait until Comity sits at the desk."""
        await joined(self[next(iter(AGENCIES[code][2]))], self.desks[code], self.bots[account])

    async def asked(self) -> tuple[str, str]:
        """FTC has asked ACMA for something; the roots at both desks."""
        ana, ftc = self["ana"], self.desks["FTC"]
        await ana.say(ftc, "!case open Case")
        await ana.hears("C-1 Case", ftc)
        await ana.say(ftc, "!request send ACMA --case C-1 Who rented it?")
        here = await ana.hears("R-1 FTC asks ACMA", ftc)
        there = await self["bo"].hears("R-1 FTC asks ACMA", self.desks["ACMA"])
        return str(here["event_id"]), str(there["event_id"])


@asynccontextmanager
async def network(
    homeserver: Synapse, folder: Path, *codes: str, url: str | None = None, **settings: str
) -> AsyncIterator[Network]:
    """Agencies of the sample with their people, each with a desk where Comity sits, and Comity running.

    Names are this network's own, as tests share a homeserver: @ana-1a2b. `url` is where Comity finds the homeserver.
    """
    seats = dict.fromkeys(codes or ("FTC", "ACMA"), ("HOME", homeserver))
    async with spread({"HOME": Server(homeserver, url)}, seats, folder, **settings) as found:
        yield found


@asynccontextmanager
async def spread(
    accounts: Mapping[str, Server], seats: Mapping[str, tuple[str, Synapse]], folder: Path, **settings: str
) -> AsyncIterator[Network]:
    """A network over several homeservers: each agency is reached through an account, and has its people somewhere."""
    mark = secrets.token_hex(4)
    bots = {name: server.homeserver.register(f"comity-{mark}", PASSWORD) for name, server in accounts.items()}
    environment = {"COMITY_DATABASE_URL": f"sqlite:///{folder}/comity.db", **settings}
    for name, server in accounts.items():
        store = folder / ("store" if len(accounts) == 1 else name.lower())
        environment |= account(name, server.url or server.homeserver.url, bots[name], store)
    comity = Comity(folder, environment)
    comity.program("migrate")
    async with AsyncExitStack() as stack:
        found = Network(comity, bots, mark, stack)
        for code, (name, homeserver) in seats.items():
            await found.seat(code, name, homeserver)
        comity.start()
        stack.callback(comity.stop)
        for code, (name, _) in seats.items():
            await found.seated(code, name)
        yield found


def account(name: str, url: str, user: str, store: Path) -> dict[str, str]:
    """The settings of an account of Comity's."""
    values = {"HOMESERVER": url, "USER_ID": user, "PASSWORD": PASSWORD, "STORE_DIR": str(store)}
    return {f"COMITY_MATRIX__{name}__{key}": text for key, text in values.items()}


async def joined(person: Person, room: str, *users: str) -> None:
    """Wait until these users sit in the room."""
    for user in users:
        await _membership(person.client, room, user, "join")


async def gone(client: nio.AsyncClient, room: str, user: str) -> None:
    """Wait until the user has left the room, or declined to come."""
    await _membership(client, room, user, "leave")


async def _membership(client: nio.AsyncClient, room: str, user: str, wanted: str) -> None:
    try:
        async with asyncio.timeout(WITHIN):
            while True:
                answer = await client.room_get_state_event(room, "m.room.member", user)
                if isinstance(answer, nio.RoomGetStateEventResponse) and answer.content["membership"] == wanted:
                    return
                await asyncio.sleep(0.1)  # a look at the condition that is waited for
    except TimeoutError:
        raise AssertionError(f"{user}: {answer}") from None

"""A network of agencies on a real homeserver, with Comity as a process of its own; people write with their clients."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp
import nio
from sqlalchemy import Engine
from sqlmodel import Session, select

from bot.app import fresh_salt
from bot.local.workspace import operate
from bot.matrix.wire import ask
from bot.settings import read_clock
from commands.desk import Desk
from commands.message import Message
from storage.session import connect, transaction
from storage.tables import Account, Letter, LetterState
from tests.bot.matrix.people import PASSWORD, logged_in, must
from tests.synapse import ROOT, Synapse

Event = Mapping[str, Any]

WITHIN = 60.0
"""Seconds that an answer may take, on a machine that others use too."""

SAMPLE = {
    "FTC": ("US", "America/New_York", {"ana": "officer", "ada": "coordinator"}),
    "ACMA": ("AU-ACT", "Australia/Sydney", {"bo": "officer", "bea": "coordinator"}),
    "KISA": ("KR", "Asia/Seoul", {"chin": "officer", "choi": "coordinator"}),
    "ICO": ("GB-ENG", "Europe/London", {"dev": "officer", "dot": "coordinator"}),
}
"""As in the sample workspace."""

AGENCIES = SAMPLE | {"CRTC": ("CA-QC", "America/Toronto", {"eve": "officer", "eli": "coordinator"})}
"""And one more, where five rooms are wanted."""

NAMES = {
    "FTC": "Federal Trade Commission",
    "ACMA": "Australian Communications and Media Authority",
    "KISA": "Korea Internet & Security Agency",
    "ICO": "Information Commissioner's Office",
    "CRTC": "Canadian Radio-television and Telecommunications Commission",
}


class Person:
    """Somebody at a client; `heard` is every event in their rooms, in the order in which it came."""

    def __init__(self, client: nio.AsyncClient) -> None:
        self.client = client
        self.user = client.user_id
        self.heard: list[tuple[str, Event]] = []
        self._news = asyncio.Condition()
        self._listening = asyncio.ensure_future(self._listen())

    async def _listen(self) -> None:
        """Join whatever they are invited to, and keep what is said; also what a sync left out."""
        while True:
            response = None
            with suppress(aiohttp.ClientError, TimeoutError):
                response = await self.client.sync(10_000, sync_filter={"room": {"timeline": {"limit": 500}}})
            if not isinstance(response, nio.SyncResponse):
                await asyncio.sleep(0.2)  # the homeserver is away: there is no condition to wait for
                continue
            if self.client.olm and self.client.should_upload_keys:
                await self.client.keys_upload()
            for room in response.rooms.invite:
                await self.client.join(room)
            async with self._news:
                for room, info in response.rooms.join.items():
                    self.heard += [(room, event.source) for event in info.timeline.events]
                self._news.notify_all()

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
        self, wanted: Callable[[Event], bool], room: str | None = None, count: int = 1, within: float = WITHIN
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


def root_of(event: Event) -> str | None:
    """The thread that an event stands in."""
    relation = event["content"].get("m.relates_to", {})
    return str(relation["event_id"]) if relation.get("rel_type") == "m.thread" else None


class Comity:
    """The program, as an operator starts it."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.folder = folder
        self.environment = {**os.environ, **environment}
        self.log = folder / "comity.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The number of its process; 0 while it does not run."""
        return self._process.pid if self._process else 0

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "bot", "run"], cwd=ROOT, env=self.environment, stderr=log, stdout=log
            )

    def stop(self) -> int:
        """As an operator does; the exit code."""
        return self._end(signal.SIGTERM)

    def kill(self) -> None:
        """As a power cut does; the half minute for which the lease of the dead process still stands is over at once."""
        self._end(signal.SIGKILL)
        with self.records() as session:
            for account in session.exec(select(Account)):
                account.holder, account.held_until = None, None
            session.flush()

    def _end(self, how: signal.Signals) -> int:
        if self._process is None:
            return 0
        self._process.send_signal(how)
        try:
            return self._process.wait(timeout=20)
        finally:
            self._process = None

    def do(self, *lines: str) -> None:
        """Commands of the operator's: what `python -m bot do` does, without the half second of its start."""
        for line in lines:
            message, done = self.operate(line)
            assert done, message

    def operate(self, line: str) -> tuple[Message, bool]:
        """The answer to the operator, and whether it was done."""
        clock = self.environment.get("COMITY_CLOCK")
        with self.engine() as engine:
            return operate(engine, Desk(fresh_salt), line, read_clock(Path(clock)) if clock else datetime.now(UTC))

    @contextmanager
    def records(self, *, reading: bool = False) -> Iterator[Session]:
        """What Comity has kept."""
        with self.engine() as engine, transaction(engine, reading=reading) as session:
            yield session

    async def delivered(self, within: float = WITHIN) -> None:
        """Wait until every letter has its receipt."""
        async with asyncio.timeout(within):
            while True:
                with self.records(reading=True) as session:
                    if not letters_waiting(session):
                        return
                await asyncio.sleep(0.1)  # a look at the condition that is waited for

    @contextmanager
    def engine(self) -> Iterator[Engine]:
        """The database of the program, beside it."""
        engine = connect(self.environment["COMITY_DATABASE_URL"])
        try:
            yield engine
        finally:
            engine.dispose()

    def program(self, *arguments: str, code: int = 0) -> str:
        """What it prints."""
        return self._run(arguments, code).stdout

    def refusal(self, *arguments: str) -> str:
        """What it says on standard error when it cannot begin."""
        return self._run(arguments, 2).stderr

    def _run(self, arguments: Sequence[str], code: int) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "bot", *arguments], cwd=ROOT, env=self.environment, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        assert done.returncode == code, (arguments, done.stdout, done.stderr)
        return done


def letters_waiting(session: Session) -> list[tuple[int | None, LetterState, str | None]]:
    """Letters that have not arrived."""
    found = session.exec(select(Letter).where(Letter.state != LetterState.DELIVERED))
    return [(letter.id, letter.state, letter.error) for letter in found]


class Network:
    def __init__(self, comity: Comity, homeserver: Synapse, clients: AsyncExitStack) -> None:
        self.comity = comity
        self._mark = secrets.token_hex(4)
        self._homeserver = homeserver
        self._clients = clients
        self.bot = homeserver.register(f"comity-{self._mark}", PASSWORD)
        self.people: dict[str, Person] = {}
        self.desks: dict[str, str] = {}
        """The room of each agency."""

    def __getitem__(self, name: str) -> Person:
        return self.people[name]

    def user(self, name: str) -> str:
        """The Matrix id of a person of this network, of one who has not come yet too."""
        return f"@{name}-{self._mark}:{self._homeserver.server_name}"

    async def come(self, name: str) -> Person:
        """Somebody at a client of their own, whom nobody has enrolled yet."""
        user = self._homeserver.register(f"{name}-{self._mark}", PASSWORD)
        person = Person(await self._clients.enter_async_context(logged_in(self._homeserver.url, user)))
        self._clients.push_async_callback(person.close)
        self.people[name] = person
        return person


@asynccontextmanager
async def network(
    homeserver: Synapse, folder: Path, *codes: str, url: str | None = None, **settings: str
) -> AsyncIterator[Network]:
    """Agencies of the sample with their people, each with a desk where Comity sits, and Comity running.

    Names are this network's own, as tests share a homeserver: @ana-1a2b. `url` is where Comity finds the homeserver.
    """
    environment = {"COMITY_DATABASE_URL": f"sqlite:///{folder}/comity.db", **settings}
    async with AsyncExitStack() as stack:
        found = Network(Comity(folder, environment), homeserver, stack)
        account = {
            "HOMESERVER": url or homeserver.url, "USER_ID": found.bot, "PASSWORD": PASSWORD,
            "STORE_DIR": str(folder / "store"),
        }  # fmt: skip
        comity = found.comity
        comity.environment |= {f"COMITY_MATRIX__HOME__{name}": text for name, text in account.items()}
        comity.program("migrate")
        for code in codes or ("FTC", "ACMA"):
            country, zone, people = AGENCIES[code]
            comity.do(f"/agency add {code} --country {country} --zone {zone} {NAMES[code]}")
            for name, role in people.items():
                person = await found.come(name)
                comity.do(f"/officer add matrix:{person.user} --agency {code} --role {role} {name}")
            first, *others = [found[name] for name in people]
            guests = [found.bot, *(other.user for other in others)]
            room = must(await first.client.room_create(invite=guests), nio.RoomCreateResponse).room_id
            found.desks[code] = str(room)
            comity.do(f"/agency desk {code} matrix:HOME/{room}")
        comity.start()
        stack.callback(comity.stop)
        for code, room in found.desks.items():
            person = found[next(iter(AGENCIES[code][2]))]
            await joined(person, room, found.bot)
        yield found


async def joined(person: Person, room: str, *users: str) -> None:
    """Wait until these users sit in the room."""
    async with asyncio.timeout(WITHIN):
        while True:
            answer = await person.client.joined_members(room)
            if isinstance(answer, nio.JoinedMembersResponse) and {one.user_id for one in answer.members} >= set(users):
                return
            await asyncio.sleep(0.1)  # a look at the condition that is waited for

"""Plays a screenplay with people at Matrix clients; a scene ends when they have heard just what it says they hear.

It decides nothing about what Comity should say: that is in the screenplay, and in how Matrix shows it.
"""

from __future__ import annotations

import asyncio
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

import nio

from bot.local.posted import Event, Happening, address_of, channel_place, direct_place, is_direct, name_of
from bot.matrix import events
from commands import answers
from commands.message import Message
from storage.words import Address, Manner, Place
from tests import progress
from tests.bot.matrix import lines, network
from tests.bot.matrix.lines import Expected, Line
from tests.bot.matrix.names import Names, address_in
from tests.bot.matrix.network import Network, Person, joined
from tests.bot.matrix.people import must
from tests.bot.matrix.screenplay import Said, Scene, Screenplay
from tests.comity import SAMPLE, WITHIN

NETWORK = channel_place("network")
QUESTION = "? Write it here, or `cancel`."
EMOJI = {":check:": "✅"}


class Player:
    """One play; `clock` is the file that is the program's clock."""

    def __init__(self, net: Network, clock: Path) -> None:
        self._net = net
        self._clock = clock
        self._names = Names(net)
        self._rooms = self._names.rooms
        self._events: dict[str, str] = {}
        """The Matrix event of each local message."""
        self._locals: dict[str, str] = {}
        """The local message of each Matrix event."""
        self._threads: dict[str, str | None] = {}
        """The local root that each local message stands under in its Matrix room."""
        self._words: dict[str, list[str]] = defaultdict(list)
        """What each message of Comity's said, the newest first."""
        self._asked: dict[tuple[str, Place], tuple[Place, str | None]] = {}
        """Where a person reads what a command of theirs in a place lacks, and the root that the command comes below."""
        self._heard: dict[Place, list[str]] = defaultdict(list)
        """The events of Comity's in each place that a scene was about."""

    async def meet(self) -> None:
        """A room where everybody sits; each agency is seated there before Comity comes."""
        host, *others = self._net.people.values()
        guests = [other.user for other in others]
        room = str(must(await host.client.room_create(invite=guests), nio.RoomCreateResponse).room_id)
        self._rooms[NETWORK] = room
        self._net.comity.do(*(f"/agency desk {code} {self._names.place(NETWORK)} --shared" for code in SAMPLE))
        must(await host.client.room_invite(room, self._net.bot), nio.RoomInviteResponse)
        await joined(host, room, *guests, self._net.bot)

    async def play(self, screenplay: Screenplay) -> None:
        for scene in screenplay.scenes:
            at: str | None = None
            match scene.cause:
                case Event() as event:
                    at = await self._act(event)
                case datetime() as now:
                    await self._move(now)
                case line:
                    answer, _ = self._net.comity.operate(self._names.named(line))
                    assert scene.answer is not None
                    assert self._names.words(answer) == self._names.words(scene.answer)
            await progress.quiet(self._net.comity)
            await self._hear(scene, at)
        await self._look_back(screenplay.members)

    # What people do

    async def _act(self, event: Event) -> str | None:
        """Returns the local id of the root that an answer comes below."""
        person, posted = await self._person(event.by), event.message
        place, root = self._where(event)
        room = await self._enter(person, place)
        match event.what:
            case Happening.POSTED:
                below = None if is_direct(place) else root
                sent = await self._write(person, room, str(posted.body), below, posted.files)
                self._remember(posted.id, sent, below)
            case Happening.EDITED:
                root = self._threads[posted.id]
                sent = await person.edit(room, self._events[posted.id], self._names.typed(str(posted.body)))
            case Happening.DELETED:
                root = self._threads[posted.id]
                sent = await person.redact(room, self._events[posted.id])
            case Happening.REACTED:
                root = posted.root or posted.id
                sent = await person.react(room, self._events[posted.id], EMOJI.get(event.detail, event.detail))
            case Happening.PRESSED:
                root = posted.root or (posted.id if posted.label else self._threads[posted.id])
                sent = await self._write(person, room, self._button(posted.id, event.detail), root)
        await self._taken(person, place, sent)
        return root or (None if is_direct(place) else posted.id)

    def _where(self, event: Event) -> tuple[Place, str | None]:
        """Words that are no command answer a question where it is to be read."""
        place, root, words = event.message.place, event.message.root, event.message.body
        if event.what is not Happening.POSTED or root is not None or str(words).startswith(("/", "!", "@")):
            return place, root
        return self._asked.pop((event.by, place), (place, None))

    async def _write(self, person: Person, room: str, text: str, root: str | None, files: Sequence[str] = ()) -> str:
        thread = self._events[root] if root else None
        if not files:
            return await person.say(room, self._names.typed(text), thread)
        (file,) = map(Path, files)
        with file.open("rb") as data:
            uploaded, _ = await person.client.upload(data, "text/plain", file.name, filesize=file.stat().st_size)
        url = must(uploaded, nio.UploadResponse).content_uri
        return await person.say(room, self._names.typed(text), thread, msgtype="m.file", filename=file.name, url=url)

    def _button(self, message: str, label: str) -> str:
        """What to type, as the message shows it beside the label, or once did."""
        for words in self._words[message]:
            if found := re.search(rf"^{re.escape(label)}: (!.+)$", words, re.MULTILINE):
                return found[1]
        raise AssertionError(f"no line for [{label}] in {self._words[message]}")

    async def _person(self, address: str) -> Person:
        name = name_of(address)
        return self._net.people.get(name) or await self._net.come(name)

    async def _enter(self, person: Person, place: Place) -> str:
        """The room; whoever writes in a place has come in, and whoever writes to Comity alone has a room with it."""
        if is_direct(place):
            return await self._direct(person, place)
        room = self._rooms[place]
        if room not in must(await person.client.joined_rooms(), nio.JoinedRoomsResponse).rooms:
            host = self._reader(place)
            must(await host.client.room_invite(room, person.user), nio.RoomInviteResponse)
            await joined(host, room, person.user)
        return room

    async def _direct(self, person: Person, place: Place) -> str:
        """The room that Comity opened, or else one that they ask it into."""
        if place not in self._rooms:
            asked = person.client.room_create(
                is_direct=True, invite=[self._net.bot], preset=nio.RoomPreset.private_chat
            )
            room = str(must(await asked, nio.RoomCreateResponse).room_id)
            greeting = await person.hears("What I say here only you read.", room)
            self._rooms[place] = room
            self._heard[place].append(str(greeting["event_id"]))
        return self._rooms[place]

    async def _move(self, now: datetime) -> None:
        """Until the program takes at the new time what is said."""
        new = self._clock.with_suffix(".new")
        new.write_text(now.isoformat(), encoding="utf-8")
        new.replace(self._clock)
        place, room = next(iter(self._rooms.items()))
        person = self._reader(place)
        async with asyncio.timeout(WITHIN):
            while await self._taken(person, place, await person.say(room, "What time is it?")) != now:
                pass

    async def _taken(self, person: Person, place: Place, event: str) -> datetime:
        """Wait until this is performed; at what time it was."""
        answer = await person.client.room_get_event(self._rooms[place], event)
        source = must(answer, nio.RoomGetEventResponse).event.source
        return await progress.taken(self._net.comity, events.key_of(source, self._names.place(place)))

    # What Comity does

    async def _hear(self, scene: Scene, at: str | None) -> None:
        expected: dict[Place, list[Expected]] = defaultdict(list)
        for said in scene.said:
            for one in self._expected(said, at):
                expected[one.where].append(one)
        for place, waiting in expected.items():
            for event in await self._said(place, len(waiting)):
                line, under = lines.read(event, self._locals)
                number = str(event["event_id"])
                one = lines.next_of(waiting, line, under)
                self._heard[place].append(number)
                if one.message is not None:
                    self._words[one.message].insert(0, line.plain)
                    if line.edits is None:
                        self._remember(one.message, number, under)
        for said in scene.said:
            self._note_question(said, at)

    def _note_question(self, said: Said, at: str | None) -> None:
        to, place = said.delivery.to, said.delivery.place
        if to is not None and place is not None and QUESTION in self._words[said.message][0]:
            aloud = said.delivery.manner is Manner.ALOUD
            self._asked[to, place] = place if aloud else direct_place(to), said.delivery.thread or at

    def _expected(self, said: Said, at: str | None) -> list[Expected]:
        """What is to be heard of one letter."""
        delivery, place, to = said.delivery, said.delivery.place, said.delivery.to
        below = delivery.thread or at if delivery.root_of is None else None
        if to is None:
            assert place is not None
            # not all that Comity says answers somebody
            roots = {None} if delivery.edits else {below} if delivery.thread or delivery.root_of else {below, None}
            return [self._line(place, place, delivery.message, roots, said.message, edits=delivery.edits)]
        if place is not None and delivery.manner is Manner.ALOUD:
            assert delivery.message.marking is None, "all who sit there hear it"
            return [self._line(place, to, delivery.message, {below}, said.message, called=self._names.user(to))]
        heard = [self._line(direct_place(to), to, delivery.message, {None}, said.message)]
        if place is not None and delivery.manner is Manner.APART:
            heard.append(self._line(place, to, answers.elsewhere(), {below}, None))
        return heard

    def _line(
        self,
        where: Place,
        queue: str,
        message: Message,
        under: Iterable[str | None],
        number: str | None,
        *,
        edits: str | None = None,
        called: str | None = None,
    ) -> Expected:
        words = self._names.words(message)
        mentions = tuple(dict.fromkeys([*words.mentions, *([called] if called else [])]))
        return Expected(where, queue, Line(words.plain, words.html, mentions, edits), frozenset(under), number)

    async def _said(self, place: Place, count: int) -> list[network.Event]:
        """What Comity has said in a place since the last scene there, once it is so much."""
        person, before = self._reader(place), len(self._heard[place])

        def heard() -> list[network.Event]:
            if place not in self._rooms:
                for room in {room for room, _ in person.heard} - set(self._rooms.values()):
                    self._rooms[place] = room
            return person.from_comity(self._rooms[place])[before:] if place in self._rooms else []

        try:
            await person.until(lambda: len(heard()) >= count)
        except TimeoutError:
            said = [network.body(event) for event in heard()]
            raise AssertionError(f"{place}: {count} lines are due, there is {said}") from None
        return heard()

    def _remember(self, message: str, event: str, root: str | None) -> None:
        self._events[message], self._locals[event], self._threads[message] = event, message, root

    # Afterwards

    async def _look_back(self, members: Mapping[Place, Iterable[Address]]) -> None:
        """Nothing was said that no scene was about, and nobody reads along who does not in the local workspace."""
        await progress.quiet(self._net.comity)
        for place, room in self._rooms.items():
            client = self._reader(place).client
            assert await _history(client, room, self._net.bot) == self._heard[place], place
            answer = must(await client.joined_members(room), nio.JoinedMembersResponse)
            readers = [address_in(place)] if is_direct(place) else members[place]
            expected = {self._net.bot, *map(self._names.user, readers)}
            assert {member.user_id for member in answer.members} == expected, place
        for name, person in self._net.people.items():
            rooms = set(must(await person.client.joined_rooms(), nio.JoinedRoomsResponse).rooms)
            places = {place for place, room in self._rooms.items() if room in rooms}
            assert len(places) == len(rooms), f"{name} sits in a room that no scene was about"
            assert {place for place in places if is_direct(place)} <= {direct_place(address_of(name))}

    def _reader(self, place: Place) -> Person:
        """Somebody who reads the place."""
        if is_direct(place):
            return self._net[name_of(address_in(place))]
        code = name_of(place).upper()
        return self._net[next(iter(SAMPLE[code if code in SAMPLE else next(iter(SAMPLE))][2]))]


async def _history(client: nio.AsyncClient, room: str, user: str) -> list[str]:
    """The events of what this user said, oldest first."""
    said: list[str] = []
    end = ""
    while True:
        answer = await client.room_messages(room, start=end, direction=nio.MessageDirection.back, limit=100)
        page = must(answer, nio.RoomMessagesResponse)
        said += [
            event.event_id
            for event in page.chunk
            if event.sender == user and event.source["type"] in {"m.room.message", "m.room.encrypted"}
        ]
        if not page.end:
            return said[::-1]
        end = page.end

"""People at Matrix clients as a stage of a play: a scene ends when they have heard just what it says they hear."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

import nio

from bot.local.posted import Event, Happening, address_of, channel_place, direct_place, is_direct, name_of
from bot.matrix import events
from commands import answers
from commands.message import Message, say
from storage.words import Address, Manner, Place
from tests import progress
from tests.bot.matrix import lines, names, network
from tests.bot.matrix.lines import Expected, Line
from tests.bot.matrix.network import Network, Person, joined
from tests.bot.matrix.people import must
from tests.cast import Cast, address_in
from tests.comity import SAMPLE
from tests.playing import Deed
from tests.screenplay import Said

NETWORK = channel_place("network")
QUESTION = "? Write it here, or `cancel`."
EMOJI = {":check:": "✅"}


class Player:
    """One play. The cast learns what the people and the places are called here."""

    platform = "Matrix"

    def __init__(self, net: Network, cast: Cast) -> None:
        self._net = net
        self._cast = cast
        self._rooms: dict[Place, str] = {}
        """The Matrix room of each local place."""
        self._events: dict[str, str] = {}
        """The Matrix event of each local message."""
        self._locals: dict[str, str] = {}
        """The local message of each Matrix event."""
        self._threads: dict[str, str | None] = {}
        """The local root that each local message stands under in its Matrix room."""
        self._words: dict[str, list[str]] = defaultdict(list)
        """What each message of Comity's said, the newest first."""
        self._shown: dict[str, tuple[Place, str]] = {}
        """Where it said that last."""
        self._asked: dict[tuple[str, Place], tuple[Place, str | None]] = {}
        """Where a person reads what a command of theirs in a place lacks, and the root that the command comes below."""
        self._heard: dict[Place, list[str]] = defaultdict(list)
        """The events of Comity's in each place that a scene was about."""

    async def meet(self, people: Iterable[str]) -> None:
        """A room where everybody sits; each agency is seated there before Comity comes."""
        self.seat(people)
        host, *others = self._net.people.values()
        guests = [other.user for other in others]
        room = str(must(await host.client.room_create(invite=guests), nio.RoomCreateResponse).room_id)
        self._know(NETWORK, room)
        self._net.comity.do(*(f"/agency desk {code} {self._cast.places[NETWORK]} --shared" for code in SAMPLE))
        must(await host.client.room_invite(room, self._net.bot), nio.RoomInviteResponse)
        await joined(host, room, *guests, self._net.bot)

    def seat(self, people: Iterable[str]) -> None:
        """At the desks, which are there; these people are here, or come."""
        self._cast.people.update({name: Address(f"matrix:{self._net.user(name)}") for name in people})
        for code, room in self._net.desks.items():
            self._know(channel_place(code.lower()), room)

    def _know(self, place: Place, room: str) -> None:
        self._rooms[place] = room
        if not is_direct(place):
            self._cast.places[place] = Place(f"matrix:HOME/{room}")

    def holds(self, place: Place) -> bool:
        if is_direct(place):
            return self._cast.people[name_of(address_in(place))].startswith("matrix:")
        return place in self._rooms

    # What people do

    async def act(self, event: Event, said: Sequence[Said]) -> Deed:
        """As the stage has it; whatever is said, a command is a message here."""
        del said
        person, posted = await self._person(event.by), event.message
        place, root = self._where(event)
        room = await self._enter(person, place)
        what, words = event.what, names.typed(event.detail or str(posted.body), self._cast)
        match event.what:
            case Happening.POSTED:
                below = None if is_direct(place) else root
                sent = await self._write(person, room, words, below, posted.files)
                self._remember(posted.id, sent, below)
            case Happening.EDITED:
                root = self._threads[posted.id]
                sent = await person.edit(room, self._events[posted.id], words)
            case Happening.DELETED:
                root = self._threads[posted.id]
                sent = await person.redact(room, self._events[posted.id])
            case Happening.REACTED:
                root = posted.root or posted.id
                words = EMOJI.get(event.detail, event.detail)
                sent = await person.react(room, self._events[posted.id], words)
            case Happening.PRESSED:
                root = posted.root or (posted.id if posted.label else self._threads[posted.id])
                what, words = Happening.POSTED, self._button(posted.id, event.detail)
                sent = await self._write(person, room, words, root)
        await self._taken(person, place, sent)
        return Deed(what, words, root or (None if is_direct(place) else posted.id))

    def _where(self, event: Event) -> tuple[Place, str | None]:
        """Words that are no command answer a question where it is to be read."""
        place, root, words = event.message.place, event.message.root, event.message.body
        if event.what is not Happening.POSTED or root is not None or str(words).startswith(("/", "!", "@")):
            return place, root
        return self._asked.pop((event.by, place), (place, None))

    async def _write(self, person: Person, room: str, text: str, root: str | None, files: Sequence[str] = ()) -> str:
        thread = self._events[root] if root else None
        if not files:
            return await person.say(room, text, thread)
        (file,) = map(Path, files)
        with file.open("rb") as data:
            uploaded, _ = await person.client.upload(data, "text/plain", file.name, filesize=file.stat().st_size)
        url = must(uploaded, nio.UploadResponse).content_uri
        return await person.say(room, text, thread, msgtype="m.file", filename=file.name, url=url)

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
            self._know(place, room)
            self._heard[place].append(str(greeting["event_id"]))
        return self._rooms[place]

    def shown(self, message: str) -> tuple[Place, str] | None:
        return self._shown.get(message)

    async def noted(self) -> datetime:
        place, room = next(iter(self._rooms.items()))
        person = self._reader(place)
        return await self._taken(person, place, await person.say(room, "What time is it?"))

    async def _taken(self, person: Person, place: Place, event: str) -> datetime:
        """Wait until this is performed; at what time it was."""
        answer = await person.client.room_get_event(self._rooms[place], event)
        source = must(answer, nio.RoomGetEventResponse).event.source
        return await progress.taken(self._net.comity, events.key_of(source, Place(f"matrix:HOME/{self._rooms[place]}")))

    # What Comity does

    async def hear(self, said: Sequence[Said], at: str | None) -> None:
        expected: dict[Place, list[Expected]] = defaultdict(list)
        for letter in said:
            for one in self._expected(letter, at):
                expected[one.where].append(one)
        for place, waiting in expected.items():
            for event in await self._said(place, len(waiting)):
                line, under = lines.read(event, self._locals)
                number = str(event["event_id"])
                one = lines.next_of(waiting, line, under)
                self._heard[place].append(number)
                if one.message is not None:
                    self._words[one.message].insert(0, line.plain)
                    self._shown[one.message] = place, line.plain
                    if line.edits is None:
                        self._remember(one.message, number, under)
        for letter in said:
            self._note_question(letter, at)

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
            lines = [self._line(place, place, delivery.message, roots, said.message, edits=delivery.edits)]
            return lines + self._files(place, place, delivery.message, roots)
        if place is not None and delivery.manner is Manner.ALOUD:
            assert delivery.message.marking is None, "all who sit there hear it"
            return [self._line(place, to, delivery.message, {below}, said.message, called=self._user(to))]
        heard = [self._line(direct_place(to), to, delivery.message, {None}, said.message)]
        heard += self._files(direct_place(to), to, delivery.message, {None})
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
        words = names.words(message, self._cast)
        mentions = tuple(dict.fromkeys([*words.mentions, *([called] if called else [])]))
        return Expected(where, queue, Line(words.plain, words.html, mentions, edits), frozenset(under), number)

    def _files(self, where: Place, queue: str, message: Message, under: Iterable[str | None]) -> list[Expected]:
        """What follows the words: each says by itself what it is."""
        words = [names.words(Message(message.marking, (picture,)), self._cast) for picture in message.pictures]
        files = [Message(message.marking, (say(document.described()),)) for document in message.files]
        bodies = [one.plain for one in words + [names.words(file, self._cast) for file in files]]
        return [Expected(where, queue, Line(body, "", (), None), frozenset(under), None) for body in bodies]

    async def _said(self, place: Place, count: int) -> list[network.Event]:
        """What Comity has said in a place since the last scene there, once it is so much."""
        person, before = self._reader(place), len(self._heard[place])

        def heard() -> list[network.Event]:
            if place not in self._rooms:
                for room in {room for room, _ in person.heard} - set(self._rooms.values()):
                    self._know(place, room)
            return person.from_comity(self._rooms[place])[before:] if place in self._rooms else []

        try:
            await person.until(lambda: len(heard()) >= count)
        except TimeoutError:
            said = [network.body(event) for event in heard()]
            raise AssertionError(f"{place}: {count} lines are due, there is {said}") from None
        return heard()

    def _user(self, person: str) -> str:
        """The Matrix id of a local address."""
        return self._net.user(name_of(person))

    def _remember(self, message: str, event: str, root: str | None) -> None:
        self._events[message], self._locals[event], self._threads[message] = event, message, root

    # Afterwards

    async def look_back(self, members: Mapping[Place, Iterable[Address]]) -> None:
        for place, room in self._rooms.items():
            client = self._reader(place).client
            assert await _history(client, room, self._net.bot) == self._heard[place], place
            answer = must(await client.joined_members(room), nio.JoinedMembersResponse)
            readers = [address_in(place)] if is_direct(place) else members[place]
            expected = {self._net.bot, *map(self._user, readers)}
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

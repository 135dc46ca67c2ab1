"""People at Slack clients as a stage of a play: a scene ends when each of them sees just what it says they see.

Each agency is a workspace of its own with its own app; where all of them sit is a Slack Connect channel. Three things
are on Slack not as in the local workspace, and are played as what they are there:

- A line that begins with `/` is a slash command, which nobody else reads. In a thread, where Slack has none, it is
  typed as a message that begins with `!`, and so is a RED one: it is to be refused because others read along.
- A slash command or a button that lacks a value opens a form. Where the script is asked in words, the form stands open
  with an input of that name; the answer is filled in there, and with the last one the form is sent. `cancel` closes it,
  and nobody says so.
- What only its reader sees in a thread is shown in the channel while nobody has answered in that thread.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from bot.local.posted import Event, Happening, channel_place, direct_place, is_direct, name_of
from commands import answers
from commands.arrival import message_key
from commands.message import Document, Enclosure, Message, say
from storage.words import Address, Place
from tests import progress
from tests.bot.slack.filling import Forms, asks
from tests.bot.slack.network import Network
from tests.bot.slack.standing import Expected, Standings, line_of
from tests.cast import Cast, address_in
from tests.comity import WITHIN
from tests.playing import Deed
from tests.screenplay import Said
from tests.slack.apps import Install
from tests.slack.kit import plain
from tests.slack.people import Person
from tests.slack.surfaces import Answer
from tests.slack.world import Channel

EMOJI = {":check:": "white_check_mark"}
_RED = re.compile(r"--marking red\b", re.IGNORECASE)


class Player:
    """One play. The cast learns what the people and the places are called here."""

    platform = "Slack"

    def __init__(self, net: Network, cast: Cast) -> None:
        self._net = net
        self._cast = cast
        self._channels: dict[Place, Channel] = {}
        self._standings = Standings(frozenset(app.bot_user for app in net.apps.values()))
        self._written: dict[str, str] = {}
        """What people wrote, by the local ids of it."""
        self._threads: dict[str, str | None] = {}
        """The local root that each of those stands under."""
        self._forms = Forms()
        self._by_form: str | None = None
        """Who has just done what opens a form if something is lacking, or has done something in one."""
        self._entered = True
        """What was done last is for Comity to perform; of an open form it hears only when it is sent."""

    def seat(self, people: Mapping[str, str]) -> None:
        """At the desks, which are there; these people, with their agencies, are here or come."""
        first = next(iter(self._net.apps))
        for name, code in people.items():
            person = self._net.people.get(name) or self._net.come(code, name)
            self._cast.people[name] = Address(f"slack:{person.user.team}/{person.id}")
        seats = {code: (code, desk) for code, desk in self._net.desks.items()}
        if self._net.network is not None and self._net.seated:
            seats["network"] = (first, self._net.network)
        for name, (account, channel) in seats.items():
            place = channel_place(name.lower())
            self._channels[place] = channel
            self._cast.places[place] = Place(f"slack:{account}/{channel.id}")

    def holds(self, place: Place) -> bool:
        if is_direct(place):
            return name_of(address_in(place)) in self._net.people
        return place in self._channels

    # What people do

    async def act(self, event: Event, said: Sequence[Said]) -> Deed:
        before, self._entered = progress.count(self._net.comity), True
        deed = await asyncio.to_thread(self._act, event, list(said))
        if self._entered:  # Slack may have been told before it was done
            await progress.more(self._net.comity, before)
        return deed

    def _act(self, event: Event, said: list[Said]) -> Deed:
        person, posted = self._net[name_of(event.by)], event.message
        channel, self._by_form = self._enter(person, posted.place), None
        words, at = self._typed(event.detail or str(posted.body)), posted.root or (posted.id if posted.label else None)
        match event.what:
            case Happening.POSTED:
                words, at = self._post(person, channel, event, said)
            case Happening.EDITED:
                at = self._threads[posted.id]
                person.edits(channel, self._written[posted.id], words)
            case Happening.DELETED:
                at = self._threads[posted.id]
                person.deletes(channel, self._written[posted.id])
            case Happening.REACTED:
                words = EMOJI.get(words, words)
                person.reacts(channel, self._ts(posted.id), words)
            case Happening.PRESSED:
                assert person.press(channel, self._ts(posted.id), event.detail) == Answer()
                self._ask(person, event.by, said, at)
        self._net.slack.settle(within=WITHIN)
        return Deed(event.what, words, at)

    def _post(self, person: Person, channel: Channel, event: Event, said: list[Said]) -> tuple[str, str | None]:
        """What was typed, and the local root that answers come below."""
        posted, words = event.message, str(event.message.body)
        is_command = words.startswith(("/", "!", "@"))
        if event.by in self._forms.open and not is_command:
            self._by_form = event.by
            at = self._forms.answer(person, event.by, words, said)
            self._entered = words != "cancel" and event.by not in self._forms.open
            return words, at
        if words.startswith("/") and posted.root is None and not _RED.search(words):
            name, _, rest = self._cast.addressed(words).partition(" ")
            assert person.slash(channel, name, rest) == Answer()
            self._ask(person, event.by, said, None)
            return words, None
        thread, words = self._ts(posted.root) if posted.root else None, self._typed(words)
        if posted.files:
            [file] = map(Path, posted.files)
            sent = person.attaches(channel, file.name, file.read_bytes(), words, thread=thread)
        else:
            sent = person.says(channel, words, thread=thread)
        self._written[posted.id], self._threads[posted.id] = sent, posted.root
        return words, posted.root or (None if is_direct(posted.place) else posted.id)

    def _ask(self, person: Person, by: str, said: list[Said], at: str | None) -> None:
        """Where the script is asked for a value, a form is there, else none."""
        self._by_form = by
        asked = next((one for one in said if asks(one, by)), None)
        self._entered = asked is None
        if asked is not None:
            self._forms.begin(person, by, asked, at)
        else:
            assert not person.in_modal

    def _typed(self, words: str) -> str:
        """As a message."""
        words = self._cast.addressed(f"!{words[1:]}" if words.startswith("/") else words)
        return re.sub(r"\A@comity\b", "@comity", words, flags=re.IGNORECASE)

    def _ts(self, number: str) -> str:
        """Of a message that a person wrote, or Comity."""
        return self._written[number] if number in self._written else self._standings.find(number)[1].ts

    def _enter(self, person: Person, place: Place) -> Channel:
        """Whoever writes in a place has come in."""
        if is_direct(place):
            return self._direct(place)
        channel = self._channels[place]
        if person.id not in channel.members:
            self._reader(place).invites(channel, person)
        return channel

    def _direct(self, place: Place) -> Channel:
        person = self._net[name_of(address_in(place))]
        if place not in self._channels:
            self._channels[place] = person.direct(self._app_of(person))
        return self._channels[place]

    def _app_of(self, person: Person) -> Install:
        return next(app for app in self._net.apps.values() if app.team == person.user.team)

    def shown(self, message: str) -> tuple[Place, str] | None:
        for place, there in self._standings.places.items():
            for one in (one for one in there if one.number == message):
                reader = self._net[one.to] if one.to else self._reader(place)
                seen = self._standings.see(reader, self._channels[place])
                return place, next(plain(each.raw) for each, _ in seen if each.ts == one.ts)
        return None

    async def noted(self) -> datetime:
        place = next(iter(self._channels))
        sent = self._reader(place).says(self._channels[place], "What time is it?")
        return await progress.taken(self._net.comity, message_key(self._cast.places[place], sent))

    # What Comity does

    async def hear(self, said: Sequence[Said], at: str | None) -> None:
        expected = []
        for one in said:
            if one.delivery.edits is not None:
                self._standings.find(one.delivery.edits)[1].line = line_of(one.delivery.message, self._cast)
            elif not self._is_forms(one):
                expected += self._expected(one, at)
        for place in dict.fromkeys([*self._channels, *(one.place for one in expected)]):
            self._look(place, [one for one in expected if one.place == place])

    def _is_forms(self, said: Said) -> bool:
        """Said by what a form shows: the question that it asks, and that it is closed."""
        to = said.delivery.to
        return to == self._by_form and (asks(said, to or "") or said.delivery.message == answers.cancelled())

    def _expected(self, said: Said, at: str | None) -> list[Expected]:
        delivery = said.delivery
        place = delivery.place if delivery.place is not None else direct_place(delivery.to or Address(""))
        to = delivery.to if not is_direct(place) else None
        roots = {delivery.thread} if delivery.thread or delivery.root_of else {at, None}
        below = {self._ts(root) if root else None for root in roots}
        if to is not None:
            below |= {None for root in below if root and not self._channels[place].replies(root)}
        line = line_of(delivery.message, self._cast)
        words = Expected(place, name_of(to) if to else None, line, frozenset(below), said.message)
        return [words, *(self._file(words, file, said) for file in delivery.message.files)]

    def _file(self, words: Expected, file: Document | Enclosure, said: Said) -> Expected:
        """What stands below the words, and no notification tells of."""
        line = line_of(Message(said.delivery.message.marking, (say(file.described()),)), self._cast)
        return replace(words, line=replace(line, notification=""), number=f"{said.message} {file.name}")

    def _look(self, place: Place, expected: list[Expected]) -> None:
        """Everybody looks."""
        channel = self._direct(place) if is_direct(place) else self._channels[place]
        reader = self._reader(place)
        seen = self._standings.see(reader, channel)
        self._standings.enter(place, None, seen, [one for one in expected if one.to is None])
        for name, person in self._net.people.items():
            theirs = [one for one in expected if one.to == name]
            if theirs or person is reader or self._net.slack.world.ephemerals.get(person.id):
                seen = self._standings.see(person, channel)
                self._standings.enter(place, name, seen, theirs)
                if person.id in channel.members:
                    self._standings.check(place, name, seen)

    # Afterwards

    async def look_back(self, members: Mapping[Place, Iterable[Address]]) -> None:
        bots = self._standings.bots
        for place, channel in self._channels.items():
            readers = [address_in(place)] if is_direct(place) else members[place]
            assert set(channel.members) - bots == {self._net[name_of(one)].id for one in readers}, place
            for reader in map(name_of, readers):
                self._standings.check(place, reader, self._standings.see(self._net[reader], channel))
        for channel in self._net.slack.world.channels.values():
            said = [one for one in channel.messages.values() if one.body["user"] in bots]
            assert not said or channel in self._channels.values(), f"no scene was about {channel.name}"
        assert not self._net.slack.world.breaches

    def _reader(self, place: Place) -> Person:
        """Somebody who reads the place."""
        if is_direct(place):
            return self._net[name_of(address_in(place))]
        members = self._channels[place].members
        return next(person for person in self._net.people.values() if person.id in members)

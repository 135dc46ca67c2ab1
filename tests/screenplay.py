"""A local script as a screenplay: what each person does in it, and what Comity says thereupon; it plays no other."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from bot.app import scripted_salt
from bot.local import workspace
from bot.local.posted import COMITY, Event, name_of
from bot.local.rooms import Rooms
from bot.local.script import START, play
from bot.local.workspace import Kept, Workspace
from bot.platform import Delivery
from bot.settings import EXHIBIT_MAX
from commands.arrival import Arrival
from commands.desk import Desk
from commands.message import Message
from storage import schema
from storage.session import connect
from storage.vault import Vault
from storage.words import Address, Place
from tests.comity import SAMPLE
from tests.synapse import ROOT

_ENROLLED = re.compile(r"/officer add (?:local:|@)([\w-]+) --agency (\w+)")


SCRIPTS = sorted(path.stem for path in (ROOT / "samples").glob("*.txt") if path.stem != "workspace")
"""Every script; the workspace's own lines are no conversation."""


@dataclass(frozen=True)
class Said:
    """What Comity said, and the local id of that message, also where it only edited it."""

    delivery: Delivery
    message: str


@dataclass
class Scene:
    """One cause: somebody's deed, a line of the operator's, or the clock; and what followed, in order."""

    cause: Event | str | datetime
    said: list[Said] = field(default_factory=list)
    answer: Message | None = None
    """To the operator."""


@dataclass(frozen=True)
class Screenplay:
    scenes: list[Scene]
    members: dict[Place, frozenset[Address]]
    """Who sits in each channel at the end."""

    @property
    def people(self) -> dict[str, str]:
        """Everybody who does something or is enrolled, by their names, with the agency that they are of, or come to."""
        events = [scene.cause for scene in self.scenes if isinstance(scene.cause, Event)]
        lines = [*(str(event.message.body) for event in events), *(str(scene.cause) for scene in self.scenes)]
        enrolled = [found for line in lines for found in _ENROLLED.findall(line)]
        sample = {name: code for code, (_, _, people) in SAMPLE.items() for name in people}
        strangers = {name_of(event.by): next(iter(SAMPLE)) for event in events}
        return strangers | dict(reversed(enrolled)) | sample


async def screenplay(lines: Iterable[str], folder: Path) -> Screenplay:
    """Play the lines in the local workspace with its sample agencies; raises ScriptError.

    `folder` keeps the records of the play, and paths in it begin there.
    """
    engine, scenes = connect(f"sqlite:///{folder}/local.db"), list[Scene]()
    kept = Kept(Vault(folder / "local-vault"), EXHIBIT_MAX)
    with closing(_Rooms(scenes)) as rooms:
        try:
            schema.create(engine)
            salt = scripted_salt()
            workspace.furnish(engine, rooms, Desk(salt), START)
            with workspace.opened(engine, rooms, salt, kept) as house, rooms.listening(rooms.enter):
                await play(lines, _House(house, rooms, scenes), lambda _block: None, folder=folder, rehearsal=True)
            members = {place: frozenset(rooms.room(place).members) for place in rooms.channels()}
        finally:
            engine.dispose()
    return Screenplay(scenes, members)


class _Rooms(Rooms):
    def __init__(self, scenes: list[Scene]) -> None:
        super().__init__(":memory:")
        self._scenes = scenes

    def enter(self, event: Event) -> None:
        """A person does something: the next scene."""
        if event.by != COMITY:
            self._scenes.append(Scene(event))

    async def deliver(self, delivery: Delivery) -> str:
        message = await super().deliver(delivery)
        self._scenes[-1].said.append(Said(delivery, message))
        return message


class _House:
    """The workspace; the operator and the clock enter as people do."""

    def __init__(self, house: Workspace, rooms: Rooms, scenes: list[Scene]) -> None:
        self._house = house
        self.rooms = rooms
        self._scenes = scenes

    async def take(self, arrival: Arrival, now: datetime) -> None:
        await self._house.take(arrival, now)

    async def operate(self, line: str, now: datetime) -> Message:
        scene = Scene(line)
        self._scenes.append(scene)
        scene.answer = await self._house.operate(line, now)
        return scene.answer

    async def tick(self, now: datetime) -> None:
        self._scenes.append(Scene(now))
        await self._house.tick(now)

"""Plays a script in the embedded workspace and shows what was said; it acts only as a person at a client could."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, assert_never

from bot.local import find
from bot.local.clock import ClockError, moved
from bot.local.house import House
from bot.local.posted import Posted, name_of
from bot.local.steps import (
    Delete,
    Edit,
    MoveClock,
    Operate,
    Post,
    Press,
    React,
    Scene,
    ScriptError,
    Step,
    read,
)
from bot.local.transcript import Transcript

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from commands.arrival import Arrival
    from commands.message import Button
    from storage.words import Place

__all__ = ["START", "House", "ScriptError", "play"]

START = datetime(2026, 12, 1, 9, tzinfo=UTC)
"""Every script begins at this moment, so that its transcript is the same on every run."""


async def play(
    lines: Iterable[str],
    house: House,
    write: Callable[[str], None],
    *,
    folder: Path = Path(),
    rehearsal: bool = False,
) -> None:
    """Play the lines as they come, and write the transcript block by block.

    `folder` is where the paths of attachments begin. Raises ScriptError at the first line that cannot be read or
    played; what came before it has happened.
    """
    transcript = Transcript(write, rehearsal=rehearsal)
    stage = _Stage(house, transcript, folder)
    with house.rooms.listening(transcript.hear):
        for number, line in enumerate(lines, start=1):
            step = read(number, line)
            if step is not None:
                await stage.play(number, step)


class _Stage:
    def __init__(self, house: House, transcript: Transcript, folder: Path) -> None:
        self._house = house
        self._rooms = house.rooms
        self._transcript = transcript
        self._folder = folder
        self._rooms.move(START)
        self._now = self._rooms.now

    async def play(self, number: int, step: Step) -> None:
        match step:
            case MoveClock(how):
                await self._move(number, how)
            case Operate(line):
                with self._transcript.operator(line) as answer:
                    answer(await self._house.operate(line, self._now))
            case Post() | Edit() | Delete() | React() | Press():
                await self._house.take(self._act(number, step), self._now)
            case _:
                assert_never(step)

    async def _move(self, number: int, how: str) -> None:
        try:
            self._now = moved(self._now, how)
        except ClockError as problem:
            raise ScriptError(number, str(problem)) from None
        self._transcript.clock(self._now)
        await self._house.tick(self._now)
        self._rooms.move(self._now)

    def _act(self, number: int, step: Post | Edit | Delete | React | Press) -> Arrival:
        person, place = step.scene.person, step.scene.place
        root = self._root(number, place, step.scene.thread).id if step.scene.thread else None
        match step:
            case Post(text=text, path=path):
                files = [] if path is None else [self._file(number, path)]
                return self._rooms.post(person, place, text, self._now, root=root, files=files)
            case Edit(fragment=fragment, text=text):
                return self._rooms.edit(person, self._written(number, step.scene, fragment, root).id, text)
            case Delete(fragment=fragment):
                return self._rooms.delete(person, self._written(number, step.scene, fragment, root).id)
            case React(root=label, emoji=emoji):
                return self._rooms.react(person, self._root(number, place, label).id, emoji)
            case Press(label=label):
                posted, button = self._button(number, step.scene, label, root)
                return self._rooms.press(person, posted.id, button)
            case _:
                assert_never(step)

    def _root(self, number: int, place: Place, label: str) -> Posted:
        found = find.root_of(self._rooms, place, label)
        if found is None:
            raise ScriptError(number, f"{label} has no thread here; {_there(find.roots_in(self._rooms, place))}")
        return found

    def _written(self, number: int, scene: Scene, fragment: str, root: str | None) -> Posted:
        written = [
            (posted, str(posted.body)) for posted in find.written_by(self._rooms, scene.person, scene.place, root)
        ]
        for posted, words in written:
            if fragment in words:
                return posted
        theirs = _there(repr(words) for _, words in written)
        raise ScriptError(number, f"{name_of(scene.person)} wrote no {fragment!r} here; {theirs}")

    def _button(self, number: int, scene: Scene, label: str, root: str | None) -> tuple[Posted, Button]:
        found = find.button_in(self._rooms, scene.person, scene.place, label, root)
        if found is None:
            shown = find.labels_in(self._rooms, scene.person, scene.place, root)
            raise ScriptError(number, f"no button [{label}] was ever here; {_there(f'[{one}]' for one in shown)}")
        return found

    def _file(self, number: int, path: str) -> Path:
        file = self._folder / path
        if not file.is_file():
            raise ScriptError(number, f"there is no file {file}")
        return file


def _there(names: Iterable[str]) -> str:
    return f"there is {', '.join(names) or 'nothing of the kind'}"

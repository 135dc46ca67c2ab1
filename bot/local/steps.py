"""The lines of a local script as typed steps; it reads them and does nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.local.posted import address_of, channel_place, direct_place

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage.words import Address, Place


class ScriptError(Exception):
    """A line that cannot be read or played; its text begins with the line's number."""

    def __init__(self, number: int, problem: str) -> None:
        super().__init__(f"line {number}: {problem}")
        self.number = number


@dataclass(frozen=True)
class Scene:
    """Who does something, and where; `thread` is the reference of a root that stands there."""

    person: Address
    place: Place
    thread: str | None


@dataclass(frozen=True)
class MoveClock:
    how: str


@dataclass(frozen=True)
class Operate:
    line: str


@dataclass(frozen=True)
class Post:
    scene: Scene
    text: str
    path: str | None = None


@dataclass(frozen=True)
class Edit:
    scene: Scene
    fragment: str
    text: str


@dataclass(frozen=True)
class Delete:
    scene: Scene
    fragment: str


@dataclass(frozen=True)
class React:
    scene: Scene
    root: str
    emoji: str


@dataclass(frozen=True)
class Press:
    scene: Scene
    label: str


Step = MoveClock | Operate | Post | Edit | Delete | React | Press

_MOVE_CLOCK = re.compile(r"clock (\S+)")
_OPERATE = re.compile(r"operator: ?(.+)")
_SCENE = re.compile(r"([\w.-]+) in (direct|#[\w.-]+)(?: thread ([CR]-\d+))?(?=[ :])(.*)", re.IGNORECASE)
_DEEDS: tuple[tuple[str, Callable[[Scene, re.Match[str]], Step]], ...] = (
    (r"(?: attach (\S+))?: ?(.+)", lambda scene, found: Post(scene, _typed(found[2]), found[1])),
    (r" attach (\S+?):?", lambda scene, found: Post(scene, "", found[1])),
    (r' edits "(.+?)": ?(.+)', lambda scene, found: Edit(scene, _typed(found[1]), _typed(found[2]))),
    (r' deletes "(.+)"', lambda scene, found: Delete(scene, _typed(found[1]))),
    (r" reacts ([CR]-\d+) (\S+)", lambda scene, found: React(scene, found[1].upper(), found[2])),
    (r' press "(.+)"', lambda scene, found: Press(scene, found[1])),
    (r' press ([CR]-\d+) "(.+)"', lambda scene, found: Press(replace(scene, thread=found[1].upper()), found[2])),
)

_FORMS = (
    'write "NAME in #PLACE: TEXT" (or "in direct"; then "thread R-1", "attach PATH"), or in place of the text edits, '
    'deletes, reacts or press; or "operator: COMMAND", "clock +3d", "clock 2026-12-01T09:00Z"'
)


def read(number: int, line: str) -> Step | None:
    """None for a comment and an empty line; raises ScriptError."""
    line = line.strip()
    if not line or line.startswith("#"):
        return None
    if found := _MOVE_CLOCK.fullmatch(line):
        return MoveClock(found[1])
    if found := _OPERATE.fullmatch(line):
        return Operate(found[1])
    if found := _SCENE.fullmatch(line):
        scene = _scene(found[1], found[2], found[3])
        for form, step in _DEEDS:
            if deed := re.fullmatch(form, found[4], re.IGNORECASE):
                return step(scene, deed)
    raise ScriptError(number, f"cannot read {line!r}: {_FORMS}")


def _scene(who: str, place: str, thread: str | None) -> Scene:
    person = address_of(who)
    where = direct_place(person) if place.lower() == "direct" else channel_place(place.removeprefix("#"))
    return Scene(person, where, thread.upper() if thread else None)


def _typed(text: str) -> str:
    return text.replace(r"\n", "\n")

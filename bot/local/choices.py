"""The windows in which one chooses whom to be, where to go and what time it is; what follows is the terminal's."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from textual.content import Content

from bot.local import find
from bot.local.clock import ClockError, moved
from bot.local.dialogs import Choice, Question
from bot.local.message_view import summary
from bot.local.places import place_line, title_of
from bot.local.posted import is_direct, is_name, name_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.local.archive import Archive
    from bot.local.standpoint import Journey
    from storage.words import Address

NEW = ""
"""Chosen: somebody who has not been here before."""

ALL = ""
"""Chosen: no thread."""


def person(archive: Archive, journey: Journey) -> Choice:
    """With their places, by which a newcomer finds a partner's officer; first whom one was before."""
    people = archive.people()
    width = max((len(name_of(person)) for person in people), default=0)
    lines = [(str(person), _person_line(archive, person, width)) for person in people]
    somebody = (NEW, Content("somebody new"))
    return Choice("Who are you?", [*lines, somebody], journey.here.person, journey.person_before)


def _person_line(archive: Archive, person: Address, width: int) -> Content:
    unread = archive.unread(person)
    places = " ".join(title_of(place) for place in unread if not is_direct(place))
    new = sum(unread.values())
    return Content.assemble(
        name_of(person).ljust(width), (f"  {places}", "$quiet"), (f"  {new} new" if new else "", "$text-warning")
    )


def name() -> Question:
    def problem(words: str) -> str | None:
        return None if is_name(words) else "a name is one word of letters, digits, dots and dashes"

    return Question("Who are you?", "a name", problem)


def place(archive: Archive, journey: Journey) -> Choice:
    """One's own and all others; first where there is news, else where one was before."""
    here = journey.here
    own = archive.unread(here.person)
    others = {place: 0 for place in archive.channels() if place not in own}
    news = next((place for place, count in own.items() if count and place != here.place), journey.place_before)
    lines = [(str(place), place_line(place, count)) for place, count in (own | others).items()]
    return Choice("Where to?", lines, here.place, news)


def thread(archive: Archive, journey: Journey) -> Choice:
    """The latest news first."""
    here = journey.here
    threads = [(posted.id, Content(summary(posted))) for posted in find.threads_in(archive, here.place, here.person)]
    lines = [(ALL, Content(f"no thread, all of {title_of(here.place)}")), *threads]
    return Choice("Which thread?", lines, here.thread.id if here.thread else ALL)


def instant(now: Callable[[], datetime]) -> Question:
    def problem(how: str) -> str | None:
        try:
            moved(now(), how)
        except ClockError as error:
            return str(error)
        return None

    return Question("Move the clock", "+3d, +2h, +30m or 2026-12-10T09:00Z", problem)


def file() -> Question:
    def problem(path: str) -> str | None:
        return None if path_of(path).is_file() else f"there is no file {path}"

    return Question("Attach a file", "path of the file", problem)


def path_of(path: str) -> Path:
    return Path(path).expanduser().resolve()

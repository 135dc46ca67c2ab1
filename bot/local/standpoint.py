"""Where one is in the terminal, as whom, and where one came from; it shows nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.local.places import title_of
from bot.local.posted import is_direct, name_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.local.archive import Archive
    from bot.local.posted import Posted
    from storage.words import Address, Place


@dataclass(frozen=True)
class Standpoint:
    """`thread` is the root of the thread that one looks at and writes in; None: all of the place, and its top level."""

    person: Address
    place: Place
    thread: Posted | None = None

    def become(self, person: Address, archive: Archive) -> Standpoint:
        """Somebody else stays if they read this place too; else they go to the first of theirs, which is their desk."""
        places = archive.places(person)
        if self.place not in places:
            return Standpoint(person, places[0])
        private = self.thread is not None and self.thread.to is not None
        return replace(self, person=person, thread=None if private else self.thread)

    def shows(self, posted: Posted) -> bool:
        return self.thread is None or self.thread.id in {posted.id, posted.root}

    @property
    def title(self) -> str:
        """`ana in #ftc > R-1`: who writes, and where it will stand."""
        within = f" > {self.thread.label or 'thread'}" if self.thread else ""
        return f"{name_of(self.person)} in {title_of(self.place)}{within}"

    @property
    def invitation(self) -> str:
        if self.thread is not None:
            return f"Reply in {self.thread.label or 'this thread'}, or type / and a command"
        if is_direct(self.place):
            return "Only Comity reads this: type / and a command"
        return f"Write to all in {title_of(self.place)}, or type / and a command"


class Journey:
    """`here` is where one is. Whom and where one was before is what the keys offer first."""

    def __init__(self, here: Standpoint) -> None:
        self.here = here
        self.person_before: Address | None = None
        self.place_before: Place | None = None
        self._outside: int | None = None

    def go(self, there: Standpoint) -> None:
        if there.person != self.here.person:
            self.person_before, self.place_before = self.here.person, None
        elif there.place != self.here.place:
            self.place_before = self.here.place
        self.here, self._outside = there, None

    def look(self, standing: Sequence[Posted]) -> tuple[list[Posted], int]:
        """Of what stands in the place, what is shown here; and how much came elsewhere in it since one is here."""
        shown = [posted for posted in standing if self.here.shows(posted)]
        outside = len(standing) - len(shown)
        if self._outside is None:
            self._outside = outside
        return shown, outside - self._outside

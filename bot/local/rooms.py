"""The server of the embedded workspace, where Slack or a homeserver would stand; it knows nothing of cases.

It is as strict as they are: what does not exist is refused by name, and what happened is told only once it is on disk.
"""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING

from bot.contents import Contents
from bot.local.archive import Archive
from bot.local.documents import handed_out
from bot.local.posted import (
    COMITY,
    Event,
    Happening,
    NotThereError,
    Posted,
    buttons_of,
    channel_place,
    direct_place,
    is_direct,
    is_name,
    name_of,
)
from bot.platform import FetchError, RefusedError, UnreachableError
from commands.arrival import Arrival, ArrivalKind, File, message_key, write_arrival
from commands.message import Button, to_json
from storage.words import Address, Place, Trouble

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Iterator
    from datetime import datetime

    from bot.platform import Delivery
    from storage.vault import Vault

_PORTION = 1 << 20


class Rooms(Archive):
    """One workspace that people and Comity write in.

    What a person does returns the Arrival that Comity is to take, and raises NotThereError where that person could not
    have done it.
    """

    def __init__(self, database: Path | str, files: Path | None = None, vault: Vault | None = None) -> None:
        """`files`: the folder in which the files that Comity sends are put; without one they are only told of."""
        super().__init__(database)
        self._files = files
        self._contents = Contents(vault)
        self._listeners: list[Callable[[Event], None]] = []

    @contextmanager
    def listening(self, listener: Callable[[Event], None]) -> Iterator[None]:
        """The listener hears every event from now on, in order."""
        self._listeners.append(listener)
        try:
            yield
        finally:
            self._listeners.remove(listener)

    @property
    def ready(self) -> bool:
        return True

    def move(self, now: datetime) -> None:
        """Tell the workspace the time, with which it stamps what Comity says; it never goes backwards."""
        if now > self.now:
            with self._transaction():
                self._db.execute("DELETE FROM wall")
                self._db.execute("INSERT INTO wall VALUES (?)", (now.astimezone(UTC).isoformat(),))

    def open_channel(self, name: str, members: Iterable[Address] = (), *, public: bool = False) -> Place:
        """Make a channel, or add members to one that is there."""
        if not is_name(name):
            raise NotThereError(f"{name} is no name of a channel")
        place = channel_place(name)
        with self._transaction():
            self._db.execute("INSERT OR IGNORE INTO channel VALUES (?, ?)", (place, public))
            for member in members:
                self._join(member, place)
        return place

    # What Comity does

    async def deliver(self, delivery: Delivery) -> str:
        """Show a letter, once, however often it is delivered; see bot.platform.Platform."""
        with self._transaction():
            shown = self._db.execute("SELECT message FROM letter WHERE id = ?", (delivery.letter,)).fetchone()
            if shown:
                return str(shown[0])
            try:
                message = self._show(delivery)
            except NotThereError as missing:
                raise RefusedError(str(missing)) from missing
            except OSError as error:
                raise UnreachableError(f"a document cannot be written: {error.strerror}") from None
            if delivery.letter is not None:
                self._db.execute("INSERT INTO letter VALUES (?, ?)", (delivery.letter, message))
        self._tell(Happening.EDITED if delivery.edits else Happening.POSTED, COMITY, message)
        return message

    def _show(self, delivery: Delivery) -> str:
        place, to, body = delivery.place, delivery.to, to_json(delivery.message)
        if place is None:
            if to is None or not to.startswith("local:"):
                raise NotThereError(f"there is no place and nobody here called {to}")
            place = direct_place(to)
        self._open(place)
        if to is not None:
            self._check_own(to, place)
            self._know(to)
        if delivery.edits is not None:
            self._written_by(COMITY, delivery.edits, place)
            self._revise(delivery.edits, body)
            return delivery.edits
        if delivery.thread is not None:
            self._check_root(delivery.thread, place)
        message = self._insert(place, delivery.thread, COMITY, body, self.now, label=delivery.root_of, audience=to)
        for path in handed_out(self._files, message, delivery.message.files, self._contents):
            self._db.execute("INSERT INTO file VALUES (?, ?)", (message, str(path)))
        return message

    async def fetch(self, place: Place, file: File, most: int) -> AsyncIterator[bytes]:  # noqa: ARG002  # see Platform
        """What a person attached, from where it lies; see bot.platform.Platform."""
        try:
            with Path(file.at).open("rb") as given:  # noqa: ASYNC230  # on this machine: what a server would do elsewhere
                while portion := given.read(_PORTION):
                    yield portion
        except FileNotFoundError:
            raise FetchError(Trouble.GONE) from None
        except OSError as error:
            raise UnreachableError(f"a file is not given: {error.strerror}") from None

    def ack(self, key: str) -> None:
        """Comity has committed the arrival with this key; one before it may have failed, and comes again."""
        with self._transaction():
            self._db.execute("UPDATE arrival SET acknowledged = 1 WHERE key = ?", (key,))

    # What people do

    def post(
        self,
        person: Address,
        place: Place,
        text: str,
        at: datetime,
        *,
        root: str | None = None,
        files: Iterable[Path] = (),
    ) -> Arrival:
        """Write a message, below a root or at the top; whoever writes in a channel has joined it."""
        self.move(at)
        with self._transaction():
            self._join(person, place)
            if root is not None:
                self._check_root(root, place)
            message = self._insert(place, root, person, text, at)
            for file in files:
                self._db.execute("INSERT INTO file VALUES (?, ?)", (message, str(file)))
            arrival = self._arrive(ArrivalKind.MESSAGE, person, self.message(message), text)
        self._tell(Happening.POSTED, person, message)
        return arrival

    def edit(self, person: Address, message: str, text: str) -> Arrival:
        with self._transaction():
            self._written_by(person, message)
            self._revise(message, text)
            arrival = self._arrive(ArrivalKind.EDIT, person, self.message(message), text)
        self._tell(Happening.EDITED, person, message)
        return arrival

    def delete(self, person: Address, message: str) -> Arrival:
        """Take a message away, its earlier versions too."""
        with self._transaction():
            words = str(self._written_by(person, message).body)
            self._db.execute("UPDATE message SET body = '', deleted = 1 WHERE id = ?", (message,))
            self._db.execute("DELETE FROM version WHERE message = ?", (message,))
            arrival = self._arrive(ArrivalKind.DELETION, person, self.message(message), "")
        self._tell(Happening.DELETED, person, message, words)
        return arrival

    def press(self, person: Address, message: str, button: Button) -> Arrival:
        """Press a button that the message shows or once showed: a client may not have refreshed."""
        with self._transaction():
            posted = self._readable_by(person, message)
            if not any(button in buttons_of(body) for body in self.versions(message)):
                raise NotThereError(f"message {message} has no button {button.label}")
            arrival = self._arrive(ArrivalKind.PRESS, person, posted, button.line, button.event)
        self._tell(Happening.PRESSED, person, message, button.label)
        return arrival

    def react(self, person: Address, message: str, emoji: str) -> Arrival:
        with self._transaction():
            posted = self._readable_by(person, message)
            self._db.execute("INSERT OR IGNORE INTO reaction VALUES (?, ?, ?)", (message, person, emoji))
            arrival = self._arrive(ArrivalKind.REACTION, person, posted, emoji)
        self._tell(Happening.REACTED, person, message, emoji)
        return arrival

    def mark_read(self, person: Address, place: Place) -> None:
        """The person has seen all that stands in the place now."""
        with self._transaction():
            self._db.execute(
                """INSERT OR REPLACE INTO seen
                SELECT :person, :place, coalesce(max(id), 0) FROM message WHERE place = :place""",
                {"person": person, "place": place},
            )

    # How it is kept

    def _tell(self, what: Happening, by: str, message: str, detail: str = "") -> None:
        event = Event(what, by, self.message(message), detail)
        for listener in tuple(self._listeners):
            listener(event)

    def _join(self, person: Address, place: Place) -> None:
        self._check_own(person, place)
        self._know(person)
        if not is_direct(place):
            self._open(place)
            self._db.execute("INSERT OR IGNORE INTO member VALUES (?, ?)", (place, person))

    def _know(self, person: Address) -> None:
        self._db.execute("INSERT OR IGNORE INTO person VALUES (?)", (person,))

    def _open(self, place: Place) -> None:
        """Whoever writes to a channel that is not there yet opens it: an agency added later needs a desk."""
        if not is_direct(place) and is_name(name_of(place)):
            self._db.execute("INSERT OR IGNORE INTO channel VALUES (?, FALSE)", (place,))
        self.room(place)

    def _insert(
        self,
        place: Place,
        root: str | None,
        author: str,
        body: str,
        at: datetime,
        *,
        label: str | None = None,
        audience: Address | None = None,
    ) -> str:
        row = self._db.execute(
            "INSERT INTO message (place, root, label, author, audience, body, at) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (place, root, label, author, audience, body, at.astimezone(UTC).isoformat()),
        )
        return str(row.lastrowid)

    def _revise(self, message: str, body: str) -> None:
        self._db.execute("INSERT INTO version SELECT id, revision, body FROM message WHERE id = ?", (message,))
        self._db.execute("UPDATE message SET body = ?, revision = revision + 1 WHERE id = ?", (body, message))

    def _arrive(
        self, kind: ArrivalKind, person: Address, posted: Posted, text: str, event: int | None = None
    ) -> Arrival:
        """What has a message is known by its revision; a press or a reaction has none, and gets a number of its own."""
        pointing = kind in {ArrivalKind.PRESS, ArrivalKind.REACTION}
        revision = -1 if kind is ArrivalKind.DELETION else posted.revision
        (number,) = self._db.execute("SELECT coalesce(max(seq), 0) + 1 FROM arrival").fetchone()
        arrival = Arrival(
            key=f"local/event/{number}" if pointing else message_key(posted.place, posted.id, revision),
            kind=kind,
            person=person,
            place=posted.place,
            message=posted.id,
            text=text,
            thread=posted.root or (posted.id if pointing and posted.label else None),
            direct=is_direct(posted.place),
            event=event,
            files=_attached(posted) if kind is ArrivalKind.MESSAGE else (),
            revision=revision,
            room=self.room(posted.place),
        )
        self._db.execute("INSERT INTO arrival (key, body) VALUES (?, ?)", (arrival.key, write_arrival(arrival)))
        return arrival

    # What a server refuses

    def _check_root(self, root: str, place: Place) -> None:
        posted = self.message(root)
        if posted.place != place or posted.root is not None:
            raise NotThereError(f"message {root} begins no thread in {place}")

    def _written_by(self, author: str, message: str, place: Place | None = None) -> Posted:
        posted = self.message(message)
        if posted.author != author or posted.deleted or place not in {None, posted.place}:
            raise NotThereError(f"there is no message {message} that {name_of(author)} could change")
        return posted

    def _readable_by(self, person: Address, message: str) -> Posted:
        posted = self.message(message)
        self._check_own(person, posted.place)
        if posted.deleted or posted.to not in {None, person}:
            raise NotThereError(f"there is no message {message} for {name_of(person)}")
        return posted

    def _check_own(self, person: Address, place: Place) -> None:
        if is_direct(place) and place != direct_place(person):
            raise NotThereError(f"{place} is not {name_of(person)}'s")


def _attached(posted: Posted) -> tuple[File, ...]:
    """The local workspace gives a file no id: it is known by its number within the message."""
    return tuple(File(str(number), Path(path).name, path) for number, path in enumerate(posted.files, start=1))

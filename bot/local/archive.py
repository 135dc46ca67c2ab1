"""What stands in the embedded workspace: its tables and every reading of them; it adds nothing to them."""

from __future__ import annotations

import json
import sqlite3
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bot.local.posted import COMITY, NotThereError, Posted, direct_place, is_direct
from commands.arrival import Arrival, Room, read_arrival
from commands.message import from_json
from storage.words import Address, Place

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from commands.message import Message

_SCHEMA = """
CREATE TABLE IF NOT EXISTS wall (clock TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS person (address TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS channel (place TEXT NOT NULL UNIQUE, public INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS member (place TEXT NOT NULL, person TEXT NOT NULL, UNIQUE (place, person));

-- AUTOINCREMENT here and below: Comity remembers these ids for ever, so none may come twice.
CREATE TABLE IF NOT EXISTS message (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    place TEXT NOT NULL,
    root INTEGER REFERENCES message,
    label TEXT,
    author TEXT NOT NULL,
    audience TEXT,
    body TEXT NOT NULL,
    at TEXT NOT NULL,
    revision INTEGER NOT NULL DEFAULT 0,
    deleted INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS message_place ON message (place, label);

-- What a message said before it was edited.
CREATE TABLE IF NOT EXISTS version (
    message INTEGER NOT NULL REFERENCES message, revision INTEGER NOT NULL, body TEXT NOT NULL,
    UNIQUE (message, revision)
);
CREATE TABLE IF NOT EXISTS file (message INTEGER NOT NULL REFERENCES message, path TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS reaction (
    message INTEGER NOT NULL REFERENCES message, person TEXT NOT NULL, emoji TEXT NOT NULL,
    UNIQUE (message, person, emoji)
);
CREATE TABLE IF NOT EXISTS seen (
    person TEXT NOT NULL, place TEXT NOT NULL, message INTEGER NOT NULL REFERENCES message, UNIQUE (person, place)
);

-- Letters that have been shown, edits too: the second delivery of one finds its message here.
CREATE TABLE IF NOT EXISTS letter (id INTEGER PRIMARY KEY, message INTEGER NOT NULL REFERENCES message);

-- What people did, in order, until Comity has acknowledged it.
CREATE TABLE IF NOT EXISTS arrival (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, body TEXT NOT NULL,
    acknowledged INTEGER NOT NULL DEFAULT 0
);
"""

_POSTED = """
SELECT
    m.id, m.place, m.root, coalesce(r.label, m.label), m.author, m.audience, m.body, m.at, m.revision, m.deleted,
    (SELECT json_group_array(path) FROM file WHERE message = m.id),
    (SELECT json_group_array(emoji) FROM reaction WHERE message = m.id)
FROM message m LEFT JOIN message r ON r.id = m.root
"""

_BEGINNING = datetime.min.replace(tzinfo=UTC)


class Archive:
    """One workspace, in a file or (":memory:") for as long as the object lives."""

    def __init__(self, database: Path | str) -> None:
        self._db = sqlite3.connect(database, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        # What a person was shown as written is still there after a power cut.
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:  # a full disk may have ended it
                self._db.execute("ROLLBACK")
            raise

    @property
    def now(self) -> datetime:
        """The latest moment that the workspace was told of."""
        (clock,) = self._db.execute("SELECT max(clock) FROM wall").fetchone()
        return datetime.fromisoformat(clock) if clock else _BEGINNING

    def people(self) -> list[Address]:
        """In the order in which they came."""
        return [Address(person) for (person,) in self._db.execute("SELECT address FROM person ORDER BY rowid")]

    def channels(self) -> list[Place]:
        return [Place(place) for (place,) in self._db.execute("SELECT place FROM channel ORDER BY rowid")]

    def places(self, person: Address) -> list[Place]:
        """What a person's client lists: their channels, the public ones, and the direct conversation."""
        rows = self._db.execute(
            """SELECT place FROM channel c
            WHERE public OR EXISTS (SELECT 1 FROM member WHERE place = c.place AND person = ?) ORDER BY rowid""",
            (person,),
        )
        return [*(Place(place) for (place,) in rows), direct_place(person)]

    def room(self, place: Place) -> Room:
        if is_direct(place):
            return Room(public=False, members=(Address(place.replace("@", "", 1)),))
        channel = self._db.execute("SELECT public FROM channel WHERE place = ?", (place,)).fetchone()
        if channel is None:
            raise NotThereError(f"there is no place {place}")
        members = self._db.execute("SELECT person FROM member WHERE place = ? ORDER BY rowid", (place,))
        return Room(public=bool(channel[0]), members=tuple(Address(person) for (person,) in members))

    def message(self, message: str) -> Posted:
        row = self._db.execute(_POSTED + "WHERE m.id = ?", (message,)).fetchone()
        if row is None:
            raise NotThereError(f"there is no message {message}")
        return _posted(row)

    def messages(self, place: Place, viewer: Address | None = None) -> Iterator[Posted]:
        """What stands in a place, deleted or not, in order; with a viewer, without what is private to others."""
        return self._messages(place, viewer, "ORDER BY m.id")

    def backwards(self, place: Place, viewer: Address | None = None) -> Iterator[Posted]:
        """The same, the newest first."""
        return self._messages(place, viewer, "ORDER BY m.id DESC")

    def _messages(self, place: Place, viewer: Address | None, order: str) -> Iterator[Posted]:
        visible = "WHERE m.place = :place AND (:viewer IS NULL OR coalesce(m.audience, :viewer) = :viewer) "
        return map(_posted, self._db.execute(_POSTED + visible + order, {"place": place, "viewer": viewer}))

    def versions(self, message: str) -> list[str | Message]:
        """All that a message has said, the newest first; what was deleted is gone."""
        posted = self.message(message)
        earlier = self._db.execute("SELECT body FROM version WHERE message = ? ORDER BY revision DESC", (message,))
        return [posted.body, *(_body(posted.author, body) for (body,) in earlier)]

    def unread(self, person: Address) -> dict[Place, int]:
        """How many messages of others each of a person's places holds that they have not seen."""
        count = """
        SELECT count(*) FROM message
        WHERE place = :place AND author <> :person AND coalesce(audience, :person) = :person AND NOT deleted
        AND id > coalesce((SELECT message FROM seen WHERE place = :place AND person = :person), 0)
        """
        places = self.places(person)
        return {place: self._db.execute(count, {"place": place, "person": person}).fetchone()[0] for place in places}

    def since(self, cursor: str | None = None) -> list[Arrival]:
        """What people did after the arrival with this key; by default all that Comity has not acknowledged.

        With a key that nobody knows, everything: taking an arrival again is harmless, missing one is not.
        """
        pending = """
        SELECT body FROM arrival WHERE CASE WHEN :cursor IS NULL THEN NOT acknowledged
        ELSE seq > coalesce((SELECT seq FROM arrival WHERE key = :cursor), 0) END ORDER BY seq
        """
        return [read_arrival(body) for (body,) in self._db.execute(pending, {"cursor": cursor})]


def _posted(row: tuple[Any, ...]) -> Posted:
    number, place, root, label, author, audience, body, at, revision, deleted, files, reactions = row
    return Posted(
        id=str(number),
        place=Place(place),
        root=str(root) if root else None,
        label=label,
        author=author,
        to=Address(audience) if audience else None,
        body=_body(author, body),
        at=datetime.fromisoformat(at),
        revision=revision,
        deleted=bool(deleted),
        files=tuple(json.loads(files)),
        reactions=tuple(json.loads(reactions)),
    )


def _body(author: str, body: str) -> str | Message:
    return from_json(body) if author == COMITY else body

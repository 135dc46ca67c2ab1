"""The composition root: everything is built here, once, from Settings; nothing here decides anything."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Engine

from bot.local import workspace
from bot.local.rooms import Rooms
from bot.local.script import START
from bot.local.workspace import Kept
from bot.settings import EXHIBIT_MAX, Settings, SettingsError, read_clock
from commands.call import Web
from commands.desk import Desk
from storage import ledger, schema
from storage.session import connect, transaction
from storage.settings import is_rehearsal, mark_rehearsal
from storage.vault import Vault


def fresh_salt() -> bytes:
    """16 random bytes for each ledger entry, so that a short text cannot be guessed from its sum."""
    return secrets.token_bytes(16)


def scripted_salt() -> Callable[[], bytes]:
    """The same salts on every run: a script's transcript shows the ledger's head."""
    count = 0

    def salt() -> bytes:
        nonlocal count
        count += 1
        return sha256(b"script %d" % count).digest()[:16]

    return salt


def fresh_secret() -> str:
    """43 characters that nobody guesses: 256 random bits."""
    return secrets.token_urlsafe(32)


def scripted_secret() -> Callable[[], str]:
    """The same secrets on every run, for transcripts: they keep nothing secret but sample cases."""
    count = 0

    def secret() -> str:
        nonlocal count
        count += 1
        return f"script-{count}"

    return secret


def reached(settings: Settings, secret: Callable[[], str]) -> Web | None:
    """Where others reach our HTTP; None: the settings name no address."""
    return Web(settings.web_url, secret) if settings.web_url is not None else None


def now(settings: Settings) -> datetime:
    """Aware, UTC; in a rehearsal what its clock file says."""
    return read_clock(settings.clock) if settings.clock else datetime.now(UTC)


@contextmanager
def database(settings: Settings) -> Iterator[Engine]:
    """The database of the settings, ready for use; raises SettingsError with what to do where it is not."""
    engine = connect(settings.database_url)
    try:
        schema.check(engine)
        with transaction(engine, reading=True) as session:
            if is_rehearsal(session) != (settings.clock is not None):
                raise SettingsError([_mixed(settings)])
        yield engine
    finally:
        engine.dispose()


def _mixed(settings: Settings) -> str:
    if settings.clock is not None:
        return "COMITY_CLOCK is for rehearsals: this database was not created with it"
    return "this database is a rehearsal's: set COMITY_CLOCK, or use another database"


def migrate(settings: Settings) -> None:
    """Bring the database up to date; a new one made under COMITY_CLOCK is a rehearsal for ever."""
    engine = connect(settings.database_url)
    try:
        new = schema.state(engine) is schema.State.EMPTY
        schema.migrate(engine)
        if new and settings.clock is not None:
            with transaction(engine) as session:
                mark_rehearsal(session)
    finally:
        engine.dispose()


@contextmanager
def script_workspace(settings: Settings | None) -> Iterator[workspace.Workspace]:
    """An empty workspace with the sample agencies: a temporary one, or in the empty database that is named."""
    with TemporaryDirectory(prefix="comity-") as folder:
        engine = connect(settings.database_url if settings else f"sqlite:///{folder}/comity.db")
        kept = Kept(vault_of(settings), settings.exhibit_max) if settings else _kept(Path(folder))
        rooms = Rooms(":memory:", vault=kept.vault)
        try:
            if settings is None:
                schema.create(engine)
            else:
                _make_ready(engine)
            salt = scripted_salt()
            workspace.furnish(engine, rooms, Desk(salt), START)
            web = reached(settings, scripted_secret()) if settings else None
            with workspace.opened(engine, rooms, salt, kept, web) as opened:
                yield opened
        finally:
            rooms.close()
            engine.dispose()


def vault_of(settings: Settings) -> Vault:
    """Where exhibits lie, with the keys of the settings."""
    return Vault(settings.vault_dir, settings.vault_key, settings.vault_key_old)


def _kept(folder: Path) -> Kept:
    return Kept(Vault(folder / "vault"), EXHIBIT_MAX)


def _make_ready(engine: Engine) -> None:
    """A script wants a database in which nothing has happened yet; its tables may be there."""
    schema.migrate(engine)
    with transaction(engine, reading=True) as session:
        if ledger.head(session).count:
            raise schema.SchemaError("the database is not empty: a script wants an empty one")


@contextmanager
def kept_workspace(folder: Path) -> Iterator[workspace.Workspace]:
    """The workspace of `make run`, kept in a folder between runs, with the sample agencies at first."""
    folder.mkdir(parents=True, exist_ok=True)
    engine = connect(f"sqlite:///{folder}/comity.db")
    kept = _kept(folder)
    rooms = Rooms(folder / "rooms.db", folder / "files", kept.vault)
    try:
        schema.migrate(engine)
        workspace.furnish(engine, rooms, Desk(fresh_salt), datetime.now(UTC))
        with workspace.opened(engine, rooms, fresh_salt, kept) as opened:
            yield opened
    finally:
        rooms.close()
        engine.dispose()

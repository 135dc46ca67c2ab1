"""The settings as one frozen value, read once from the environment and `comity.toml`; nothing here opens or starts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

from bot import settings_values as values
from bot.settings_source import Known, Source, gather, variable
from storage.words import Place

T = TypeVar("T")

SLACK_API = "https://slack.com/api/"
DATABASE = "sqlite:///var/comity.db"
EXHIBIT_MAX = 100_000_000


class SettingsError(ValueError):
    """What is to be mended before anything can start: one line each, and never a secret."""

    def __init__(self, complaints: Sequence[str]) -> None:
        super().__init__("\n".join(complaints))
        self.complaints = tuple(complaints)


@dataclass(frozen=True)
class SlackAccount:
    """One app in one workspace: Socket Mode has an app token, HTTP mode a signing secret; both may be there."""

    name: str
    bot_token: str = field(repr=False)
    app_token: str | None = field(repr=False)
    signing_secret: str | None = field(repr=False)
    api_url: str


@dataclass(frozen=True)
class MatrixAccount:
    """One bot account. With an access token `device_id` is its device; `allow` are homeservers that may invite."""

    name: str
    homeserver: str
    user_id: str
    password: str | None = field(repr=False)
    access_token: str | None = field(repr=False)
    device_id: str | None
    store_dir: Path
    pickle_key: str | None = field(repr=False)
    allow: tuple[str, ...]


@dataclass(frozen=True)
class Settings:
    """Paths are absolute; `exhibit_max` is in bytes; URLs of places to call end in no slash, `api_url` in one.

    Accounts stand in the order in which the first of several in a room hears and speaks there: as in the file, then
    those of the environment by name.
    """

    database_url: str = field(repr=False)  # it may hold a password
    vault_dir: Path
    vault_key: bytes | None = field(repr=False)
    vault_key_old: bytes | None = field(repr=False)
    exhibit_max: int
    web_host: str
    web_port: int
    web_url: str | None
    operator_place: Place | None
    slack: tuple[SlackAccount, ...]
    matrix: tuple[MatrixAccount, ...]
    clock: Path | None


_KNOWN = Known(
    settings=tuple(one.name for one in fields(Settings) if one.name not in {"slack", "matrix"}),
    accounts={
        "slack": tuple(one.name for one in fields(SlackAccount) if one.name != "name"),
        "matrix": tuple(one.name for one in fields(MatrixAccount) if one.name != "name"),
    },
)


def read(environ: Mapping[str, str], cwd: Path) -> Settings:
    """The settings; raises SettingsError with everything that is wrong at once."""
    reading = _Reading(gather(environ, cwd, _KNOWN), cwd.absolute())
    settings = reading.settings()
    if complaints := reading.source.complaints:
        raise SettingsError(complaints)
    return settings


def read_clock(path: Path) -> datetime:
    """The instant in a rehearsal's clock file, aware and UTC; raises SettingsError, also while it is half written."""
    try:
        at = datetime.fromisoformat(path.read_text(encoding="utf-8").strip())
        if at.tzinfo is not None:
            return at.astimezone(UTC)
    except OSError as error:
        raise SettingsError([f"COMITY_CLOCK: {path} cannot be read: {error.strerror}"]) from None
    except (ValueError, OverflowError):
        pass
    raise SettingsError([f"COMITY_CLOCK: {path} holds no instant: write one with its zone, as in 2026-12-01T09:00Z"])


@dataclass(frozen=True)
class _Reading:
    """Goes on after a complaint, so that one start shows them all."""

    source: Source
    cwd: Path

    def settings(self) -> Settings:
        database = partial(values.database_url, cwd=self.cwd)
        return Settings(
            database_url=self._value(database, database(DATABASE), "database_url"),
            vault_dir=self._value(self._path, self._path("var/vault"), "vault_dir"),
            vault_key=self._value(values.vault_key, None, "vault_key"),
            vault_key_old=self._value(values.vault_key, None, "vault_key_old"),
            exhibit_max=self._value(values.size, EXHIBIT_MAX, "exhibit_max"),
            web_host=self._value(values.host, "127.0.0.1", "web_host"),
            web_port=self._value(values.port, 8080, "web_port"),
            web_url=self._value(values.web_url, None, "web_url"),
            operator_place=self._value(self._own_place, None, "operator_place"),
            slack=tuple(self._slack(name) for name in self._names("slack").values()),
            matrix=tuple(self._matrix(name) for name in self._names("matrix").values()),
            clock=self._value(self._path, None, "clock"),
        )

    def _slack(self, name: str) -> SlackAccount:
        text = partial(self._text, "slack", name)
        self._need("slack", name, "bot_token")
        if not (text("app_token") or text("signing_secret")):
            self._miss(f"{variable('slack', name, 'app_token')} (Socket Mode) or its SIGNING_SECRET (HTTP mode)")
        return SlackAccount(
            name=name,
            bot_token=text("bot_token") or "",
            app_token=text("app_token"),
            signing_secret=text("signing_secret"),
            api_url=self._value(values.web_url, SLACK_API, "slack", name, "api_url").rstrip("/") + "/",
        )

    def _matrix(self, name: str) -> MatrixAccount:
        text = partial(self._text, "matrix", name)
        self._need("matrix", name, "homeserver")
        self._need("matrix", name, "user_id")
        if text("access_token"):
            self._need("matrix", name, "device_id")
        elif not text("password"):
            self._miss(f"{variable('matrix', name, 'password')}, or its ACCESS_TOKEN with its DEVICE_ID,")
        user = self._value(values.user_id, "", "matrix", name, "user_id")
        store = self._path(f"var/matrix/{name.lower()}")
        return MatrixAccount(
            name=name,
            homeserver=self._value(values.web_url, "", "matrix", name, "homeserver"),
            user_id=user,
            password=text("password"),
            access_token=text("access_token"),
            device_id=text("device_id"),
            store_dir=self._value(self._path, store, "matrix", name, "store_dir"),
            pickle_key=text("pickle_key"),
            allow=self._value(values.homeservers, (values.server_of(user),), "matrix", name, "allow"),
        )

    def _names(self, platform: str) -> Mapping[str, str]:
        return self.source.names.get(platform, {})

    def _text(self, *key: str) -> str | None:
        given = self.source.given(*key)
        return given.text if given else None

    def _value(self, convert: Callable[[str], T], default: T, *key: str) -> T:
        given = self.source.given(*key)
        if given is None:
            return default
        try:
            return convert(given.text)
        except values.MalformedError as wrong:
            self.source.complaints.append(f"{given.label} {wrong}")
            return default

    def _need(self, *key: str) -> None:
        if self.source.given(*key) is None:
            self._miss(variable(*key))

    def _miss(self, what: str) -> None:
        self.source.complaints.append(f"{what} is missing")

    def _path(self, text: str) -> Path:
        return self.cwd / text.strip()

    def _own_place(self, text: str) -> Place:
        """A place that we reach; its account is spelled as the account is."""
        platform, _, rest = values.place(text).partition(":")
        if platform == "local":
            return Place(f"local:{rest}")
        account, _, room = rest.partition("/")
        names = self._names(platform)
        if account.lower() not in names:
            there_are = ", ".join(names.values()) or "none"
            raise values.MalformedError(f"names an account of {platform} that is not set: there are {there_are}")
        return Place(f"{platform}:{names[account.lower()]}/{room}")

"""Where settings come from: COMITY_ variables over `comity.toml`, by name; knows nothing of what they mean."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

PREFIX = "COMITY_"
CONFIG = "COMITY_CONFIG"
DEFAULT_FILE = "comity.toml"

Key = tuple[str, ...]
"""`("web_port",)`, or platform, account and field, the account's name in lower case."""

_NAME = re.compile(r"[A-Za-z0-9]+(?:[_-][A-Za-z0-9]+)*")
_ACCOUNT_PARTS = 3
_NEAR = 0.7  # lower, and slack is taken for clock


@dataclass(frozen=True)
class Known:
    """The names that there are: of settings, and of an account's fields by platform."""

    settings: tuple[str, ...]
    accounts: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Given:
    """A setting's text, and how a complaint calls it: `COMITY_WEB_PORT` or `comity.toml: web_port`."""

    text: str
    label: str


@dataclass
class Source:
    """What was given. `names` are accounts as they were spelled, by platform and lower-case name, in their order."""

    values: dict[Key, Given] = field(default_factory=dict)
    names: dict[str, dict[str, str]] = field(default_factory=dict)
    complaints: list[str] = field(default_factory=list)

    def given(self, *key: str) -> Given | None:
        return self.values.get(_folded(key))

    def put(self, key: Key, text: str, label: str) -> None:
        """An empty text is none: it is how a variable is taken away in a compose file."""
        if len(key) == _ACCOUNT_PARTS:
            platform, name, _ = key
            if not _NAME.fullmatch(name):
                self.complaints.append(f"{label}: an account's name has letters and digits, with - or _ between them")
                return
            self.names.setdefault(platform, {}).setdefault(name.lower(), name)
        if text.strip():
            self.values[_folded(key)] = Given(text, label)


def _folded(key: Key) -> Key:
    return tuple(part.lower() for part in key)


def gather(environ: Mapping[str, str], cwd: Path, known: Known) -> Source:
    """Everything that was given, the environment over the file."""
    source = Source()
    _put_file(source, environ.get(CONFIG, "").strip(), cwd, known)
    _put_environment(source, environ, known)
    return source


def variable(*key: str) -> str:
    """`("slack", "FTC", "bot_token")` -> `COMITY_SLACK__FTC__BOT_TOKEN`."""
    if len(key) == _ACCOUNT_PARTS:
        return f"{PREFIX}{key[0].upper()}__{key[1]}__{key[2].upper()}"
    return f"{PREFIX}{key[0].upper()}"


def _put_environment(source: Source, environ: Mapping[str, str], known: Known) -> None:
    seen: dict[Key, str] = {}
    # by name: the order of an environment is nobody's intention
    for name in sorted(name for name in environ if name.startswith(PREFIX) and name != CONFIG):
        key = _key_of(name, known)
        if key is None:
            source.complaints.append(_unknown(name, name, _variables(name, known)))
            continue
        if (other := seen.setdefault(_folded(key), name)) != name:
            source.complaints.append(f"{name} and {other} are the same setting: take one of them away")
        source.put(key, environ[name], name)


def _key_of(name: str, known: Known) -> Key | None:
    match name.removeprefix(PREFIX).split("__"):
        case [setting] if setting.isupper() and setting.lower() in known.settings:
            return (setting.lower(),)
        case [platform, account, setting] if account and platform.isupper() and setting.isupper():
            if setting.lower() in known.accounts.get(platform.lower(), ()):
                return (platform.lower(), account, setting.lower())
    return None


def _variables(name: str, known: Known) -> list[str]:
    """All that there are, for an account of the name that was meant."""
    parts = name.split("__")
    account = parts[1] if len(parts) == _ACCOUNT_PARTS else "<NAME>"
    fields = ((platform, account, setting) for platform, settings in known.accounts.items() for setting in settings)
    return [CONFIG, *(variable(setting) for setting in known.settings), *(variable(*key) for key in fields)]


def _put_file(source: Source, config: str, cwd: Path, known: Known) -> None:
    path = cwd / (config or DEFAULT_FILE)
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if config:
            source.complaints.append(f"{CONFIG}: there is no file {path}")
        return
    except OSError as error:
        source.complaints.append(f"{path} cannot be read: {error.strerror}")
        return
    except UnicodeDecodeError:
        source.complaints.append(f"{path} cannot be read: it is not UTF-8")
        return
    except tomllib.TOMLDecodeError as error:
        # only where, not what: the line may hold a secret
        where = re.search(r"\(at [^()]*\)$", str(error))
        source.complaints.append(f"{path} is not TOML {where[0] if where else ''}".rstrip())
        return
    for key, value, label in _entries(table, path.name):
        _put_entry(source, key, value, label, known)


def _entries(table: Mapping[str, Any], file: str) -> Iterator[tuple[Key, Any, str]]:
    for setting, value in table.items():
        if not isinstance(value, dict):
            yield (setting,), value, f"{file}: {setting}"
            continue
        for name, account in value.items():
            if not isinstance(account, dict):
                yield (setting, name), account, f"{file}: [{setting}] {name}"
                continue
            for part, text in account.items():
                yield (setting, name, part), text, f"{file}: [{setting}.{name}] {part}"


def _put_entry(source: Source, key: Key, value: Any, label: str, known: Known) -> None:
    there_are = known.settings if len(key) == 1 else known.accounts.get(key[0], ())
    if key[-1] not in there_are:
        source.complaints.append(_unknown(label, key[-1], there_are))
    elif len(key) not in {1, _ACCOUNT_PARTS}:
        source.complaints.append(f"{label} belongs to an account: write it under [{key[0]}.NAME]")
    elif isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
        source.put(key, str(value), label)
    elif isinstance(value, list) and all(isinstance(item, str) for item in value):
        source.put(key, ",".join(value), label)
    else:
        source.complaints.append(f"{label} must be a text in quotation marks")


def _unknown(label: str, name: str, there_are: Iterable[str]) -> str:
    # without the prefix, in which all are alike
    folded = {candidate.upper().removeprefix(PREFIX): candidate for candidate in there_are}
    near = get_close_matches(name.upper().removeprefix(PREFIX), folded, n=1, cutoff=_NEAR)
    return f"{label} is no setting: {f'write {folded[near[0]]}, or ' if near else ''}take it away"

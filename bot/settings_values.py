"""What a setting's text means: addresses, sizes, places; an error says what to write and never repeats the text."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from storage.vault_sealing import read_key
from storage.words import Place

_SQLITE = "sqlite:///"
_SIZE = re.compile(r"([0-9]{1,9})\s*([KMG]?)(i?)B?", re.IGNORECASE | re.ASCII)
_POWERS = {"": 0, "K": 1, "M": 2, "G": 3}
_HOST = re.compile(r"[\w.:%-]+", re.ASCII)
_SERVER = re.compile(r"(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_USER_ID = re.compile(rf"@[^\s:@]+:(?P<server>{_SERVER.pattern})")
_PLACE = re.compile(r"slack:[\w-]+/[A-Z0-9]+|matrix:[\w-]+/![^\s/]+|local:[\w-]+", re.ASCII)
_HIGHEST_PORT = 65535
_LONGEST_USER_ID = 255  # bytes, https://spec.matrix.org/latest/appendices/#user-identifiers


class MalformedError(ValueError):
    """Reads on from the setting's name: `is no port: write ...`."""


def database_url(text: str, cwd: Path) -> str:
    """A relative SQLite path is made absolute, so that it is the same file whatever the process does later."""
    text = text.strip()
    if text.startswith(_SQLITE):
        path = text.removeprefix(_SQLITE)
        if path and not path.startswith(":") and "?" not in path:
            return f"{_SQLITE}{cwd / path}"
    elif (url := _split(text)) and url.scheme == "postgresql" and url.path.strip("/") and not url.fragment:
        return text
    raise MalformedError("is no database: write sqlite:///var/comity.db or postgresql://user@host/db")


def web_url(text: str) -> str:
    """An http(s) address without a slash at its end."""
    url = _split(text.strip())
    if not url or url.scheme not in {"http", "https"} or not url.hostname or url.username or url.query or url.fragment:
        raise MalformedError("is no web address: write it as in https://comity.example")
    return url.geturl().rstrip("/")


def host(text: str) -> str:
    text = text.strip()
    if not _HOST.fullmatch(text):
        raise MalformedError("is no host: write an address or a name, as in 127.0.0.1")
    return text


def port(text: str) -> int:
    number = int(text) if re.fullmatch(r"\s*[0-9]{1,5}\s*", text, re.ASCII) else 0
    if not 0 < number <= _HIGHEST_PORT:
        raise MalformedError(f"is no port: write a number from 1 to {_HIGHEST_PORT}")
    return number


def size(text: str) -> int:
    """`100MB` -> bytes; MB is a million, MiB is 1024 * 1024."""
    found = _SIZE.fullmatch(text.strip())
    count = int(found[1]) * (1024 if found[3] else 1000) ** _POWERS[found[2].upper()] if found else 0
    if not count:
        raise MalformedError("is no size: write it as in 100MB")
    return count


def vault_key(text: str) -> bytes:
    try:
        return read_key(text.strip())
    except ValueError:
        raise MalformedError("is no key: write 64 hexadecimal digits, or 32 bytes in base64") from None


def user_id(text: str) -> str:
    text = text.strip()
    if not _USER_ID.fullmatch(text) or len(text.encode()) > _LONGEST_USER_ID:
        raise MalformedError("is no Matrix user id: write it as in @comity:agency.example")
    return text


def server_of(user: str) -> str:
    """The homeserver's name in a user id; empty if the text is none."""
    found = _USER_ID.fullmatch(user)
    return found["server"] if found else ""


def homeservers(text: str) -> tuple[str, ...]:
    names = tuple(name for name in re.split(r"[\s,]+", text) if name)
    if not names or not all(_SERVER.fullmatch(name) for name in names):
        raise MalformedError("names no homeservers: write them as in agency.example,other.example")
    return names


def place(text: str) -> Place:
    text = text.strip()
    if not _PLACE.fullmatch(text):
        raise MalformedError("is no place: write slack:NAME/C0123, matrix:NAME/!room:server or local:channel")
    return Place(text)


def _split(text: str) -> SplitResult | None:
    """None also for what urlsplit refuses: its own errors repeat the text, and a password may be in it."""
    try:
        url = urlsplit(text)
        valid = url.port != 0  # asking is what checks it
    except ValueError:
        return None
    return url if valid and not re.search(r"\s", text) else None

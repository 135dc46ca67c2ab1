"""What happens in Slack as Arrivals; it reads payloads and asks nobody (https://docs.slack.dev/reference/events)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import unescape
from typing import Any

from commands.arrival import Arrival, ArrivalKind, File, message_key
from storage.words import Address, Place

Json = Mapping[str, Any]

SPOKEN = frozenset({None, "file_share", "me_message", "thread_broadcast"})
"""The subtypes of what a person says; all others tell of something else, or are a bot's."""

_MARKUP = re.compile(r"<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>")
_NUMBER = re.compile(r"[0-9]+\.[0-9]+")


@dataclass(frozen=True)
class Said:
    """A message event, as far as the event itself tells.

    `text` is Slack's own spelling; `team` the workspace of the person, None where nothing says it.
    """

    kind: ArrivalKind
    user: str
    team: str | None
    channel: str
    message: str
    text: str
    thread: str | None
    files: tuple[File, ...] = ()
    revision: int = 0
    parent: str | None = None
    """Who began the thread, where that is told."""

    def arrival(self, place: Place, person: Address, text: str, *, direct: bool) -> Arrival:
        """As what it is to the house; an answer to what stands in no thread begins one below it."""
        own = self.message if self.kind is ArrivalKind.MESSAGE and not direct else None
        return Arrival(
            message_key(place, self.message, self.revision), self.kind, person, place, self.message, text,
            thread=self.thread or own, direct=direct, files=self.files, revision=self.revision,
        )  # fmt: skip


def said(event: Json, team: str | None = None) -> Said | None:
    """What a person said, changed or took back; None: nothing that is heard.

    `team` is the author's, as the outer event of a message has it.
    """
    channel, kind = str(event.get("channel", "")), event.get("subtype")
    if kind == "message_changed":
        return _changed(event, channel)
    if kind == "message_deleted":
        return _deleted(event.get("previous_message") or {}, str(event.get("deleted_ts", "")), channel)
    if kind not in SPOKEN or not _is_persons(event):
        return None
    return Said(
        ArrivalKind.MESSAGE,
        str(event["user"]),
        _team(event) or team,
        channel,
        str(event["ts"]),
        str(event.get("text") or ""),
        _thread(event),
        files=files_of(event),
        parent=event.get("parent_user_id"),
    )


def files_of(message: Json) -> tuple[File, ...]:
    """The files of a message, as it tells of them."""
    return tuple(file(one) for one in message.get("files") or () if one.get("id"))


def file(one: Json) -> File:
    """Of another workspace's file no more than its id may be told."""
    kind = one.get("mimetype")
    return File(str(one["id"]), str(one.get("name") or one.get("title") or ""), "", str(kind) if kind else None)


def _changed(event: Json, channel: str) -> Said | None:
    """An edit; unfurling and replies change a message too, and leave its words as they are."""
    new, old = event.get("message") or {}, event.get("previous_message") or {}
    if new.get("subtype") == "tombstone":
        return _deleted(old, str(new.get("ts", "")), channel)
    if new.get("subtype") not in SPOKEN or not _is_persons(new) or "edited" not in new:
        return None
    if old and new.get("text") == old.get("text"):
        return None
    return edited(new, channel)


def edited(message: Json, channel: str) -> Said:
    """A message as it was edited last."""
    revision = int(str(message["edited"]["ts"]).replace(".", ""))
    return Said(
        ArrivalKind.EDIT, str(message["user"]), _team(message), channel, str(message["ts"]),
        str(message.get("text") or ""), _thread(message), revision=revision,
    )  # fmt: skip


def _deleted(message: Json, number: str, channel: str) -> Said | None:
    if not _NUMBER.fullmatch(number) or not _is_persons(message):
        return None
    return Said(
        ArrivalKind.DELETION, str(message["user"]), _team(message), channel, number, "", _thread(message), revision=-1
    )  # fmt: skip


def _is_persons(message: Json) -> bool:
    """A bot's words are not heard: two that answer each other would never end."""
    return bool(message.get("user")) and not message.get("bot_id") and bool(_NUMBER.fullmatch(str(message.get("ts"))))


def _team(message: Json) -> str | None:
    found = message.get("user_team") or message.get("source_team") or message.get("team")
    return str(found) if found else None


def _thread(message: Json) -> str | None:
    """The root that it stands under; a root itself carries its own number once it has replies."""
    root = message.get("thread_ts")
    return str(root) if root and root != message.get("ts") else None


def mentioned(text: str) -> list[str]:
    """The people whom a text mentions."""
    return [found[2] for found in _MARKUP.finditer(text) if found[1] == "@"]


def typed(text: str, us: str, name: Callable[[str], str]) -> str:
    """A text as it was typed: Slack's markup undone, mentions as `name` gives them, and us as `@Comity` in front.

    `us` is our own user id. https://docs.slack.dev/messaging/formatting-message-text
    """

    def plain(found: re.Match[str]) -> str:
        mark, target, label = found[1], found[2], found[3]
        if mark == "@":
            return "@Comity" if target == us else name(target)
        if mark == "#":
            return f"#{label or target}"
        if mark == "!":
            return label or f"@{target.partition('^')[0]}"
        shown = label or target
        # what was typed as it is has only its scheme added; under other words the target itself is worth knowing
        return shown if target.endswith(shown) else f"{shown} ({target})"

    words = unescape(_MARKUP.sub(plain, text))
    return re.sub(r"\A\s*@Comity[:,]?(?:\s+|\Z)", "@Comity ", words)

"""What happens in a Matrix room as Arrivals; it reads events and asks nobody (https://spec.matrix.org/latest/)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote

from commands.arrival import Arrival, ArrivalKind, File, Room, message_key
from storage.words import Address, Place

Event = Mapping[str, Any]

WORDS = frozenset({"m.text", "m.emote"})
"""What people write. A notice is a bot's: two bots that answer each other would never end."""

FILES = frozenset({"m.file", "m.image", "m.audio", "m.video"})


@dataclass(frozen=True)
class Seat:
    """What must be known of a room to understand what is said there.

    `ours` are the user ids of our accounts, `names` what people call the one that hears here; `roots` gives for an
    event of ours that someone answered the root of the thread that it stands in.
    """

    place: Place
    ours: frozenset[str]
    names: tuple[str, ...]
    direct: bool
    muted: bool
    public: bool
    members: tuple[str, ...]
    roots: Mapping[str, str] = field(default_factory=dict)


def address(user: str) -> Address:
    return Address(f"matrix:{user}")


def is_taken(event: Event) -> bool:
    """Whether something is made of it; all else in a room is not ours to hear, nor what no client would send."""
    kind, relation = event.get("type"), _relation(event)
    if kind == "m.room.message":
        heard = str(_content(event).get("msgtype")) in WORDS | FILES
    else:
        heard = kind in {"m.room.redaction", "m.reaction", "m.room.encrypted"} and "state_key" not in event
    answered_to = relation.get("m.in_reply_to")
    ids = [
        event.get("event_id"), event.get("sender"), relation.get("event_id"), redacted(event) or None,
        answered_to.get("event_id") if isinstance(answered_to, Mapping) else None,
    ]  # fmt: skip
    return heard and all(one is None or (isinstance(one, str) and _ID.fullmatch(one)) for one in ids)


_ID = re.compile(r"[!-~]{1,200}")
"""An event's or a person's: whatever else a server puts there would not fit into our records."""


def key_of(event: Event, place: Place) -> str:
    """What makes a second coming harmless."""
    number = str(event["event_id"])
    relation = _relation(event)
    if event["type"] == "m.room.redaction":
        return f"{place} {redacted(event)} {number}"  # a refused one takes the place of no other
    if event["type"] == "m.reaction":
        return f"{place} {number} reaction"
    if event["type"] == "m.room.encrypted":
        return f"{place} {number} locked"  # once its key comes, it is a message like any other
    if relation.get("rel_type") == "m.replace":
        return f"{place} {relation.get('event_id')} {number}"
    return message_key(place, number)


def answered(event: Event) -> str | None:
    """The event that this one answers without saying which thread it is in."""
    relation = _relation(event)
    if relation.get("rel_type") in {"m.thread", "m.replace"}:
        return None
    target = relation.get("m.in_reply_to")
    return str(target["event_id"]) if isinstance(target, Mapping) and "event_id" in target else None


def redacted(event: Event) -> str:
    """The event that a redaction takes away: it moved into the content with room version 11."""
    return str(_content(event).get("redacts") or event.get("redacts") or "")


def read(event: Event, seat: Seat) -> Arrival | None:
    """The Arrival; None: nothing is to be made of it. A malformed event, which any server may send, is none either."""
    if not is_taken(event) or event.get("sender") in seat.ours:
        return None
    try:
        return _read(event, seat)
    except (AttributeError, KeyError, TypeError, ValueError):
        return None


def _read(event: Event, seat: Seat) -> Arrival | None:
    number, relation = str(event["event_id"]), _relation(event)
    kind, message, thread, text, revision = ArrivalKind.MESSAGE, number, _thread(event, seat), "", 0
    files: tuple[File, ...] = ()
    match event["type"]:
        case "m.room.redaction":
            kind, message, thread = ArrivalKind.DELETION, redacted(event), None
            if not message:
                return None
        case "m.reaction":
            kind, message, text = ArrivalKind.REACTION, str(relation["event_id"]), str(relation.get("key", ""))
            thread = message
        case "m.room.encrypted":
            kind = ArrivalKind.UNREADABLE
        case _ if relation.get("rel_type") == "m.replace":
            kind, message, thread = ArrivalKind.EDIT, str(relation["event_id"]), None
            text = _words(_content(event)["m.new_content"], seat, answers=False)
            revision = int(event.get("origin_server_ts", 0))
        case _:
            content = _content(event)
            if content["msgtype"] in FILES:
                files = (_attached(number, content),)
            text = _words(content, seat, answers=answered(event) is not None)
    return Arrival(
        key_of(event, seat.place), kind, address(str(event["sender"])), seat.place, message, text,
        thread=thread, direct=seat.direct, files=files, revision=revision, muted=seat.muted,
        room=Room(seat.public, tuple(address(member) for member in seat.members)),
    )  # fmt: skip


def _content(event: Event) -> Mapping[str, Any]:
    content = event.get("content")
    return content if isinstance(content, Mapping) else {}


def _relation(event: Event) -> Mapping[str, Any]:
    relation = _content(event).get("m.relates_to")
    return relation if isinstance(relation, Mapping) else {}


def _attached(number: str, content: Mapping[str, Any]) -> File:
    """The file of an event; if it is encrypted its keys go with it until it is fetched. Raises as malformed ones do."""
    info, file = content.get("info") or {}, content.get("file")
    name = str(content.get("filename") or content.get("body") or "")
    kind = info.get("mimetype")
    where = {"file": dict(file)} if file is not None else {"url": str(content["url"])}
    return File(number, name, json.dumps(where), str(kind) if kind else None)


def _thread(event: Event, seat: Seat) -> str | None:
    """The root that it stands under. What stands under none begins a thread of its own, in which it is answered."""
    relation = _relation(event)
    if relation.get("rel_type") == "m.thread":
        return str(relation["event_id"])
    if (target := answered(event)) is not None and (root := seat.roots.get(target)) is not None:
        return root
    return None if seat.direct else str(event["event_id"])


def _words(content: Mapping[str, Any], seat: Seat, *, answers: bool) -> str:
    """The text as typed: without the words that it answers, with mentions as addresses, and us as `@Comity`."""
    body = str(content.get("body", ""))
    if content.get("msgtype") in FILES and content.get("filename") in (None, body):
        return ""  # a file without a caption: its name stands in place of words
    if answers and body.startswith("> "):
        body = re.sub(r"\A(?:>[^\n]*\n)+\n?", "", body)
    if content.get("format") == "org.matrix.custom.html":
        body = _with_addresses(body, str(content.get("formatted_body", "")))
    for name in sorted(seat.names, key=len, reverse=True):  # a name may begin another
        bare = re.escape(name.lstrip("@"))
        mark = re.match(rf"\s*(?:@{bare}[:,]?|{bare}[:,])(?:\s|\Z)", body, re.IGNORECASE)
        if mark:
            return f"@Comity {body[mark.end() :]}"
    return body


def _with_addresses(body: str, html: str) -> str:
    """Where a client wrote a person's display name for a mention, the address that it stands for."""
    pills = _Pills()
    pills.feed(html)
    at = 0
    for shown, user in pills.found:
        begins = body.find(shown, at)
        if shown and begins >= 0:
            body = body[:begins] + user + body[begins + len(shown) :]
            at = begins + len(user)
    return body


class _Pills(HTMLParser):
    """The mentions of a formatted body: what is shown, and whom it means."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self._user: str | None = None
        self._shown = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        link = dict(attrs).get("href") or ""
        if tag == "a" and (pill := re.fullmatch(r"https://matrix\.to/#/(@[^/?]+)(?:\?.*)?", unquote(link))):
            self._user, self._shown = pill[1], ""

    def handle_data(self, data: str) -> None:
        self._shown += data if self._user else ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._user:
            self.found.append((self._shown, self._user))
            self._user = None

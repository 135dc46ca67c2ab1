"""What a person sees in a channel or thread at their client; it changes nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from tests.slack.apps import Json
from tests.slack.forms import elements
from tests.slack.world import Channel, Message, User, World

_PING = re.compile(r"<(?:!(?:channel|here|everyone|subteam)[^>]*|@[UW][A-Z0-9]+[^>]*)>")
_LINK = re.compile(r"<(?:https?|mailto):[^>]*>")


@dataclass(frozen=True)
class Button:
    """Something to click: its label, and where it is."""

    label: str
    action_id: str
    block_id: str
    element: Json


@dataclass(frozen=True)
class Seen:
    """One message as it is shown. `text` is what its blocks say, or the text where it has none.

    `pings` and `links` are those that Slack's client would make of it; `raw` is the message itself.
    """

    ts: str
    author: str
    text: str
    private: bool
    edited: bool
    raw: Json
    buttons: tuple[Button, ...] = ()
    files: tuple[str, ...] = ()
    pings: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    replies: int = 0
    reactions: tuple[str, ...] = ()

    @property
    def labels(self) -> list[str]:
        """The labels of its buttons."""
        return [one.label for one in self.buttons]

    @property
    def unfurled(self) -> bool:
        """Whether Slack shows a preview of a link."""
        return any("from_url" in one for one in self.raw.get("attachments", []))


def seen(world: World, user: User, channel: Channel, thread: str | None) -> list[Seen]:
    """All of a channel, or of one thread with its root, oldest first; with what only this person is shown."""
    if user.id not in channel.members and (channel.kind != "channel" or user.team not in channel.teams):
        return []
    public = [one for one in channel.messages.values() if _here(one, thread)]
    mine = [one for one in world.ephemerals.get(user.id, []) if one.body["channel"] == channel.id]
    private = [one for one in mine if one.thread_ts == thread]
    told = [shown(world, channel, one) for one in [*public, *private]]
    return sorted(told, key=lambda one: float(one.ts))


def _here(message: Message, thread: str | None) -> bool:
    if thread is None:
        return not message.is_reply or message.body.get("subtype") == "thread_broadcast"
    return thread in {message.ts, message.thread_ts}


def shown(world: World, channel: Channel, message: Message) -> Seen:
    """One message as it is shown."""
    body = message.body
    author = world.users.get(body["user"])
    marked = list(_marked(body))
    return Seen(
        ts=message.ts,
        author=author.name if author else body["user"],
        text=text_of(body),
        private=bool(body.get("is_ephemeral")),
        edited="edited" in body,
        raw=dict(body),
        buttons=tuple(buttons(body.get("blocks", []))),
        files=tuple(world.files[one["id"]].name for one in body.get("files", [])),
        pings=tuple(found for one in marked for found in _PING.findall(one)),
        links=tuple(found for one in marked for found in _LINK.findall(one)),
        replies=len(channel.replies(message.ts)),
        reactions=tuple(one["name"] for one in body.get("reactions", [])),
    )


def buttons(blocks: Iterable[Json]) -> list[Button]:
    """Everything in these blocks that can be clicked or chosen from."""
    found = []
    for block, element in elements(blocks):
        label = element.get("text") or element.get("placeholder") or {}
        found.append(Button(str(label.get("text", "")), element["action_id"], block["block_id"], element))
    return found


def text_of(body: Json) -> str:
    """What stands in blocks, line by line."""
    blocks = body.get("blocks") or []
    lines = [line for block in blocks for line in _lines(block)]
    return "\n".join(lines) if lines and not _typed(blocks) else str(body.get("text", ""))


def _typed(blocks: list[Json]) -> bool:
    return all(block["type"] == "rich_text" for block in blocks)


def _lines(block: Json) -> list[str]:
    parts = [block.get("text"), *block.get("fields", []), block.get("label"), block.get("hint"), block.get("title")]
    if block["type"] == "context":
        parts += block["elements"]
    return [str(part["text"]) for part in parts if isinstance(part, dict) and "text" in part]


def _marked(body: Json) -> Iterable[str]:
    """The texts in which Slack looks for its markup."""
    blocks = body.get("blocks") or []
    if not blocks and body.get("mrkdwn", True):
        yield str(body.get("text", ""))
    for block in blocks:
        if block["type"] == "rich_text":
            yield str(body.get("text", ""))
        parts = [block.get("text"), *block.get("fields", [])]
        if block["type"] == "context":
            parts += block["elements"]
        for part in parts:
            if isinstance(part, dict) and part.get("type") == "mrkdwn":
                yield str(part["text"])

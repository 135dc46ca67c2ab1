"""What a person sees in a channel or thread at their client; it changes nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tests.slack.apps import Json
from tests.slack.forms import elements
from tests.slack.kit import live, plain
from tests.slack.world import Channel, Message, User, World


@dataclass(frozen=True)
class Button:
    """Something to click: its label, and where it is."""

    label: str
    action_id: str
    block_id: str
    element: Json


@dataclass(frozen=True)
class Seen:
    """One message as it is shown. `text` is what a person reads, a line for each block; buttons are not in it.

    `alive` are the mentions and links that Slack makes of it; `raw` is the message itself.
    """

    ts: str
    author: str
    text: str
    private: bool
    edited: bool
    raw: Json
    buttons: tuple[Button, ...] = ()
    files: tuple[str, ...] = ()
    alive: tuple[str, ...] = ()
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
    if message.read is None:
        message.read = (plain(_read_only(body)), tuple(live(body | message.how)))
    author = world.users.get(body["user"])
    return Seen(
        ts=message.ts,
        author=author.name if author else body["user"],
        text=message.read[0],
        private=bool(body.get("is_ephemeral")),
        edited="edited" in body,
        raw=dict(body),
        buttons=tuple(buttons(body.get("blocks", []))),
        files=tuple(world.files[one["id"]].name for one in body.get("files", [])),
        alive=message.read[1],
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


def _read_only(body: Json) -> Json:
    """The message without what is there to be clicked, and without previews of links."""
    blocks = [
        {name: part for name, part in block.items() if name != "accessory"}
        for block in body.get("blocks") or []
        if block["type"] != "actions"
    ]
    written = [one for one in body.get("attachments") or [] if "from_url" not in one]
    return {"text": body.get("text") or "", "blocks": blocks, "attachments": written}

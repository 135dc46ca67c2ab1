"""What a client makes of what somebody typed: mentions, links, escapes; it sends nothing."""

from __future__ import annotations

import re
from collections.abc import Callable

from tests.slack.apps import Json
from tests.slack.world import Channel, User, World

_WORD = re.compile(r"(?<![\w/<|])([@#])([\w.-]*\w)|(?<![\w<|])(https?://[^\s<>|]+)")
_TOKEN = re.compile(r"<(@|#|!)?([^<>|]+)(?:\|([^<>]*))?>")


def message(world: World, author: User, text: str) -> str:
    """A message's text as Slack keeps it."""
    return _encoded(world, author, text, lambda user: f"<@{user.id}>", lambda channel: f"<#{channel.id}|>")


def command(world: World, author: User, text: str) -> str:
    """The text of a slash command in `should_escape` form."""
    return _encoded(
        world,
        author,
        text,
        lambda user: f"<@{user.id}|{user.name}>",
        lambda channel: f"<#{channel.id}|{channel.name}>",
    )


def rich_text(world: World, text: str) -> list[Json]:
    """The blocks that a client sends along with a message's text."""
    elements: list[Json] = []
    at = 0
    for found in _TOKEN.finditer(text):
        _plain(elements, text[at : found.start()])
        at = found.end()
        sign, target, label = found[1], found[2], found[3]
        if sign == "@":
            elements.append({"type": "user", "user_id": target})
        elif sign == "#":
            elements.append({"type": "channel", "channel_id": target})
        elif sign == "!":
            elements.append({"type": "broadcast", "range": target})
        else:
            elements.append({"type": "link", "url": target} | ({"text": label} if label else {}))
    _plain(elements, text[at:])
    section = {"type": "rich_text_section", "elements": elements}
    return [{"type": "rich_text", "block_id": world.new_id("rt"), "elements": [section]}]


def _plain(elements: list[Json], text: str) -> None:
    if text:
        shown = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
        elements.append({"type": "text", "text": shown})


def _encoded(
    world: World, author: User, text: str, user_form: Callable[[User], str], channel_form: Callable[[Channel], str]
) -> str:
    """A client completes only whom its person could meet: people and channels of their workspace's view."""
    parts: list[str] = []
    at = 0
    for found in _WORD.finditer(text):
        parts.append(_escaped(text[at : found.start()]))
        at = found.end()
        sign, name, url = found[1], found[2], found[3]
        if url:
            parts.append(f"<{_escaped(url)}>")
        elif sign == "@" and name in {"channel", "here", "everyone"}:
            parts.append(f"<!{name}>")
        elif sign == "@":
            user = _person(world, author, name)
            parts.append(user_form(user) if user else found[0])
        else:
            channel = _channel(world, author, name)
            parts.append(channel_form(channel) if channel else found[0])
    return "".join([*parts, _escaped(text[at:])])


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _person(world: World, author: User, name: str) -> User | None:
    """One's own workspace first."""
    known = [one for one in world.users.values() if one.name == name and not one.deleted]
    known = [one for one in known if one.team == author.team or world.acquainted(one, author.team)]
    return min(known, key=lambda one: one.team != author.team, default=None)


def _channel(world: World, author: User, name: str) -> Channel | None:
    for one in world.channels.values():
        if one.name == name and (author.id in one.members or (one.kind == "channel" and author.team in one.teams)):
            return one
    return None

"""What Comity says as a client has it, and whether it is what was to be said, in its order; it hears nothing itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from storage.words import Place
from tests.bot.matrix import network
from tests.cast import without_ledger


@dataclass(frozen=True)
class Line:
    """One message, new or an edit. `edits` is the local id of the message that it edits; a picture has no html."""

    plain: str
    html: str
    called: tuple[str, ...]
    edits: str | None = None


@dataclass(frozen=True)
class Expected:
    """A line that is to be heard in a place. Lines of one queue keep their order, queues do not wait for each other.

    `under`: the roots, by their local ids, that it may stand under (None: under none). `message` is its own local id;
    None of a line that only Matrix has.
    """

    where: Place
    queue: str
    line: Line
    under: frozenset[str | None]
    message: str | None


def read(event: network.Event, known: Mapping[str, str]) -> tuple[Line, str | None]:
    """The line, and what it stands under; `known` gives the local id of an event."""
    content, edits, root = event["content"], None, network.root_of(event)
    relation = content.get("m.relates_to", {})
    if relation.get("rel_type") == "m.replace":
        new = content["m.new_content"]
        assert content["body"] == f"* {new['body']}"
        content, edits = new, known[relation["event_id"]]
    called = tuple(content["m.mentions"].get("user_ids", ()))
    line = Line(without_ledger(content["body"]), without_ledger(content.get("formatted_body", "")), called, edits)
    return line, known.get(root, f"the unknown {root}") if root else None


def next_of(waiting: list[Expected], line: Line, under: str | None) -> Expected:
    """Takes out of what is waited for what this line is; fails if it is none whose turn it is."""
    heads = {one.queue: one for one in reversed(waiting)}.values()
    for one in heads:
        if one.line == line and under in one.under:
            waiting.remove(one)
            return one
    due = "\n".join(map(str, heads)) or "nothing"
    raise AssertionError(f"there is\n{line} under {under}\nin place of\n{due}")

"""What of Comity's stands in the places of a play, as people see it and as they should; it waits for nothing."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from bot import text
from commands.message import Actions, Message, from_json, to_json
from storage.words import Place
from tests.cast import Cast, without_ledger
from tests.slack.mrkdwn import unescape
from tests.slack.people import Person
from tests.slack.seeing import Seen
from tests.slack.world import Channel

_PERSON = re.compile(r"slack:\w+/(\w+)")


@dataclass(frozen=True)
class Line:
    """What is to be read in the message, and in the notification of it; what is to be pressed; and who is called."""

    words: str
    notification: str
    labels: tuple[str, ...]
    called: tuple[str, ...]


@dataclass(frozen=True)
class Expected:
    """A line that is to be seen in a place, by all who sit there or by `to` alone.

    `below`: the messages, by their timestamps, that it may stand under (None: under none). `number` is its local id.
    """

    place: Place
    to: str | None
    line: Line
    below: frozenset[str | None]
    number: str


@dataclass
class Standing:
    """A message that stands."""

    ts: str
    to: str | None
    line: Line
    below: str | None
    number: str


def line_of(message: Message, cast: Cast) -> Line:
    """As Slack should show what the local workspace says."""
    called: list[str] = []
    told = from_json(json.dumps(_called(json.loads(to_json(cast.message(message))), called)))
    rows = [[button.label for button in block.buttons] for block in told.blocks if isinstance(block, Actions)]
    buttons = {" ".join(f"[{label}]" for label in row) for row in rows}
    words = [line for line in text.render(told, rehearsal=True).splitlines() if line not in buttons]
    return Line(
        _lines("\n".join(words)),
        without_ledger(text.render(cast.message(message), rehearsal=True)),
        tuple(label for row in rows for label in row),
        tuple(f"<user {user}>" for user in called),
    )


def _called(node: Any, called: list[str]) -> Any:
    """People of Slack who are mentioned, as a client has them before it puts their names."""
    if isinstance(node, list):
        return [_called(one, called) for one in node]
    if not isinstance(node, dict):
        return node
    if node.get("_") == "Mention" and (person := _PERSON.fullmatch(node["address"])):
        called.append(person[1])
        return {"_": "Text", "text": f"@{person[1]}"}
    return {name: _called(one, called) for name, one in node.items()}


def line_seen(seen: Seen) -> Line:
    return Line(_lines(seen.text), without_ledger(unescape(str(seen.raw["text"]))), tuple(seen.labels), seen.alive)


def _lines(words: str) -> str:
    """Each platform indents in its own way what goes on in a line below."""
    return without_ledger("\n".join(line.strip() for line in words.splitlines()))


@dataclass(frozen=True)
class Standings:
    """All of it, by place; `bots` are our own users."""

    bots: frozenset[str]
    places: dict[Place, list[Standing]] = field(default_factory=lambda: defaultdict(list))

    def see(self, person: Person, channel: Channel) -> list[tuple[Seen, str | None]]:
        """Whatever of Comity's a person sees there, in its order, and what it stands under."""
        found: list[tuple[Seen, str | None]] = []
        for top in person.sees(channel):
            found.append((top, None))
            if top.replies:
                found += [(one, top.ts) for one in person.sees(channel, top.ts) if one.ts != top.ts]
        return sorted(((one, below) for one, below in found if one.raw["user"] in self.bots), key=lambda it: it[0].ts)

    def find(self, number: str) -> tuple[Place, Standing]:
        """The message with this local id."""
        return next((place, one) for place, there in self.places.items() for one in there if one.number == number)

    def enter(
        self, place: Place, to: str | None, seen: list[tuple[Seen, str | None]], expected: list[Expected]
    ) -> None:
        """What is new to these readers is what was expected, in its order; fails if it is not."""
        known = {one.ts for one in self.places[place]}
        new = [(one, below) for one, below in seen if one.ts not in known and one.private is (to is not None)]
        for one, due in zip(new, expected, strict=False):
            line, below = line_seen(one[0]), one[1]
            assert line == due.line, f"{place}, to {to}: there is\n{line}\nin place of\n{due.line}"
            assert below in due.below, f"{place}, to {to}: it stands under {below}, not {due.below}:\n{line.words}"
            self.places[place].append(Standing(one[0].ts, to, line, below, due.number))
        more = [one.text for one, _ in new[len(expected) :]] or [one.line.words for one in expected[len(new) :]]
        assert len(new) == len(expected), f"{place}, to {to}: {len(expected)} are due, {len(new)} there: {more}"

    def check(self, place: Place, name: str | None, seen: Iterable[tuple[Seen, str | None]]) -> None:
        """This person sees just what stands there for all and for them."""
        mine = [one for one in self.places[place] if one.to in {None, name}]
        expected = {one.ts: (one.line, one.below, one.to is not None) for one in mine}
        assert {one.ts: (line_seen(one), below, one.private) for one, below in seen} == expected, (place, name)

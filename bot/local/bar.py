"""The line above everything in the terminal: as whom one is here, and what time it is; it only shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from bot.local.posted import name_of
from commands.message import Instant
from commands.plain import instant_text

if TYPE_CHECKING:
    from datetime import datetime

    from textual.app import ComposeResult

    from storage.words import Address


class Bar(Horizontal):
    def __init__(self) -> None:
        super().__init__()
        self._who = Static(id="who")
        self._clock = Static(id="clock")

    def compose(self) -> ComposeResult:
        yield Static("Comity", id="name")
        yield Static("local workspace", id="kind")
        yield self._who
        yield self._clock

    def show(self, person: Address, now: datetime) -> None:
        self._who.update(Content.assemble("you are ", (name_of(person), "bold $text-primary")))
        self._clock.update(instant_text(Instant(now, ("UTC",))))

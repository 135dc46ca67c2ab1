"""What happens in the rooms as lines that people read and tests compare; it decides nothing."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, assert_never

from bot.local.posted import COMITY, Event, Happening, is_direct, name_of
from bot.text import render
from commands.message import Instant, Message, Picture
from commands.plain import inert, instant_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime


class Transcript:
    """Writes a block for each message and each change; a block comes without its last line break, so `print` fits."""

    def __init__(self, write: Callable[[str], None], *, rehearsal: bool = False) -> None:
        self._write = write
        self._rehearsal = rehearsal
        self._held: list[Event] | None = None

    def hear(self, event: Event) -> None:
        if self._held is None:
            self._say(f"{_where(event)} {self._deed(event)}")
        else:
            self._held.append(event)

    def clock(self, now: datetime) -> None:
        self._say(f"clock {instant_text(Instant(now, ('UTC',)))}")

    @contextmanager
    def operator(self, line: str) -> Iterator[Callable[[Message], None]]:
        """The operator's command; what it sets off in the rooms is shown after its answer, which the caller gives."""
        self._say(f"operator: {inert(line)}")
        self._held = []
        try:
            yield lambda answer: self._say(f"(to operator) Comity: {self._words(answer)}")
        finally:
            held, self._held = self._held, None
            for event in held:
                self.hear(event)

    def _deed(self, event: Event) -> str:
        who = "Comity" if event.by == COMITY else name_of(event.by)
        match event.what:
            case Happening.POSTED:
                # of ours the words say it, and where they were put is no two runs' same
                written = () if event.by == COMITY else event.message.files
                files = "".join(f"\n+ {inert(Path(file).name)}" for file in written)
                return f"{who}: {self._words(event.message.body)}{files}"
            case Happening.EDITED:
                return f"{who} edits: {self._words(event.message.body)}"
            case Happening.DELETED:
                return f"{who} deletes: {self._words(event.detail)}"
            case Happening.PRESSED:
                return f"{who} presses [{inert(event.detail)}]"
            case Happening.REACTED:
                return f"{who} reacts {inert(event.detail)}"
            case _:
                assert_never(event.what)

    def _words(self, body: str | Message) -> str:
        return inert(body) if isinstance(body, str) else render(_pictured(body), rehearsal=self._rehearsal)

    def _say(self, block: str) -> None:
        """Further lines are indented, so that no words of a person can pass for a block of their own."""
        self._write("\n".join(line.rstrip() for line in block.replace("\n", "\n  ").split("\n")))


def _pictured(message: Message) -> Message:
    """With a mark where other platforms show a picture."""
    blocks = (
        replace(block, title=f"[picture: {block.title}]") if isinstance(block, Picture) else block
        for block in message.blocks
    )
    return replace(message, blocks=tuple(blocks))


def _where(event: Event) -> str:
    posted = event.message
    direct = is_direct(posted.place)
    where = ["direct" if direct else f"#{name_of(posted.place)}"]
    if posted.label:
        where.append(f"[{posted.label}]")
    if event.by == COMITY and (direct or posted.to):
        reader = name_of(posted.to) if posted.to else name_of(posted.place).removeprefix("@")
        where.append(f"(to {reader})")
    return " ".join(where)

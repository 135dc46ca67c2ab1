"""A play as a transcript: what people did and read at their clients, in the form of the local one; it hears nothing."""

from __future__ import annotations

from bot.local.posted import Event, Happening, Posted, is_direct, name_of
from storage.words import Place
from tests.screenplay import Said

_DEEDS = {
    Happening.POSTED: ": {}", Happening.EDITED: " edits: {}", Happening.DELETED: " deletes: {}",
    Happening.REACTED: " reacts {}", Happening.PRESSED: " presses [{}]",
}  # fmt: skip


class Telling:
    """`blocks`: one for each thing that was done or said.

    In a rehearsal every message says so beside its marking; that is left out.
    """

    def __init__(self) -> None:
        self.blocks: list[str] = []
        self._labels: dict[str, str] = {}
        """The reference below which each message stands, or which it begins."""

    def deed(self, platform: str, event: Event, what: Happening, words: str) -> None:
        """`what` it is there: a press on Matrix is typed."""
        posted: Posted = event.message
        label = posted.label or self._labels.get(posted.root or posted.id)
        deed = _DEEDS[what].format(words)
        self._tell(f"{_where(platform, posted.place, label)} {name_of(event.by)}{deed}")

    def said(self, platform: str, said: Said, shown: tuple[Place, str] | None) -> None:
        """`shown`: where it is to be read, and the words; None of what is not said there."""
        delivery = said.delivery
        label = delivery.root_of or self._labels.get(delivery.edits or delivery.thread or "")
        if label is not None:
            self._labels[said.message] = label
        if shown is not None:
            place, words = shown
            to = f" (to {name_of(delivery.to)})" if delivery.to else ""
            edits = " edits" if delivery.edits else ""
            self._tell(f"{_where(platform, place, label)}{to} Comity{edits}: {_unrehearsed(words)}")

    def _tell(self, block: str) -> None:
        """Further lines are indented."""
        self.blocks.append("\n  ".join(line.rstrip() for line in block.splitlines()))


def _where(platform: str, place: Place, label: str | None) -> str:
    if is_direct(place):
        return f"{platform} direct"
    return f"{platform} #{name_of(place)}" + (f" [{label}]" if label else "")


def _unrehearsed(words: str) -> str:
    lines = words.replace("REHEARSAL TLP", "TLP").splitlines()
    return "\n".join(line for line in lines if line != "REHEARSAL")

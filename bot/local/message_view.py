"""One message in the terminal: who, when, for whom, and between its markings what; it draws no block itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from textual.containers import Vertical
from textual.content import Content
from textual.message import Message as Notice

from bot.local.blocks import Part, as_widgets, content, drawn
from bot.local.posted import Posted, name_of
from bot.text import badge_text, render
from commands.message import Message, Paragraph
from commands.plain import day_text, inert
from storage.words import Marking

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.app import ComposeResult

# TLP 2.0 prescribes these colours, on black: https://www.first.org/tlp/
_TLP = {
    Marking.CLEAR: "#FFFFFF on #000000",
    Marking.GREEN: "#33FF00 on #000000",
    Marking.AMBER: "#FFC000 on #000000",
    Marking.STRICT: "#FFC000 on #000000",
    Marking.RED: "#FF2B2B on #000000",
    None: "#FFFFFF on #000000",
}


class MessageView(Vertical):
    """A message as it stands; `show` draws it anew after a change, a click opens its thread."""

    class Opened(Notice):
        def __init__(self, root: str) -> None:
            super().__init__()
            self.root = root

    def __init__(self, posted: Posted, *, rehearsal: bool = False) -> None:
        super().__init__()
        self.posted = posted
        self._rehearsal = rehearsal
        self.set_class(posted.ours, "-comity")
        self.set_class(posted.root is not None, "-reply")
        self.set_class(posted.to is not None, "-private")

    async def show(self, posted: Posted) -> None:
        self.posted = posted
        await self.recompose()

    def on_click(self) -> None:
        root = self.posted.root or self.posted.id
        if self.screen.get_selected_text() or (self.posted.root is None and self.posted.to is not None):
            return  # who marks words wants to copy them; below what one alone sees, nobody else would see the answer
        self.post_message(self.Opened(root))

    def compose(self) -> ComposeResult:
        yield from as_widgets(self._parts())

    def _parts(self) -> Iterator[Part]:
        posted = self.posted
        if posted.deleted:
            yield _joined(self._head(), Content.styled("deleted", "$quiet italic"))
            return
        match posted.body:
            case str(words):
                yield self._head()
                yield Content(inert(words))
            case Message(blocks=(Paragraph(spans),)) as message:
                badge = self._badge(message)
                yield self._head()
                yield _joined(badge, content(spans), badge)
            case message:
                badge = self._badge(message)
                yield self._head(badge)
                yield from (drawn(block, posted.id) for block in message.blocks)
                if badge:
                    yield badge
        if posted.ours:  # put there to be opened
            yield from (Content.styled(inert(f"+ {file}"), "$quiet") for file in posted.files)
        files = () if posted.ours else (f"+ {Path(file).name}" for file in posted.files)
        marks = [*files, *posted.reactions]
        if marks:
            yield Content.styled(inert("  ".join(marks)), "$quiet")

    def _head(self, badge: Content | None = None) -> Content:
        posted = self.posted
        changed = posted.revision and not posted.ours and not posted.deleted
        return _joined(
            Content.styled("Comity" if posted.ours else name_of(posted.author), "bold"),
            Content.styled(f"{day_text(posted.at)} {posted.at:%H:%M}", "$quiet"),
            Content.styled("edited", "$quiet italic") if changed else None,
            badge,
            Content.styled("only you see this", "$text-secondary italic") if posted.to else None,
        )

    def _badge(self, message: Message) -> Content | None:
        words = badge_text(message, rehearsal=self._rehearsal)
        return Content.styled(f" {words} ", _TLP[message.marking]) if words else None


def summary(posted: Posted) -> str:
    """The first line, by which a person knows a thread again."""
    body = posted.body if isinstance(posted.body, str) else render(Message(None, posted.body.blocks[:1]))
    words = inert(body).partition("\n")[0]
    return words if not posted.label or posted.label in words else f"{posted.label}  {words}"


def _joined(*parts: Content | None) -> Content:
    return Content(" ").join(part for part in parts if part is not None)

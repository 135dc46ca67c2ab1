"""The lines that a person types in the terminal, completed as they type; it sends nothing itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from textual import on, work
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message as Notice
from textual.widgets import OptionList, TextArea
from textual.widgets.option_list import Option

from bot.local.line import Line
from bot.local.recall import Recall
from commands.plain import inert

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from textual.app import ComposeResult

    from bot.local.standpoint import Standpoint
    from storage.words import Address, Place

    Complete = Callable[[str, Address, Place], Awaitable[list[str]]]
    """The whole lines that this one may become, best first; it may take its time, and raises nothing."""


class _Typed(NamedTuple):
    line: str
    person: Address
    place: Place


class Prompt(Vertical):
    """A text area that grows with its text, and the completions above it."""

    KEYS = (
        Binding("enter", "send"),
        Binding("tab", "complete", key_display="Tab", tooltip="take the completion that is marked"),
        Binding("up", "go(-1)", key_display="Up Down", tooltip="choose a completion; or what you sent before"),
        Binding("down", "go(1)"),
        Binding("ctrl+j,alt+enter", "break_line", key_display="Ctrl+J", tooltip="begin a new line"),
    )

    class Sent(Notice):
        def __init__(self, text: str, files: tuple[Path, ...]) -> None:
            super().__init__()
            self.text = text
            self.files = files

    def __init__(self, complete: Complete, person: Address, place: Place) -> None:
        super().__init__()
        self._complete = complete
        self._person, self._place = person, place
        self._menu = OptionList(markup=False, compact=True)
        self._menu.can_focus = False
        self._line = Line(self, self.KEYS)
        self._recall = Recall()
        self._files: tuple[Path, ...] = ()
        self._aside = ""
        self._offered: list[str] = []
        self._offered_for: _Typed | None = None
        self._looking = False

    def compose(self) -> ComposeResult:
        yield self._menu
        yield self._line

    def on_mount(self) -> None:
        self._offer([])

    def address(self, here: Standpoint, aside: str = "") -> None:
        """Whom the next line is from and where it goes."""
        self._person, self._place = here.person, here.place
        self.border_title = Content(here.title).markup
        self._line.placeholder = here.invitation
        self._aside = aside
        self._show_aside()

    def attach(self, *files: Path) -> None:
        """These go with the next text; none takes them away again."""
        self._files = files
        self._show_aside()

    def _show_aside(self) -> None:
        parts = [*(f"+ {file.name}" for file in self._files), self._aside]
        self.border_subtitle = Content("  ".join(filter(None, parts))).markup

    def take_focus(self) -> None:
        # At once: Widget.focus() would wait behind the keys that have come meanwhile.
        self.screen.set_focus(self._line)

    def give_back(self, text: str, files: tuple[Path, ...]) -> None:
        """It could not be sent; whatever was typed since stands behind it."""
        self._line.write("\n".join(filter(None, (text, self._line.text))))
        self.attach(*files)

    def close_menu(self) -> bool:
        """Whether there was one."""
        was_open = bool(self._offered)
        self._offer([])
        return was_open

    # Sending

    def action_send(self) -> None:
        text, files = self._line.text.strip(), self._files
        if not text and not files:
            return
        if text:
            self._recall.keep(text)
        self._write("")
        self.attach()
        self.post_message(self.Sent(text, files))

    def action_break_line(self) -> None:
        self._line.insert("\n")

    # Completing

    @on(TextArea.Changed)
    def _follow_the_typing(self) -> None:
        if not self._looking:
            self._look()

    @work
    async def _look(self) -> None:
        self._looking = True
        try:
            await self._look_up()
        finally:
            self._looking = False

    async def _look_up(self) -> None:
        """Until what is offered fits what is typed: nobody who types waits for it, and nothing late is ever shown."""
        while self._offered_for != (typed := self._typed()):
            known = typed.line and "\n" not in typed.line
            lines = await self._complete(*typed) if known else []
            if typed == self._typed():
                self._offer([line for line in lines if line != typed.line])

    async def action_complete(self) -> None:
        """Tab is meant for the completions of what was typed before it, also where they are not on the screen yet."""
        if not self._offered:
            self._offered_for = None
        await self._look_up()
        if self._offered and self._menu.highlighted is not None:
            self._line.write(self._offered[self._menu.highlighted])
            await self._look_up()

    async def action_go(self, by: int) -> None:
        """Through the menu where it is open, through the text where it has more lines, else through what was sent."""
        await self._look_up()
        line = self._line
        if self._offered:
            (self._menu.action_cursor_up if by < 0 else self._menu.action_cursor_down)()
        elif by < 0 and not line.navigator.is_first_wrapped_line(line.cursor_location):
            line.action_cursor_up()
        elif by > 0 and not line.navigator.is_last_wrapped_line(line.cursor_location):
            line.action_cursor_down()
        else:
            self._write(self._recall.go(by, line.text))

    @on(OptionList.OptionSelected)
    def _take_clicked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._line.write(event.option_id or "")
        self.take_focus()

    def _typed(self) -> _Typed:
        return _Typed(self._line.text, self._person, self._place)

    def _write(self, text: str) -> None:
        """What is recalled opens no menu."""
        self._line.write(text)
        self._offer([])

    def _offer(self, lines: list[str]) -> None:
        """Show of each line what follows the last word that is typed already."""
        self._offered, self._offered_for = lines, self._typed()
        known = self._line.text.rfind(" ") + 1
        self._menu.set_options(Option(inert(line[known:]), line) for line in lines)
        self._menu.display = bool(lines)
        if lines:
            self._menu.highlighted = 0

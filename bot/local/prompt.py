"""The lines that a person types in the terminal, completed as they type; it sends nothing itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Protocol

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message as Notice
from textual.widgets import OptionList, TextArea

from bot.text import inert

if TYPE_CHECKING:
    from pathlib import Path

    from textual.app import ComposeResult

    from storage.words import Address, Place


class Completer(Protocol):
    def complete(self, line: str, person: Address, place: Place) -> list[str]:
        """The whole lines that this one may become, best first; none where nothing is known."""
        ...


class _Area(TextArea, inherit_bindings=False):
    """Leaves F6 and F7 to the terminal, whose footer would otherwise show them first."""

    BINDINGS: ClassVar[list[BindingType]] = [
        key for key in TextArea.BINDINGS if isinstance(key, Binding) and key.key not in {"f6", "f7"}
    ]


class Prompt(Vertical):
    """A text area that grows with its text, and the completions above it."""

    # Priority, or the text area would take them for itself.
    KEYS = (
        Binding("tab", "complete", show=False, priority=True, key_display="Tab", tooltip="take the first completion"),
        Binding("up", "go(-1)", show=False, priority=True, key_display="Up", tooltip="choose; or what you sent before"),
        Binding("down", "go(1)", show=False, priority=True),
        Binding("enter", "send", show=False, priority=True),
        Binding(
            "ctrl+j,alt+enter",
            "break_line",
            show=False,
            priority=True,
            key_display="Ctrl+J",
            tooltip="begin a new line",
        ),
    )
    BINDINGS: ClassVar[list[BindingType]] = [*KEYS]

    class Sent(Notice):
        def __init__(self, text: str, files: tuple[Path, ...]) -> None:
            super().__init__()
            self.text = text
            self.files = files

    def __init__(self, completer: Completer, person: Address, place: Place) -> None:
        super().__init__()
        self._completer = completer
        self._person, self._place = person, place
        self._menu = OptionList(markup=False, compact=True)
        self._menu.can_focus = False
        self._line = _Area(compact=True, highlight_cursor_line=False, placeholder="Write, or type / and what you want")
        self._files: tuple[Path, ...] = ()
        self._offered: list[str] = []
        self._history: list[str] = []
        self._recalled = 0

    def compose(self) -> ComposeResult:
        yield self._menu
        yield self._line

    def on_mount(self) -> None:
        self._offer([])

    def address(self, person: Address, place: Place, title: str) -> None:
        """Whom the next line is from and where it goes."""
        self._person, self._place = person, place
        self.border_title = Content(title).markup

    def attach(self, file: Path | None) -> None:
        """The file goes with the next text; None takes it away again."""
        self._files = (file,) if file else ()
        self.border_subtitle = Content(f"+ {file.name}").markup if file else ""

    def take_focus(self) -> None:
        self._line.focus()

    def close_menu(self) -> bool:
        """Whether there was one."""
        was_open = bool(self._offered)
        self._offer([])
        return was_open

    @on(TextArea.Changed)
    def _complete_as_typed(self) -> None:
        self._offer(self._completions() if self._line.text else [])

    @on(OptionList.OptionSelected)
    def _take_clicked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._write(self._offered[event.option_index])
        self._offer(self._completions())
        self.take_focus()

    def action_send(self) -> None:
        text, files = self._line.text.strip(), self._files
        if not text and not files:
            return
        if text:
            self._history.append(text)
        self._recalled = len(self._history)
        self._write("")
        self._offer([])
        self.attach(None)
        self.post_message(self.Sent(text, files))

    def action_break_line(self) -> None:
        self._line.insert("\n")

    def action_complete(self) -> None:
        if self._offered and self._menu.highlighted is not None:
            self._write(self._offered[self._menu.highlighted])
        self._offer(self._completions())

    def action_go(self, by: int) -> None:
        """Through the menu where it is open, through the text where it has more lines, else through what was sent."""
        line = self._line
        if self._offered:
            (self._menu.action_cursor_up if by < 0 else self._menu.action_cursor_down)()
        elif by < 0 and not line.navigator.is_first_wrapped_line(line.cursor_location):
            line.action_cursor_up()
        elif by > 0 and not line.navigator.is_last_wrapped_line(line.cursor_location):
            line.action_cursor_down()
        else:
            self._recalled = min(max(0, self._recalled + by), len(self._history))
            self._write([*self._history, ""][self._recalled])
            self._offer([])

    def _completions(self) -> list[str]:
        typed = self._line.text
        if "\n" in typed:
            return []
        return [line for line in self._completer.complete(typed, self._person, self._place) if line != typed]

    def _offer(self, lines: list[str]) -> None:
        """Show of each line what follows the last word that is typed already."""
        self._offered = lines
        known = self._line.text.rfind(" ") + 1
        self._menu.set_options([inert(line[known:]) for line in lines])
        self._menu.display = bool(lines)
        if lines:
            self._menu.highlighted = 0

    def _write(self, text: str) -> None:
        with self._line.prevent(TextArea.Changed):  # what is recalled opens no menu
            self._line.text = text
        self._line.move_cursor(self._line.document.end)

"""The buttons of a message, side by side and wrapped; pressing one tells the app, which alone acts."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.content import Content
from textual.geometry import NULL_OFFSET, Region, Size, Spacing
from textual.layout import ArrangeResult, Layout, WidgetPlacement
from textual.message import Message as Notice
from textual.widgets import Static

from commands.plain import inert

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.events import Click
    from textual.screen import Screen
    from textual.widget import Widget

    from commands.message import Button

_GAP = 1


class MessageButton(Static, can_focus=True):
    """One line high, as Textual's own buttons are not."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "press", show=False),
        Binding("right,down", "go(1)", show=False),
        Binding("left,up", "go(-1)", show=False),
    ]

    class Pressed(Notice):
        def __init__(self, message: str, button: Button) -> None:
            super().__init__()
            self.message = message
            self.button = button

    def __init__(self, message: str, button: Button) -> None:
        self.words = Content(f" {inert(button.label)} ")
        super().__init__(self.words)
        self._message = message
        self._button = button

    def action_press(self) -> None:
        self.post_message(self.Pressed(self._message, self._button))

    def action_go(self, by: int) -> None:
        """To the next button, or the one before, of any message."""
        (self.screen.focus_next if by > 0 else self.screen.focus_previous)(MessageButton)

    def on_click(self, event: Click) -> None:
        event.stop()  # a click beside a button opens the thread
        self.action_press()


class _Flow(Layout):
    """Beside one another as words in a line, and on to the next line where the width ends."""

    name = "flow"

    def arrange(  # the signature is Textual's
        self,
        parent: Widget,
        children: list[Widget],
        size: Size,
        greedy: bool = True,  # noqa: ARG002, FBT001, FBT002
    ) -> ArrangeResult:
        parent.pre_layout(self)
        x = y = 0
        placements = []
        for child in children:
            width = child.words.cell_length if isinstance(child, MessageButton) else 0
            if x and x + width > size.width:
                x, y = 0, y + 1
            placements.append(WidgetPlacement(Region(x, y, width, 1), NULL_OFFSET, Spacing(), child))
            x += width + _GAP
        return placements


_FLOW = _Flow()


class Buttons(Container):
    def __init__(self, message: str, buttons: tuple[Button, ...]) -> None:
        super().__init__()
        self._message = message
        self._buttons = buttons

    @property
    def layout(self) -> Layout:
        return _FLOW

    def compose(self) -> ComposeResult:
        for button in self._buttons:
            yield MessageButton(self._message, button)


def go_to_buttons(screen: Screen[object]) -> None:
    """To the first button of the newest message that has any; from one button to the one before it."""
    groups = screen.query(Buttons)
    if isinstance(screen.focused, MessageButton) or not groups:
        screen.focus_previous()
    else:
        screen.set_focus(groups.last().query(MessageButton).first())

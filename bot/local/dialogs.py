"""What the terminal asks or shows in a window of its own; it only hands the answer back."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.widget import Widget


_KEYS = "Enter takes it, Esc leaves all as it is"


class Choice(ModalScreen[str | None]):
    """One of several (value, words); Enter on the first screen takes the one after the present one."""

    BINDINGS: ClassVar[list[BindingType]] = [("escape", "dismiss", "Close")]

    def __init__(self, title: str, choices: Sequence[tuple[str, Content]], present: str) -> None:
        super().__init__()
        self._title = title
        self._choices = choices
        self._values = [value for value, _ in choices]
        self._present = present

    def compose(self) -> ComposeResult:
        with Vertical() as window:
            window.border_title, window.border_subtitle = self._title, _KEYS
            choices = OptionList(*(Option(words, value) for value, words in self._choices), compact=True)
            if self._present in self._values:
                choices.highlighted = (self._values.index(self._present) + 1) % len(self._values)
            yield choices

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option_id)


class Question(ModalScreen[str | None]):
    """One line; `check` says what is wrong with it, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [("escape", "dismiss", "Close")]

    def __init__(self, title: str, example: str, check: Callable[[str], str | None]) -> None:
        super().__init__()
        self._title = title
        self._example = example
        self._check = check
        self._problem = Static("", markup=False, classes="problem")

    def compose(self) -> ComposeResult:
        with Vertical() as window:
            window.border_title, window.border_subtitle = self._title, _KEYS
            yield Input(placeholder=self._example, compact=True)
            yield self._problem

    def on_input_submitted(self, event: Input.Submitted) -> None:
        problem = self._check(event.value.strip())
        if problem is None:
            self.dismiss(event.value.strip())
        else:
            self._problem.update(problem)


class Page(ModalScreen[None]):
    """Something to read."""

    BINDINGS: ClassVar[list[BindingType]] = [("escape,enter,f1", "dismiss", "Close")]

    def __init__(self, title: str, *parts: Widget) -> None:
        super().__init__()
        self._title = title
        self._parts = parts

    def compose(self) -> ComposeResult:
        with VerticalScroll() as window:
            window.border_title = self._title
            window.border_subtitle = "Esc closes"
            yield from self._parts

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
    from textual.events import Key
    from textual.widget import Widget


_KEYS = "Enter takes it, Esc leaves all as it is"
_CHOICE_KEYS = "Arrows or first letters, Enter takes it, Esc leaves"


class Choice(ModalScreen[str | None]):
    """One of several (value, words), by the arrows or by its first letters.

    `first` is marked at once, so that Enter takes it; where it is not among them, the one after the present one.
    """

    BINDINGS: ClassVar[list[BindingType]] = [("escape", "dismiss", "Close")]

    def __init__(
        self, title: str, choices: Sequence[tuple[str, Content]], present: str, first: str | None = None
    ) -> None:
        super().__init__()
        self._title = title
        self._words = [words.plain.lstrip("#").casefold() for _, words in choices]
        self._options = OptionList(*(Option(words, value) for value, words in choices), compact=True)
        self._begun = ""
        values = [value for value, _ in choices]
        if first in values and first != present:
            self._options.highlighted = values.index(first)
        elif present in values:
            self._options.highlighted = (values.index(present) + 1) % len(values)

    def compose(self) -> ComposeResult:
        with Vertical() as window:
            window.border_title, window.border_subtitle = self._title, _CHOICE_KEYS
            yield self._options

    def on_key(self, event: Key) -> None:
        """What begins with the letters so far; a letter that fits nothing begins anew."""
        letter = event.character
        if letter is None or not event.is_printable or letter.isspace():
            return
        for begun in (self._begun + letter.casefold(), letter.casefold()):
            found = next((number for number, words in enumerate(self._words) if words.startswith(begun)), None)
            if found is not None:
                self._begun, self._options.highlighted = begun, found
                return

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
            event.input.select_all()  # what is typed next takes its place


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
            window.border_subtitle = "Down shows more, Esc closes"
            yield from self._parts

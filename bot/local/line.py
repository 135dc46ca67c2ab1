"""The text area of the prompt, which takes each key in its turn; what a line means is not known here."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.widgets import TextArea

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual import events
    from textual.widget import Widget

_NOT_OURS = frozenset({"pageup", "pagedown", "f6", "f7"})
"""Keys of Textual's own text area that do something else here, for the whole terminal."""


class Line(TextArea, inherit_bindings=False):
    """Grows with its text. `keys` are performed by `owner`, and come before the editing keys.

    A letter is typed as soon as this widget hears of it. A binding takes a longer way: up to the app and back, or, with
    priority, none at all. In a line that is pasted, or typed fast, Enter would overtake the last letters, and the next
    letters a Backspace. So every key that edits or sends is performed here, when its turn comes, and nothing that was
    typed behind it is looked at before it is done.
    """

    BINDINGS: ClassVar[list[BindingType]] = []

    def __init__(self, owner: Widget, keys: Iterable[Binding]) -> None:
        super().__init__(compact=True, highlight_cursor_line=False)
        editing = (binding for binding in TextArea.BINDINGS if isinstance(binding, Binding))
        self._deeds = _deeds(editing, self) | _deeds(keys, owner)

    async def on_key(self, event: events.Key) -> None:
        if event.key in self._deeds:
            event.stop()
            event.prevent_default()
            await self.app.run_action(*self._deeds[event.key])

    def write(self, text: str) -> None:
        """Another text in place of this one, to be gone on with at its end."""
        self.text = text
        self.move_cursor(self.document.end)


def _deeds(bindings: Iterable[Binding], doer: Widget) -> dict[str, tuple[str, Widget]]:
    """What each key does, and who does it."""
    return {key: (binding.action, doer) for binding in bindings for key in set(binding.key.split(",")) - _NOT_OURS}

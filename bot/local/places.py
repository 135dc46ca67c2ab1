"""The places of a person in the terminal, with what is unread in each; it goes nowhere itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from bot.local.posted import is_direct, name_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from storage.words import Place

_WIDTH = 13


class Places(OptionList, can_focus=False):
    def show(self, unread: Mapping[Place, int], present: Place) -> None:
        self.set_options(Option(place_line(place, count), place) for place, count in unread.items())
        self.highlighted = list(unread).index(present) if present in unread else None


def title_of(place: Place) -> str:
    return "direct" if is_direct(place) else f"#{name_of(place)}"


def place_line(place: Place, unread: int) -> Content:
    """The name on the left, the count, if there is one, on the right."""
    if not unread:
        return Content(title_of(place))
    count = str(unread)
    name = Content.styled(title_of(place), "bold").truncate(_WIDTH - len(count) - 1, ellipsis=True)
    return Content.assemble(name, " " * (_WIDTH - name.cell_length - len(count)), (count, "$text-warning bold"))

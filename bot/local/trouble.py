"""What went wrong, said in one line on the screen and logged in full; the terminal goes on."""

from __future__ import annotations

import logging
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from textual.widgets import Static

if TYPE_CHECKING:
    from pathlib import Path

log = logging.getLogger(__name__)


class Trouble(Static):
    """Hidden while there is none. `file` is where the log is written."""

    def __init__(self, file: Path | None) -> None:
        super().__init__(markup=False)
        self._more = f"{file} says more" if file else "the log says more"
        self.display = False

    def instead_of_ending(self, what: str) -> _Kept:
        """Whatever is raised within ends there; `what` says what that means for the person at the keys."""
        return _Kept(self, what)

    def say(self, what: str, error: Exception) -> None:
        log.error("the terminal goes on", exc_info=error)
        self.update(f"{what} ({type(error).__name__}; {self._more}).")
        self.display = True

    def clear(self) -> None:
        self.display = False


class _Kept(AbstractContextManager[None, bool]):
    """A class, because only so a type checker knows that the code behind it is reached."""

    def __init__(self, trouble: Trouble, what: str) -> None:
        self._trouble = trouble
        self._what = what

    def __exit__(self, _type: object, error: BaseException | None, _trace: object) -> bool:
        if not isinstance(error, Exception):
            return False
        self._trouble.say(self._what, error)
        return True

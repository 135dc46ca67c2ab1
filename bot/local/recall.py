"""What was sent before, to be sent again; it knows no key and no widget."""

from __future__ import annotations


class Recall:
    """The lines that were sent, the oldest first, and behind them the one that is being written."""

    def __init__(self) -> None:
        self._sent: list[str] = []
        self._draft = ""
        self._at = 0

    def keep(self, text: str) -> None:
        """It was sent; the next line begins empty."""
        self._sent.append(text)
        self._draft, self._at = "", len(self._sent)

    def go(self, by: int, present: str) -> str:
        """The line that stands `by` lines further; what is being written is found again behind the last."""
        if self._at == len(self._sent):
            self._draft = present
        self._at = min(max(0, self._at + by), len(self._sent))
        return [*self._sent, self._draft][self._at]

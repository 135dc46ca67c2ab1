"""Several ways of doing the same, timed in turns, since a busy machine slows them alike; it knows nothing of Comity."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import ceil
from statistics import median


@dataclass(frozen=True)
class Round:
    """One round of one way: the seconds from its begin to its end, and those of each piece of work in it."""

    seconds: float
    pieces: list[float]


@dataclass
class Series:
    """The rounds of one way."""

    rounds: list[Round] = field(default_factory=list)

    @property
    def rates(self) -> list[float]:
        return [len(each.pieces) / each.seconds for each in self.rounds]

    @property
    def rate(self) -> float:
        """Pieces a second, of the median round."""
        return median(self.rates)

    def within(self, share: float) -> float:
        """The seconds within which this share of the pieces was done: 0.5 gives the median."""
        pieces = sorted(piece for each in self.rounds for piece in each.pieces)
        return pieces[ceil(share * len(pieces)) - 1]

    def ratio(self, floor: Series) -> float:
        """Its rate to the floor's: the median of the rounds, each beside the floor's round of the same turn."""
        return median(own / other for own, other in zip(self.rates, floor.rates, strict=True))


def in_turns(ways: Mapping[str, Callable[[], Round]], turns: int) -> dict[str, Series]:
    """A B C, A B C, ...; the first turn is not counted, since caches fill in it."""
    series = {name: Series() for name in ways}
    for number in range(turns + 1):
        for name, way in ways.items():
            gc.collect()  # what one way left behind is not swept up at another's expense
            done = way()
            if number:
                series[name].rounds.append(done)
    return series

"""The clock of the embedded workspace, which people move forwards to see what becomes due; it performs nothing."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

END = datetime(3000, 1, 1, tzinfo=UTC)

_AHEAD = re.compile(r"\+(\d{1,5})([dhm])")
_UNITS = {"d": "days", "h": "hours", "m": "minutes"}


class ClockError(Exception):
    """The clock cannot be moved like this; the text says what can be written."""


def moved(now: datetime, how: str) -> datetime:
    """Where `+3d`, `+2h`, `+30m` or an ISO instant with its zone moves a clock that stands at `now`."""
    ahead = _AHEAD.fullmatch(how)
    then = now + timedelta(**{_UNITS[ahead[2]]: int(ahead[1])}) if ahead else _instant(how)
    if not now <= then < END:
        raise ClockError(f"the clock stands at {now:%Y-%m-%dT%H:%MZ} and goes forwards only, up to {END:%Y}")
    return then.astimezone(UTC)


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise ClockError(f"cannot read the clock {text!r}: write +3d, +2h, +30m or 2026-12-01T09:00Z") from None
    if instant.tzinfo is None:
        raise ClockError(f"the clock {text} needs a zone: {text}Z is UTC")
    return instant


class RunningClock:
    """Runs with the machine's clock, ahead of it by as much as it was moved; it never goes backwards."""

    def __init__(self, real: Callable[[], datetime], not_before: datetime) -> None:
        self._real = real
        self._ahead = max(timedelta(), not_before - real())

    def now(self) -> datetime:
        return self._real() + self._ahead

    def move(self, how: str) -> datetime:
        """As `moved`; returns where it stands then."""
        now = self.now()
        self._ahead += moved(now, how) - now
        return self.now()

"""How long the summaries of hostile mails take: each beside hashing the same bytes, which every file costs."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO

from commands.rules.mail import read_mail
from tests.hostile_mail import ALL


@dataclass(frozen=True)
class Read:
    """Seconds."""

    name: str
    took: float
    floor: float


def measure(times: int) -> list[Read]:
    """The best of so many, the slowest mail first."""
    found = []
    for name, build in ALL.items():
        raw = build()
        took = _best(times, lambda raw=raw: read_mail(BytesIO(raw)))  # type: ignore[misc]  # a default binds it
        floor = _best(times, lambda raw=raw: hashlib.sha256(raw))  # type: ignore[misc]  # as above
        found.append(Read(name, took, floor))
    return sorted(found, key=lambda one: one.took, reverse=True)


def _best(times: int, do: Callable[[], object]) -> float:
    took = []
    for _ in range(times):
        began = time.monotonic()
        do()
        took.append(time.monotonic() - began)
    return min(took)

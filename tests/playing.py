"""Plays a screenplay on the stages of one or several platforms: the same deeds there, and the same is heard thereupon.

It decides nothing about what Comity should say: that is in the screenplay, and in how each platform shows it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from bot.local.posted import Event, Happening, direct_place
from storage.words import Address, Place
from tests import progress
from tests.cast import Cast
from tests.comity import WITHIN, Comity
from tests.screenplay import Said, Screenplay
from tests.telling import Telling


@dataclass(frozen=True)
class Deed:
    """What somebody did there, the words that they typed or pressed, and the local root that answers come below."""

    what: Happening
    words: str
    at: str | None


class Stage(Protocol):
    """A platform where some of the local places are."""

    platform: str

    def holds(self, place: Place) -> bool: ...

    async def act(self, event: Event, said: Sequence[Said]) -> Deed:
        """Do the same here, and wait until it is performed; `said` is what is to be said thereupon."""
        ...

    async def hear(self, said: Sequence[Said], at: str | None) -> None:
        """Just this was said here meanwhile, in order, and to whom it was to be said."""
        ...

    def shown(self, message: str) -> tuple[Place, str] | None:
        """Where the message with this local id is, and what it says at a client now; None if it is not there."""
        ...

    async def noted(self) -> datetime:
        """Say something of no consequence; at what time it was taken, by the program's clock."""
        ...

    async def look_back(self, members: Mapping[Place, Iterable[Address]]) -> None:
        """Nothing was said that no scene was about, and nobody reads along who does not in the local workspace."""
        ...


async def play(screenplay: Screenplay, comity: Comity, cast: Cast, *stages: Stage) -> list[str]:
    """All scenes, each heard before the next; the program's clock is COMITY_CLOCK. Returns the transcript's blocks."""
    telling = Telling()

    def stage_of(place: Place) -> Stage:
        return next(stage for stage in stages if stage.holds(place))

    for scene in screenplay.scenes:
        deed, acting = None, None
        match scene.cause:
            case Event() as event:
                acting = stage_of(event.message.place)
                deed = await acting.act(event, scene.said)
                telling.deed(acting.platform, event, deed.what, deed.words)
            case datetime() as now:
                await _move(Path(comity.environment["COMITY_CLOCK"]), now, stages[0])
                await progress.nothing_due(comity, now)
            case line:
                answer, _ = comity.operate(cast.named(line))
                assert scene.answer is not None
                assert answer == cast.message(scene.answer)
        await progress.quiet(comity)
        for stage in stages:
            said = [one for one in scene.said if stage_of(_heard_in(one)) is stage]
            await stage.hear(said, deed.at if deed is not None and stage is acting else None)
        for one in scene.said:
            stage = stage_of(_heard_in(one))
            telling.said(stage.platform, one, stage.shown(one.message))
    await progress.quiet(comity)
    for stage in stages:
        await stage.look_back(screenplay.members)
    return telling.blocks


def _heard_in(said: Said) -> Place:
    delivery = said.delivery
    if delivery.place is not None:
        return delivery.place
    assert delivery.to is not None
    return direct_place(delivery.to)


async def _move(clock: Path, now: datetime, stage: Stage) -> None:
    """Until the program takes at the new time what is said."""
    new = clock.with_suffix(".new")
    new.write_text(now.isoformat(), encoding="utf-8")
    new.replace(clock)
    async with asyncio.timeout(WITHIN):
        while await stage.noted() != now:
            pass

"""Work aside: so much at once, for so long, and nobody waits for what never ends."""

from __future__ import annotations

import asyncio
import threading

import pytest

from bot.aside import Aside

SOON = 0.01


async def test_it_gives_what_the_work_gives_or_raises() -> None:
    aside = Aside[int](1)
    assert await aside.do(lambda: 3) == 3
    with pytest.raises(ZeroDivisionError):
        await aside.do(lambda: 1 // 0)
    assert await aside.do(lambda: 4) == 4


async def test_so_many_at_once_and_the_others_wait() -> None:
    aside, together = Aside[int](2), threading.Barrier(2)
    counting, working, most = threading.Lock(), 0, 0

    def work() -> int:
        nonlocal working, most
        with counting:
            working += 1
            most = max(most, working)
        together.wait(10)
        with counting:
            working -= 1
        return 1

    assert await asyncio.gather(*(aside.do(work) for _ in range(6))) == [1] * 6
    assert most == 2


async def test_work_that_hangs_keeps_its_turn_until_it_is_given_up() -> None:
    over = threading.Event()
    patient, hasty = Aside[bool](1, within=SOON), Aside[bool](1, within=10, given_up=SOON)
    try:
        for _ in range(3):  # one thread hangs, the others never begin
            before = threading.active_count()
            with pytest.raises(TimeoutError):
                await patient.do(over.wait)
        assert threading.active_count() == before
        hanging = asyncio.ensure_future(hasty.do(over.wait))
        assert await hasty.do(lambda: True)
    finally:
        over.set()
    assert await hanging
    assert await hasty.do(lambda: True)
    assert await patient.do(lambda: True)

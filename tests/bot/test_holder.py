"""A process knows of another one of its machine whether it has ended, and of no other."""

from __future__ import annotations

import subprocess
import sys

from bot.holder import HOLDER, has_ended

SAY = "from bot.holder import HOLDER; print(HOLDER, flush=True); input()"


def test_a_process_lives_until_it_has_ended() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SAY], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        holder = other.stdout.readline().strip()
        assert not has_ended(holder)
        other.kill()
        other.wait()
    assert has_ended(holder)


def test_of_other_machines_and_of_nonsense_nothing_is_known() -> None:
    assert not has_ended(HOLDER)
    assert not has_ended("another machine:1:x")
    assert not has_ended("nonsense")
    assert not has_ended("")

"""The homeserver of the tests is a real one: people talk through it, and it keeps what they said."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.bot.matrix.people import PASSWORD, found, logged_in, read, say
from tests.synapse import ROOT, FailedError, Synapse, running


async def test_one_says_and_the_other_reads(homeserver: Synapse) -> None:
    ana, bo = homeserver.register("talk-ana", PASSWORD), homeserver.register("talk-bo", PASSWORD)
    async with logged_in(homeserver.url, ana) as at_ana, logged_in(homeserver.url, bo) as at_bo:
        room = await found(at_ana, at_bo)
        await say(at_ana, room, "Who owned it?")
        assert await read(at_bo, room) == ["Who owned it?"]


async def test_no_limit_makes_a_burst_wait(homeserver: Synapse) -> None:
    async with logged_in(homeserver.url, homeserver.register("burst", PASSWORD)) as client:
        room = await found(client)
        texts = [str(number) for number in range(30)]
        for text in texts:
            await say(client, room, text)
        assert await read(client, room) == texts


@pytest.mark.parametrize("end", [Synapse.stop, Synapse.kill])
async def test_what_was_said_outlives_the_process(tmp_path: Path, end: Callable[[Synapse], None]) -> None:
    with running(tmp_path) as homeserver:
        ana = homeserver.register("ana", PASSWORD)
        async with logged_in(homeserver.url, ana) as client:
            room = await found(client)
            await say(client, room, "Kept?")
        end(homeserver)
        assert not homeserver.alive
        homeserver.start()
        async with logged_in(homeserver.url, ana) as client:
            assert await read(client, room) == ["Kept?"]


def test_a_name_is_given_once(homeserver: Synapse) -> None:
    assert homeserver.register("only", PASSWORD, admin=True) == "@only:localhost"
    with pytest.raises(FailedError, match="M_USER_IN_USE"):
        homeserver.register("only", PASSWORD)


def test_one_that_cannot_start_says_why(tmp_path: Path) -> None:
    with pytest.raises(FailedError, match="'much'"), running(tmp_path, max_upload_size="much"):
        pass


_BEGIN = """
import os, signal, sys
from pathlib import Path
from tests.synapse import Synapse

homeserver = Synapse(Path(sys.argv[1]))
homeserver.start()
print(homeserver.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_it_ends_with_whoever_began_it(tmp_path: Path) -> None:
    beginner = [sys.executable, "-c", _BEGIN, str(tmp_path)]
    done = subprocess.run(beginner, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    assert done.returncode == -signal.SIGKILL
    try:
        watched = os.pidfd_open(int(done.stdout))
    except ProcessLookupError:
        return
    try:
        assert select.select([watched], [], [], 10)[0], "it still runs"
    finally:
        os.close(watched)

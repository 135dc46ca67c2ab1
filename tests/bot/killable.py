"""A process to be killed: its workers take what waits in the rooms until nothing does, one after the other.

python -m tests.bot.killable DATABASE_URL ROOMS_FILE writes a line with the number of each worker that it begins, and
begins another one when that is killed. Workers are forked, so that beginning again costs nothing but what is tested.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import closing
from pathlib import Path

from bot.app import fresh_salt
from bot.local.rooms import Rooms
from bot.local.script import START
from bot.local.workspace import Kept, Workspace, opened
from bot.settings import EXHIBIT_MAX
from storage.session import connect
from storage.vault import Vault

TOGETHER = 8
"""So many arrivals are brought at once, as a busy network brings them."""


async def take_all(workspace: Workspace) -> None:
    """What a process does that has just begun, until nothing waits."""
    while waiting := workspace.rooms.since()[:TOGETHER]:
        await asyncio.gather(*(workspace.take(arrival, START) for arrival in waiting))
    await workspace.catch_up(START)


def _work(url: str, rooms_file: str) -> None:
    engine = connect(url)
    kept = Kept(Vault(Path(rooms_file).parent / "vault"), EXHIBIT_MAX)
    with closing(Rooms(rooms_file)) as rooms, opened(engine, rooms, fresh_salt, kept) as workspace:
        asyncio.run(take_all(workspace))
    engine.dispose()


def main(url: str, rooms_file: str) -> int:
    """0 once a worker was left alone to the end; 1 if one failed."""
    while True:
        worker = os.fork()
        if not worker:
            _work(url, rooms_file)
            return 0
        print(worker, flush=True)  # noqa: T201  # whom to kill
        _, status = os.waitpid(worker, 0)
        if not os.WIFSIGNALED(status) or os.WTERMSIG(status) != signal.SIGKILL:
            return int(status != 0)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

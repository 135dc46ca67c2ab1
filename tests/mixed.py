"""A conversation half in Slack and half in Matrix, at the clients of its people; as a program it writes the transcript.

One process of Comity has both. It decides nothing about what is said.
"""

from __future__ import annotations

import asyncio
import secrets
import sys
from collections.abc import Iterable
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bot.local.script import START
from tests.bot.matrix.network import Network, account
from tests.bot.matrix.people import PASSWORD
from tests.bot.matrix.player import Player as AtMatrix
from tests.bot.slack.network import network
from tests.bot.slack.player import Player as AtSlack
from tests.cast import Cast
from tests.comity import SAMPLE
from tests.playing import play
from tests.screenplay import screenplay
from tests.synapse import ROOT, Synapse, running

FILE = ROOT / "docs" / "transcripts" / "slack-and-matrix.txt"
SCRIPT = """
ana in #ftc: /case open Pump-and-dump mailing
ana in #ftc: /request send ACMA --case C-1 Who rented mailbox 1200 in Canberra?
bo in #acma thread R-1: The mailbox was rented on 3 May by Fast Parcels Pty Ltd.
bo in #acma press R-1 "This is our answer"
ana in #ftc press R-1 "Close"
"""
"""What the README shows."""

ON_MATRIX = "ACMA"


async def perform(homeserver: Synapse, folder: Path, lines: Iterable[str]) -> str:
    """The script as it is heard in the local workspace, and then at clients: ACMA's of Matrix, all others' of Slack.

    Returns the transcript. Nobody sits in #network, which the two platforms do not have in common.
    """
    clock = folder / "clock"
    clock.write_text(START.isoformat(), encoding="utf-8")
    script, mark = await screenplay(lines, folder), secrets.token_hex(4)
    bot = homeserver.register(f"comity-{mark}", PASSWORD)
    settings: dict[str, Any] = account("HOME", homeserver.url, bot, folder / "store")
    others = [code for code in SAMPLE if code != ON_MATRIX]
    with network(folder, *others, COMITY_CLOCK=str(clock), **settings) as slack:
        async with AsyncExitStack() as clients:
            matrix = Network(slack.comity, {"HOME": bot}, mark, clients)
            await matrix.seat(ON_MATRIX, "HOME", homeserver)
            await matrix.seated(ON_MATRIX, "HOME")
            cast = Cast()
            at_slack, at_matrix = AtSlack(slack, cast), AtMatrix(matrix, cast)
            at_slack.seat({name: code for name, code in script.people.items() if code != ON_MATRIX})
            at_matrix.seat(name for name, code in script.people.items() if code == ON_MATRIX)
            blocks = await play(script, slack.comity, cast, at_slack, at_matrix)
    return "".join(f"{block}\n" for block in blocks)


def main() -> int:
    with TemporaryDirectory() as folder, running(Path(folder) / "homeserver") as homeserver:
        FILE.write_text(asyncio.run(perform(homeserver, Path(folder), SCRIPT.splitlines())), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

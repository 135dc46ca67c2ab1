"""The sample scripts, which the README shows in the local workspace, are the same conversations at Slack clients."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.local.script import START
from tests.bot.slack.network import network
from tests.bot.slack.player import Player
from tests.cast import Cast
from tests.comity import SAMPLE
from tests.playing import play
from tests.screenplay import screenplay
from tests.synapse import ROOT


async def perform(folder: Path, lines: list[str]) -> None:
    """The script as it is heard in the local workspace, and then as people at Slack clients see it."""
    clock = folder / "clock"
    clock.write_text(START.isoformat(), encoding="utf-8")
    script = await screenplay(lines, folder)
    assert any(scene.said for scene in script.scenes)
    with network(folder, *SAMPLE, seated=True, COMITY_CLOCK=str(clock)) as net:
        cast = Cast()
        player = Player(net, cast)
        player.seat(script.people)
        await play(script, net.comity, cast, player)


@pytest.mark.parametrize("name", ["first-ten-minutes", "three-agencies", "second-thoughts"])
async def test_a_sample_is_the_same_conversation(tmp_path: Path, name: str) -> None:
    await perform(tmp_path, (ROOT / "samples" / f"{name}.txt").read_text(encoding="utf-8").splitlines())

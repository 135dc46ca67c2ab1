"""Officers of one agency in Slack and of another in Matrix have the conversation that they have in one workspace."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import mixed
from tests.synapse import ROOT, Synapse, running


@pytest.fixture(scope="module")
def homeserver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Synapse]:
    with running(tmp_path_factory.mktemp("homeserver")) as started:
        yield started


async def test_the_transcript_in_the_documentation_is_what_their_clients_show(
    homeserver: Synapse, tmp_path: Path
) -> None:
    shown = await mixed.perform(homeserver, tmp_path, mixed.SCRIPT.splitlines())
    assert shown == mixed.FILE.read_text(encoding="utf-8"), "stale: run `python -m tests.mixed`"


@pytest.mark.parametrize("name", ["first-ten-minutes", "second-thoughts"])
async def test_a_sample_is_the_same_conversation(homeserver: Synapse, tmp_path: Path, name: str) -> None:
    """Those in which nobody speaks where all of them would sit."""
    lines = (ROOT / "samples" / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    assert await mixed.perform(homeserver, tmp_path, lines)

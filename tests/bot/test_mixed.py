"""Officers of one agency in Slack and of another in Matrix have the conversation that they have in one workspace."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import mixed
from tests.synapse import ROOT, Synapse, running

_WORD = re.compile(r"\w+")
_PAIRS = {"ana": "bo", "ada": "bea", "ftc": "acma", "FTC": "ACMA"}
_OTHER = _PAIRS | {other: one for one, other in _PAIRS.items()}


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
    assert await mixed.perform(homeserver, tmp_path, _lines(name))


async def test_it_is_when_the_other_one_asks(homeserver: Synapse, tmp_path: Path) -> None:
    """From Matrix, and Slack answers."""
    turned = [_WORD.sub(lambda word: _OTHER.get(word[0], word[0]), line) for line in _lines("second-thoughts")]
    assert await mixed.perform(homeserver, tmp_path, turned)


def _lines(name: str) -> list[str]:
    return (ROOT / "samples" / f"{name}.txt").read_text(encoding="utf-8").splitlines()

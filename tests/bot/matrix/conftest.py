"""Homeservers for the tests of Matrix; what they are is in tests.synapse."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.synapse import Synapse, running


@pytest.fixture(scope="session")
def homeserver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Synapse]:
    """This worker's own; tests share it, so each takes names that no other does."""
    with running(tmp_path_factory.mktemp("homeserver")) as started:
        yield started


@pytest.fixture(scope="session")
def federation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Synapse, Synapse]]:
    """This worker's pair; a test asks for `two_homeservers`."""
    here, there = (Synapse(tmp_path_factory.mktemp(name), federation=True) for name in ("here", "there"))
    try:
        _start(here, there)
        yield here, there
    finally:
        here.stop()
        there.stop()


@pytest.fixture
def two_homeservers(federation: tuple[Synapse, Synapse]) -> tuple[Synapse, Synapse]:
    """Both run, whatever the test before has done to them, and each reaches the other."""
    _start(*federation)
    return federation


def _start(*homeservers: Synapse) -> None:
    with ThreadPoolExecutor() as at_once:
        list(at_once.map(Synapse.start, homeservers))

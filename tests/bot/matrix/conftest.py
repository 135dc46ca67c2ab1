"""Homeservers for the tests of Matrix; what they are is in tests.synapse."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests import synapse


@pytest.fixture(scope="session")
def homeserver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[synapse.Synapse]:
    """This worker's own; tests share it, so each takes names that no other does."""
    with synapse.running(tmp_path_factory.mktemp("homeserver")) as running:
        yield running

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from tests.dialogue import Dialogue, opened


@pytest.fixture
def talk(engine: Engine) -> Iterator[Dialogue]:
    """The sample workspace, on each database."""
    with opened(engine) as dialogue:
        yield dialogue

"""A digest reads on each platform as it was once read and found good."""

from __future__ import annotations

import pytest

from commands.message import Message
from storage.words import Marking
from tests.outlooks import DIGESTS, GOLDEN, golden


@pytest.mark.parametrize("ending", ["txt", "html", "json"])
@pytest.mark.parametrize("name", DIGESTS)
def test_a_digest_reads_as_it_is_to(name: str, ending: str) -> None:
    kept = (GOLDEN / f"digest-{name}.{ending}").read_text(encoding="utf-8")
    assert golden(DIGESTS[name])[ending] == kept, "if this is better: python -m tests.outlooks"


def _markings(messages: tuple[Message, ...]) -> list[Marking | None]:
    return [message.marking for message in messages]


def test_each_message_is_marked_as_the_narrowest_that_stands_in_it() -> None:
    """What hangs below has its own marking: the red and the strict lines stand in the root alone."""
    assert _markings(DIGESTS["own"]) == [Marking.RED, Marking.AMBER]
    assert _markings(DIGESTS["network"]) == [Marking.GREEN]
    assert _markings(DIGESTS["nothing-late"]) == [Marking.AMBER]

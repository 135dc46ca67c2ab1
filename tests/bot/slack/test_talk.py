"""Officers in Slack workspaces open a case, ask and answer, each at a client of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bot.slack.network import Network, network


@pytest.fixture
def net(tmp_path: Path) -> Iterator[Network]:
    with network(tmp_path) as found:
        yield found


def test_a_request_crosses_the_border_and_its_answer_comes_back(net: Network) -> None:
    ana, bo, ftc, acma = net["ana"], net["bo"], net.desks["FTC"], net.desks["ACMA"]
    here, there = net.asked()
    bo.press(acma, there, "Acknowledge")
    ana.finds(ftc, "acknowledged", here)
    bo.says(acma, "It was *rented* on 3 May by <nobody>.", thread=there)
    copy = ana.finds(ftc, "It was *rented* on 3 May by `<nobody>`.", here)
    assert not copy.alive
    net.quiet()
    assert not net.slack.world.breaches

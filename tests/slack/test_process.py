"""An app that is another process: it comes, answers, is killed, and comes again."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.slack.apps import Install
from tests.slack.server import Slack, running

ROOT = Path(__file__).parents[2]


@contextmanager
def _process(slack: Slack, install: Install) -> Iterator[None]:
    """Runs until it is killed at the end of the block."""
    arguments = ["-m", "tests.slack.echo", slack.url, install.token, install.app.app_token]
    process = subprocess.Popen(
        [sys.executable, *arguments], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        slack.connected(install, within=60)
        yield
    finally:
        process.kill()
        process.wait()


def test_killed_and_begun_again() -> None:
    with running() as slack:
        team = slack.team("ftc")
        install, ana = slack.app("Echo", team), slack.person(team, "ana")
        room = slack.channel("desk", ana, install)
        with _process(slack, install):
            assert ana.slash(room, "/echo one").text == "one"
            ana.says(room, "echo two")
            assert ana.waits(room, lambda there: there[-1].text == "two")[-1].author == "echo"
        slack.connected(install, 0)
        assert ana.slash(room, "/echo three").error == "dispatch_failed"
        with _process(slack, install):
            assert ana.slash(room, "/echo four").text == "four"
    assert not slack.world.breaches

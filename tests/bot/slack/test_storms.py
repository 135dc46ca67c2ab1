"""Killed at any moment, under load: every effect once, every message once, in order within its thread."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from tests.bot.slack.network import Asked, Network, network
from tests.bot.slack.reckoning import each_once, nothing_is_left, opened, ours, replies, roots
from tests.slack.apps import Install
from tests.slack.surfaces import NotOfferedError
from tests.slack.world import Channel

LONG = 120.0
"""Seconds that a storm may take, on a machine that others use too."""

KILLS = 30


@pytest.fixture(params=["sockets", "http"])
def net(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Network]:
    with network(tmp_path, "FTC", "ACMA", "KISA", http=request.param == "http") as found:
        yield found
        assert not found.slack.world.breaches


def test_killed_30_times_in_a_storm_it_does_everything_once(net: Network) -> None:
    titles, words = [f"Seoul {number}" for number in range(14)], [f"Word {number}." for number in range(14)]
    asked = [net.asked() for _ in range(2)]
    with ThreadPoolExecutor() as pool:
        cases = pool.submit(_open_cases, net, 10)
        others = pool.submit(_say_cases, net, titles)
        pool.submit(_reply, net, asked[0], words)
        presses = pool.submit(_acknowledge, net, asked)
        _kill(net, random.Random(30))  # noqa: S311
        done, failed = cases.result(LONG)
        others.result(LONG)
        presses.result(LONG)
    ftc, kisa = net.desks["FTC"], net.desks["KISA"]
    net["chin"].waits(kisa, lambda _: len(roots(net, kisa)) == len(titles), within=LONG)
    net["ana"].waits(ftc, lambda _: len(_relayed(net, ftc)) == len(words), within=LONG)
    net.until(lambda: not net.comity.waiting(), LONG)
    entered = [title for title in opened(net) if title.startswith("Storm")]
    assert roots(net, kisa) == titles
    assert _relayed(net, ftc) == words
    assert replies(net) == words
    assert len(set(entered)) == len(entered)
    assert set(done) <= set(entered) <= {*done, *failed}
    assert [title for title in roots(net, ftc) if title.startswith("Storm")] == entered
    assert net.comity.tags()["request:acked"] == len(asked)
    each_once(net)
    nothing_is_left(net)


def _kill(net: Network, chance: random.Random) -> None:
    """At moments that chance chooses: just when something was posted, before the answer is there; or some time."""
    for _ in range(KILLS):
        wanted = len(net.slack.journal.of("chat.postMessage")) + chance.choice((1, 1, 2, 2, 3, 1000))
        with suppress(AssertionError):
            net.slack.until(
                lambda n=wanted: len(net.slack.journal.of("chat.postMessage")) >= n, within=chance.uniform(0.8, 2.6)
            )
        net.comity.kill()
        net.comity.start()


def _until_someone_listens(net: Network, app: Install) -> None:
    if app.app.request_url is not None:
        net.until(lambda: net.slack.verifies(app), LONG)
        return
    net.slack.until(lambda: net.slack.sockets.of(app.app), within=LONG)


def _open_cases(net: Network, count: int) -> tuple[list[str], list[str]]:
    """By slash commands: the titles that Slack took, and those of which it said that the app did not answer."""
    done: list[str] = []
    failed: list[str] = []
    while len(done) < count:
        title = f"Storm {len(done) + len(failed)}"
        _until_someone_listens(net, net.apps["FTC"])
        answer = net["ana"].slash(net.desks["FTC"], "/case", f"open {title}")
        (failed if answer.error else done).append(title)
    return done, failed


def _say_cases(net: Network, titles: Sequence[str]) -> None:
    """By messages, some as mentions, whether anybody listens or not."""
    for number, title in enumerate(titles):
        net["chin"].says(net.desks["KISA"], f"{'!' if number % 2 else '@comity '}case open {title}")
        _a_moment(net)


def _reply(net: Network, asked: Asked, words: Sequence[str]) -> None:
    for number, text in enumerate(words):
        net["bea" if number % 3 else "bo"].says(net.desks["ACMA"], text, thread=asked.there)
        _a_moment(net)


def _acknowledge(net: Network, asked: Sequence[Asked]) -> None:
    """Press the button until the root says so; a press that failed may have been heard all the same."""
    for one in asked:
        while "State: acknowledged" not in net["bo"].sees(net.desks["ACMA"], one.there)[0].text:
            _until_someone_listens(net, net.apps["ACMA"])
            with suppress(NotOfferedError):  # it has just gone
                net["bo"].press(net.desks["ACMA"], one.there, "Acknowledge")
            _a_moment(net)


def _a_moment(net: Network) -> None:
    """Some more is asked of Slack, or nothing for half a second: people do not all write at once."""
    before = len(net.slack.journal.calls)
    with suppress(AssertionError):
        net.slack.until(lambda: len(net.slack.journal.calls) > before + 2, within=0.5)


def _relayed(net: Network, channel: Channel) -> list[str]:
    found = [re.search(r"Word \d+\.", text) for one, text in ours(net, channel) if one.is_reply]
    return [one[0] for one in found if one]

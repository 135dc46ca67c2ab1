"""Slack that fails, hangs up, limits or is slow: every letter stands once, and in order."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from sqlmodel import select

from storage.tables import Letter, LetterState
from tests.bot.slack.network import Network, network
from tests.bot.slack.reckoning import each_once, nothing_is_left, opened, ours, roots
from tests.slack.faults import Faults
from tests.slack.limits import Limits

POST, UPDATE = "chat.postMessage", "chat.update"

WEATHER: dict[str, Callable[[Faults], object]] = {
    "hangs up before a post": lambda slack: slack.cut_before(POST, 2),
    "hangs up after a post": lambda slack: slack.cut_after(POST, 2),
    "fails": lambda slack: slack.fail(POST, 2),
    "shows a page": lambda slack: slack.unavailable(POST, 2),
    "says nothing that can be read": lambda slack: slack.fail(
        POST, status=200, body="<html>", content_type="text/html"
    ),
    "says that it failed": lambda slack: slack.fail(POST, status=200, body='{"ok":false,"error":"fatal_error"}'),
    "limits": lambda slack: slack.ratelimit(POST, 2),
    "hangs up after a post and cannot say what stands there": lambda slack: (
        slack.cut_after(POST),
        slack.fail("conversations.history"),
        slack.cut_before("conversations.history"),
        slack.ratelimit("conversations.history"),
    ),
    "hangs up after an update": lambda slack: slack.cut_after(UPDATE, 3),
    "fails to update": lambda slack: slack.unavailable(UPDATE, 3),
    "limits updates": lambda slack: slack.ratelimit(UPDATE, 2),
    "says nobody who is where": lambda slack: slack.fail("conversations.info", 3),
}


@pytest.fixture(scope="module")
def together(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    with network(tmp_path_factory.mktemp("weather")) as found:
        yield found
        assert not found.slack.world.breaches


@pytest.fixture
def net(together: Network) -> Iterator[Network]:
    together.quiet()
    yield together
    together.slack.faults.clear()
    together.quiet()
    each_once(together)
    nothing_is_left(together)


@pytest.mark.parametrize("weather", WEATHER)
def test_whatever_slack_does_each_letter_stands_once(net: Network, weather: str) -> None:
    ana, ftc, titles = net["ana"], net.desks["FTC"], [f"It {weather} {number}" for number in range(2)]
    WEATHER[weather](net.slack.faults)
    for title in titles:
        assert ana.slash(ftc, "/case", f"open {title}").error is None
    assert ana.slash(ftc, "/case", f"note --case {_newest(net)} It rained.").error is None
    ana.waits(ftc, lambda _: all(roots(net, ftc).count(title) == 1 for title in titles))
    ana.slash(ftc, "/case", f"close {_newest(net)} It is over")
    ana.finds(ftc, "State: closed")
    net.quiet()
    # a letter that must wait lets those of other threads pass
    assert sorted(one for one in roots(net, ftc) if one.startswith(f"It {weather}")) == titles
    assert [one for one in opened(net) if one.startswith(f"It {weather}")] == titles


def test_an_answer_that_comes_too_late_is_waited_for(net: Network) -> None:
    """The call is given up after ten seconds, and done all the same a little later."""
    ana, ftc, late = net["ana"], net.desks["FTC"], net.slack.clock.now() + 12.5
    net.slack.faults.delay(POST, 12.5, times=1)
    ana.slash(ftc, "/case", "open Slow")
    net.slack.until(lambda: any(one.at >= late for one in net.slack.journal.of(POST)))
    net.quiet()
    assert roots(net, ftc).count("Slow") == 1


@pytest.mark.parametrize("times", [1, 2, 3])
def test_each_part_of_what_is_too_long_for_one_message_stands_once(net: Network, times: int) -> None:
    asked = net.asked()
    net.quiet()
    net.slack.faults.cut_after(POST, times)
    text = " ".join(f"Line-{times}-{number}." for number in range(1_200))
    net["bo"].says(net.desks["ACMA"], text, thread=asked.there)
    net["ana"].finds(net.desks["FTC"], f"Line-{times}-1199.", asked.here)
    net.quiet()
    parts = [text for one, text in ours(net, net.desks["FTC"]) if one.thread_ts == asked.here]
    found = re.findall(rf"Line-{times}-(\d+)\.", " ".join(parts))
    assert len(parts) > 1
    assert [int(number) for number in found] == list(range(1_200))


def test_what_is_said_below_a_root_whose_receipt_is_not_there_yet_is_a_reply(net: Network) -> None:
    ana, bo, ftc, acma, (case, _) = net["ana"], net["bo"], net.desks["FTC"], net.desks["ACMA"], net.opened()
    net.quiet()
    ana.slash(ftc, "/case", f"add ACMA --case {case}")
    bo.finds(acma, f"{case} ")
    net.quiet()
    lost = net.slack.faults.cut_after(POST, 2)
    ana.slash(ftc, "/request", f"send ACMA --case {case} Who was the first to know?")
    root = bo.finds(acma, "Who was the first to know?")
    bo.says(acma, "I was.", thread=root.ts)
    bo.reacts(acma, root.ts, "white_check_mark")
    here = ana.finds(ftc, "Who was the first to know?")
    ana.finds(ftc, "I was.", here.ts)
    ana.finds(ftc, "State: acknowledged", here.ts)
    assert lost.hits == 2
    # it was to be brought again until the receipt was there
    assert all("did not acknowledge events_api" in one for one in _taken(net.slack.world.breaches))


def test_a_wait_that_slack_asks_for_is_kept_and_the_order_too(net: Network) -> None:
    ana, ftc, titles = net["ana"], net.desks["FTC"], ["Wait 1", "Wait 2", "Wait 3"]
    limited = net.slack.faults.ratelimit(POST, retry_after=3)
    for title in titles:
        ana.slash(ftc, "/case", f"open {title}")
    ana.finds(ftc, titles[-1])
    assert limited.hits == 1
    assert [one for one in roots(net, ftc) if one.startswith("Wait")] == titles
    calls = net.slack.journal.of(POST, channel=ftc.id)
    [limit] = [number for number, one in enumerate(calls) if not one.result["ok"] and "Wait 1" in str(one.args)]
    assert calls[limit + 1].at - calls[limit].at >= 3


def test_a_burst_stays_within_what_slack_allows(tmp_path: Path) -> None:
    with network(tmp_path, "FTC", limits=Limits()) as net:
        ana, ftc, titles = net["ana"], net.desks["FTC"], [f"Burst {number}" for number in range(8)]
        for title in titles:
            assert ana.slash(ftc, "/case", f"open {title}").error is None
        ana.finds(ftc, titles[-1])
        net.quiet()
        assert roots(net, ftc) == titles
        posts = net.slack.journal.of(POST, channel=ftc.id)
        assert all(one.result["ok"] for one in posts)
        assert all(later.at - sooner.at > 0.9 for sooner, later in pairwise(posts))
        each_once(net)
        assert not net.slack.world.breaches


def test_a_long_wait_is_kept_while_other_channels_go_on(tmp_path: Path) -> None:
    with network(tmp_path) as net:
        net.slack.faults.ratelimit(POST, retry_after=90)
        net["ana"].slash(net.desks["FTC"], "/case", "open Patience")
        net.until(lambda: _attempts(net) >= 3)  # after one second, and two more
        net["bo"].slash(net.desks["ACMA"], "/case", "open Meanwhile")
        net["bo"].finds(net.desks["ACMA"], "Meanwhile")
        assert len(net.slack.journal.of(POST, channel=net.desks["FTC"].id)) == 1


def _taken(breaches: list[str]) -> list[str]:
    """What was noted; it is forgotten."""
    found, breaches[:] = breaches[:], []
    return found


def _attempts(net: Network) -> int:
    query = select(Letter.attempts).where(Letter.state == LetterState.WAITING)
    with net.comity.records(reading=True) as session:
        return max(session.exec(query), default=0)


def _newest(net: Network) -> str:
    return f"C-{len(opened(net))}"

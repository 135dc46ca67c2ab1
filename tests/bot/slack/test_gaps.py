"""Nobody listened for a while: what was said meanwhile is taken once, in its order, and nothing that is older."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

from storage import threads
from storage.tables import Account
from tests.bot.slack.network import Network, network
from tests.bot.slack.reckoning import each_once, nothing_is_left, opened, replies, roots
from tests.comity import WITHIN

Gap = Callable[[Network], AbstractContextManager[None]]


@pytest.fixture(scope="module")
def together(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    with network(tmp_path_factory.mktemp("gaps")) as found:
        yield found


@pytest.fixture
def net(together: Network) -> Iterator[Network]:
    together.quiet()
    yield together
    together.slack.faults.clear()
    together.quiet()
    each_once(together)
    nothing_is_left(together)
    assert not together.slack.world.breaches


@contextmanager
def broken_lines(net: Network) -> Iterator[None]:
    net.slack.faults.refusing = True
    net.slack.drop_sockets()
    yield
    net.slack.faults.refusing = False


@contextmanager
def an_outage(net: Network) -> Iterator[None]:
    net.slack.stop()
    yield
    net.slack.start()


@contextmanager
def stopped(net: Network) -> Iterator[None]:
    net.comity.stop()
    yield
    net.comity.start()


@contextmanager
def killed(net: Network) -> Iterator[None]:
    net.comity.kill()
    yield
    net.comity.start()


GAPS = [broken_lines, an_outage, stopped, killed]


def _listens(net: Network) -> None:
    for app in net.apps.values():
        net.slack.connected(app, 2, within=WITHIN)


@pytest.mark.parametrize("gap", GAPS)
def test_what_was_said_meanwhile_is_taken_once_and_in_order(net: Network, gap: Gap) -> None:
    name = gap.__name__
    ana, bo, ftc, acma = net["ana"], net["bo"], net.desks["FTC"], net.desks["ACMA"]
    first, second = net.asked(), net.asked()
    direct = ana.direct(net.apps["FTC"])
    before = bo.says(acma, f"Before {name}.", thread=first.there)
    ana.finds(ftc, f"Before {name}.", first.here)
    net.quiet()
    again = net.slack.faults.hold()
    with gap(net):
        titles, words = [f"{name} {number}" for number in range(4)], [f"Word {name} {number}." for number in range(4)]
        for title, text in zip(titles, words, strict=True):
            ana.says(ftc, f"!case open {title}")
            said = bo.says(acma, text, thread=first.there)
        bo.edits(acma, said, f"Corrected {name}.")
        bo.edits(acma, before, f"Before {name}, corrected.")
        bo.reacts(acma, second.there, "white_check_mark")
        ana.says(direct, f"@comity case open Direct {name}")
        ana.says(ftc, f"@comity note From {name}.", thread=net["ana"].finds(ftc, first.case).ts)
    ana.waits(ftc, lambda _: [one for one in roots(net, ftc) if one.startswith(name)] == titles, within=WITHIN)
    ana.finds(ftc, f"Corrected {name}.", first.here, within=WITHIN)
    ana.finds(ftc, f"Before {name}, corrected.", first.here)
    ana.finds(ftc, "State: acknowledged", second.here)
    _listens(net)
    net.slack.faults.let_go(again, order=net.slack.faults.shuffled(4))  # Slack brings all of it once more
    net.quiet()
    assert [one for one in opened(net) if one.startswith(name)] == titles
    assert [one for one in opened(net) if one == f"Direct {name}"] == [f"Direct {name}"]
    kept = [one for one in replies(net) if name in one]
    assert kept[:4] == [f"Before {name}.", f"Before {name}, corrected.", *words[:2]]
    assert len(kept) == len(set(kept))
    assert [one.text for one in ana.sees(ftc, first.here) if f"Word {name}" in one.text or "Corrected" in one.text]
    assert roots(net, ftc).count(titles[0]) == 1


def test_what_is_said_while_we_catch_up_keeps_its_place(net: Network) -> None:
    """The events wait while we read; one that would wait too long is brought again, and found where it stands."""
    ana, ftc, (_, root) = net["ana"], net.desks["FTC"], net.opened()
    net.quiet()
    reading = net.slack.faults.delay("conversations.replies", 0.5, times=6)
    with broken_lines(net):
        ana.says(ftc, "!case open Catching 0")
    reading.happened(within=WITHIN)
    for number in range(1, 5):
        ana.says(ftc, f"!case open Catching {number}")
    titles = [f"Catching {number}" for number in range(5)]
    ana.waits(ftc, lambda _: "Catching 4" in roots(net, ftc), within=WITHIN)
    net.quiet()
    assert [one for one in opened(net) if one.startswith("Catching")] == titles
    assert [one for one in roots(net, ftc) if one.startswith("Catching")] == titles
    assert root
    breaches = net.slack.world.breaches
    breaches[:] = [one for one in breaches if "did not acknowledge events_api" not in one]


def test_catching_up_asks_for_each_channel_and_each_open_thread_once(net: Network) -> None:
    net.asked()
    net.quiet()
    counted = {"conversations.history", "conversations.replies", "conversations.list", "conversations.info"}
    before = len(net.slack.journal.calls)
    with broken_lines(net):
        net["ana"].says(net.desks["FTC"], "!case open Counted")
    net["ana"].waits(net.desks["FTC"], lambda _: "Counted" in roots(net, net.desks["FTC"]), within=WITHIN)
    net.quiet()
    calls = [one for one in net.slack.journal.calls[before:] if one.method in counted]
    asked = [(one.method, one.app, one.args.get("channel"), one.args.get("ts")) for one in calls]
    assert len(asked) == len(set(asked))
    assert len(asked) <= len(net.apps) * (1 + 2 * (len(net.desks) + 4)) + _open_threads(net)


def test_the_first_start_ever_takes_nothing_old_and_all_that_follows(net: Network) -> None:
    ana, ftc = net["ana"], net.desks["FTC"]
    net.comity.stop()
    with net.comity.records() as session:
        for code in net.apps:
            session.get_one(Account, f"slack:{code}").cursor = None
    ana.says(ftc, "!case open Long ago")
    net.comity.start()
    _listens(net)
    net.comity.kill()
    ana.says(ftc, "!case open Not so long ago")
    net.comity.start()
    ana.waits(ftc, lambda _: "Not so long ago" in roots(net, ftc), within=WITHIN)
    net.quiet()
    assert "Long ago" not in opened(net)
    _listens(net)


def test_more_than_a_page_is_read_in_order(net: Network) -> None:
    ana, ftc = net["ana"], net.desks["FTC"]
    with stopped(net):
        ana.says(ftc, "!case open Page 1")
        for number in range(250):
            ana.says(ftc, f"We talk, {number}.")
        ana.says(ftc, "!case open Page 2")
    ana.waits(ftc, lambda _: "Page 2" in roots(net, ftc), within=WITHIN)
    net.quiet()
    assert [one for one in opened(net) if one.startswith("Page")] == ["Page 1", "Page 2"]
    _listens(net)


def _open_threads(net: Network) -> int:
    with net.comity.records(reading=True) as session:
        return len(threads.open_roots(session, "slack:"))

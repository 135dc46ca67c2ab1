"""Another holds the records, or Slack is slow: all is acknowledged in time, and nothing is entered later."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial

import pytest

from tests import faults
from tests.bot.slack.network import Asked, Network, network
from tests.bot.slack.reckoning import each_once, nothing_is_left, opened, replies, roots
from tests.comity import WITHIN

BUSY = "Busy: the records are locked by another writer."


@pytest.fixture(scope="module")
def together(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    with network(tmp_path_factory.mktemp("busy")) as found:
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
def locked(net: Network) -> Iterator[None]:
    with net.comity.engine() as engine, faults.locked(engine):
        yield


def in_time(do: Callable[[], object]) -> None:
    began = time.monotonic()
    do()
    assert time.monotonic() - began < 3.0


def test_a_command_is_told_that_nothing_was_entered(net: Network) -> None:
    ana, ftc = net["ana"], net.desks["FTC"]
    with locked(net):
        for number in range(3):
            in_time(partial(_refused, net, f"open Never {number}"))
    ana.slash(ftc, "/case", "open After")
    ana.finds(ftc, "After")
    net.quiet()
    assert not [one for one in opened(net) if one.startswith("Never")]


def test_many_at_once_are_all_told_in_time(net: Network) -> None:
    """Whoever comes while others stand at the lock does not wait for as long again."""
    with locked(net), ThreadPoolExecutor(20) as pool:
        asking = [pool.submit(in_time, partial(_refused, net, f"open Never {number}")) for number in range(20)]
        for one in asking:
            one.result(WITHIN)
    net.quiet()
    assert not [one for one in opened(net) if one.startswith("Never")]


def test_a_press_is_told_so_too(net: Network) -> None:
    bo, acma, asked = net["bo"], net.desks["ACMA"], net.asked()
    net.quiet()
    with locked(net):
        in_time(lambda: bo.press(acma, asked.there, "Acknowledge"))
        bo.hears(acma, lambda one: one.private and BUSY in one.text)
    net.quiet()
    assert _state(net, asked) == "sent"


def test_a_form_keeps_what_was_typed(net: Network) -> None:
    ana, ftc, asked = net["ana"], net.desks["FTC"], net.asked()
    net.quiet()
    ana.slash(ftc, "/request", f"send ACMA --case {asked.case}")
    modal = ana.modal("Ask a partner")
    with locked(net):
        began = time.monotonic()
        wrong = modal.submit({"what": "Who paid for the server?"})
        assert time.monotonic() - began < 3.0
    assert BUSY in str(wrong.errors)
    assert modal.values["what"] == "Who paid for the server?"
    net.quiet()
    assert not [one for one in ana.sees(ftc) if "Who paid for the server?" in one.text]
    assert modal.submit({}).closed
    ana.finds(ftc, "Who paid for the server?")


def test_a_form_opens_in_time_all_the_same(net: Network) -> None:
    ana, ftc = net["ana"], net.desks["FTC"]
    with locked(net):
        in_time(lambda: ana.slash(ftc, "/request", "send ACMA"))
        ana.modal("Ask a partner").close()


def test_what_is_said_is_brought_again_and_keeps_its_place(net: Network) -> None:
    ana, bo, ftc, acma, asked = net["ana"], net["bo"], net.desks["FTC"], net.desks["ACMA"], net.asked()
    net.quiet()
    with locked(net):
        bo.says(acma, "First.", thread=asked.there)
        bo.says(acma, "Second.", thread=asked.there)
        net.slack.until(lambda: net.slack.world.breaches, within=WITHIN)  # not acknowledged: it was not entered
        assert not replies(net)
    bo.says(acma, "Third.", thread=asked.there)
    ana.finds(ftc, "Third.", asked.here)
    net.quiet()
    assert replies(net) == ["First.", "Second.", "Third."]
    breaches = net.slack.world.breaches
    breaches[:] = [one for one in breaches if "did not acknowledge events_api" not in one]


def test_catching_up_waits_for_the_records_and_commands_are_told_meanwhile(net: Network) -> None:
    ana, ftc, app = net["ana"], net.desks["FTC"], net.apps["FTC"]
    reading = net.slack.faults.delay("conversations.history", 1.0, times=2)
    net.slack.drop_sockets()
    ana.says(ftc, "!case open While nobody listened")
    reading.happened(within=WITHIN)
    with locked(net):
        net.slack.connected(app, 2, within=WITHIN)
        for number in range(2):
            in_time(partial(_refused, net, f"open Never {number}"))
    ana.waits(ftc, lambda _: "While nobody listened" in roots(net, ftc), within=WITHIN)
    net.quiet()
    assert not [one for one in opened(net) if one.startswith("Never")]


def test_slack_that_answers_late_is_not_waited_for(net: Network) -> None:
    """Who is mentioned must be asked for: the command is acknowledged with a word, and done next."""
    ana, ftc, eve = net["ana"], net.desks["FTC"], net.come("FTC", "eve")
    net.slack.faults.delay("users.info", 4.0)
    began = time.monotonic()
    answer = ana.slash(ftc, "/case", f"open Seen by @{eve.user.name}")
    assert time.monotonic() - began < 3.0
    assert answer.error is None
    assert answer.text
    ana.waits(ftc, lambda _: any(one.startswith("Seen by") for one in roots(net, ftc)))


def _refused(net: Network, line: str) -> None:
    answer = net["ana"].slash(net.desks["FTC"], "/case", line)
    assert answer.error is None
    assert BUSY in (answer.text or "")


def _state(net: Network, asked: Asked) -> str:
    return "sent" if "State: sent" in net["bo"].sees(net.desks["ACMA"], asked.there)[0].text else "another"

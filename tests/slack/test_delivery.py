"""Events come as Slack brings them: again after a failure, never where nobody listens, and wrongly when asked to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from slack_bolt.async_app import AsyncApp

from tests.slack.apps import Install, Json
from tests.slack.bots import Build, bot
from tests.slack.people import Person
from tests.slack.server import Slack, running
from tests.slack.surfaces import Answer
from tests.slack.world import Channel


class Office(NamedTuple):
    slack: Slack
    install: Install
    ana: Person
    room: Channel


@pytest.fixture
def office() -> Iterator[Office]:
    with running(ack_within=0.5, retries=(0.0, 0.1, 0.1)) as slack:
        team = slack.team("ftc")
        install = slack.app("Ears", team)
        ana = slack.person(team, "ana")
        yield Office(slack, install, ana, slack.channel("desk", ana, install))


class Ears:
    """What an app has heard, and how often it is to fail first."""

    def __init__(self, slack: Slack, failures: int = 0) -> None:
        self.heard: list[tuple[str, str | None]] = []
        self.ids: list[str] = []
        self._slack = slack
        self._failures = failures

    def build(self, app: AsyncApp) -> None:
        @app.event("message")
        async def message(event: Json, body: Json, request: Any) -> None:
            with self._slack.world.lock:
                self.heard.append((event["text"], request.headers.get("x-slack-retry-num", [None])[0]))
                self.ids.append(body["event_id"])
                self._slack.world.changed()
            if self._failures:
                self._failures -= 1
                raise ValueError("on purpose")

        @app.command("/ping")
        async def ping(ack: Any) -> None:
            await ack("pong")

    def until(self, count: int) -> None:
        self._slack.until(lambda: len(self.heard) == count)


@pytest.mark.parametrize("http", [False, True])
def test_a_failing_listener_is_asked_again(office: Office, http: bool) -> None:
    ears = Ears(office.slack, failures=2)
    with bot(office.slack, office.install, ears.build, http=http):
        office.ana.says(office.room, "hello")
        office.slack.until(lambda: office.slack.journal.events("message", "acknowledged"))
    first = None if http else "0"
    assert ears.heard == [("hello", first), ("hello", "1"), ("hello", "2")]
    assert len(set(ears.ids)) == 1


def test_three_retries_and_no_more(office: Office) -> None:
    ears = Ears(office.slack, failures=9)
    with bot(office.slack, office.install, ears.build, http=True):
        office.ana.says(office.room, "hello")
        office.slack.until(lambda: len(office.slack.journal.events("message", "failed")) == 4)
        office.ana.says(office.room, "and on")
        ears.until(5)
    assert [text for text, _ in ears.heard].count("hello") == 4


def test_what_happens_while_no_socket_is_up_is_lost(office: Office) -> None:
    ears = Ears(office.slack)
    office.ana.says(office.room, "before")
    with bot(office.slack, office.install, ears.build):
        office.ana.says(office.room, "meanwhile")
        ears.until(1)
    office.slack.connected(office.install, 0)
    office.ana.says(office.room, "after")
    office.slack.until(lambda: len(office.slack.journal.events("message", "lost")) == 2)
    assert [text for text, _ in ears.heard] == ["meanwhile"]
    assert [one.text for one in office.ana.sees(office.room)] == ["before", "meanwhile", "after"]


def test_two_sockets_share(office: Office) -> None:
    ears = Ears(office.slack)
    with bot(office.slack, office.install, ears.build, sockets=2):
        office.slack.connected(office.install, 2)
        for number in range(20):
            office.ana.says(office.room, str(number))
        ears.until(20)
        assert sorted(int(text) for text, _ in ears.heard) == list(range(20))
        assert [one.carried > 0 for one in office.slack.sockets.of(office.install.app)] == [True, True]
    assert not office.slack.world.breaches


def test_of_two_sockets_one_may_be_refreshed(office: Office) -> None:
    with bot(office.slack, office.install, Ears(office.slack).build, sockets=2):
        office.slack.connected(office.install, 2)
        before = list(office.slack.sockets.open)
        office.slack.refresh(office.install)
        assert office.ana.slash(office.room, "/ping") == Answer("pong", payload={"text": "pong"})
        office.slack.connected(office.install, 2)
        assert [one in office.slack.sockets.open for one in before] == [False, True]


def test_dropped_sockets_come_back(office: Office) -> None:
    with bot(office.slack, office.install, Ears(office.slack).build):
        office.slack.drop_sockets()
        assert office.ana.slash(office.room, "/ping").error == "dispatch_failed"
        office.slack.connected(office.install)
        assert office.ana.slash(office.room, "/ping").text == "pong"


def test_a_deaf_socket_seems_to_stand(office: Office) -> None:
    with bot(office.slack, office.install, Ears(office.slack).build):
        office.slack.deafen(office.install)
        assert office.ana.slash(office.room, "/ping").error == "operation_timeout"
        office.slack.connected(office.install)
    assert not office.slack.world.breaches


def test_a_socket_without_pongs_is_replaced(office: Office) -> None:
    with bot(office.slack, office.install, Ears(office.slack).build):
        (deaf,) = office.slack.sockets.open
        office.slack.deafen(office.install, pongs=False)
        office.slack.until(lambda: office.slack.sockets.open not in ([], [deaf]))
        office.slack.connected(office.install)
        assert office.ana.slash(office.room, "/ping").text == "pong"


def test_an_outage_ends_on_the_same_port(office: Office) -> None:
    with bot(office.slack, office.install, Ears(office.slack).build):
        url = office.slack.url
        office.slack.stop()
        office.ana.says(office.room, "anyone?")
        office.slack.start()
        assert office.slack.url == url
        office.slack.connected(office.install)
        assert office.ana.slash(office.room, "/ping").text == "pong"
    assert office.slack.journal.events("message", "lost")


def _texts(ears: Ears) -> list[str]:
    return [text for text, _ in ears.heard]


@pytest.fixture
def listening(office: Office) -> Iterator[Ears]:
    ears = Ears(office.slack)
    build: Build = ears.build
    with bot(office.slack, office.install, build):
        yield ears


def test_events_are_lost_when_asked(office: Office, listening: Ears) -> None:
    office.slack.faults.lose(which=lambda payload: payload["event"]["text"] == "two")
    for text in ("one", "two", "three"):
        office.ana.says(office.room, text)
    listening.until(2)
    assert sorted(_texts(listening)) == ["one", "three"]


def test_events_are_doubled_when_asked(office: Office, listening: Ears) -> None:
    office.slack.faults.duplicate()
    office.ana.says(office.room, "one")
    listening.until(2)
    assert listening.heard == [("one", "0")] * 2
    assert len(set(listening.ids)) == 1


def test_events_are_held_and_turned_around(office: Office, listening: Ears) -> None:
    held = office.slack.faults.hold(2)
    for text in ("one", "two", "three"):
        office.ana.says(office.room, text)
    listening.until(1)
    office.slack.faults.let_go(held)
    listening.until(3)
    assert _texts(listening) == ["three", "two", "one"]


def test_events_are_shuffled_the_same_way_each_time(office: Office, listening: Ears) -> None:
    texts = [str(number) for number in range(8)]
    orders = []
    for _ in range(2):
        held = office.slack.faults.hold()
        for text in texts:
            office.ana.says(office.room, text)
        office.slack.faults.let_go(held, order=office.slack.faults.shuffled(7))
        office.slack.settle()
        orders.append(_texts(listening))
        listening.heard.clear()
    assert orders[0] == orders[1] != texts
    assert sorted(orders[0]) == texts

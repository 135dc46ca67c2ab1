"""The home that an app shows: at once when it is opened, then only what changed, and not too often."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import product
from typing import Any

import pytest
from slack_bolt.async_app import AsyncApp
from sqlalchemy import Engine

from bot.settings import SlackAccount
from bot.slack.accounts import Account, Identity, address
from bot.slack.blocks import PRESS, VIEW_LIMIT, unpressed
from bot.slack.home import Home
from bot.slack.wire import Client
from storage import agencies, requests, schema
from storage.session import transaction
from storage.words import State, Step
from tests import common
from tests.common import NOW, Party
from tests.slack.apps import Install, Json
from tests.slack.bots import bot
from tests.slack.loops import Loop
from tests.slack.people import Person
from tests.slack.server import Slack, running

MINUTE, HOUR = 60.0, 3_600.0
FIRST = "R-1 ACMA asks FTC, sent, due Tue 15 Dec 2026, 09:00 UTC: Who owned it?"

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


@dataclass
class Office:
    """Ana of FTC has an app in her workspace; ACMA asks FTC."""

    slack: Slack
    install: Install
    ana: Person
    loop: Loop
    engine: Engine
    ticks: float = 0.0
    parties: list[Party] = field(default_factory=list)
    case: int = 0
    clock: Callable[[], datetime] = lambda: NOW

    def furnish(self) -> None:
        with transaction(self.engine) as session:
            self.parties = [common.party(session, "FTC"), common.party(session, "ACMA")]
            self.case = common.case(session, self.parties[0], self.parties)
            agencies.add_address(session, self.parties[0].officer, address(self.install.team, self.ana.id))
        self.ask()

    def ask(self, what: str = "Who owned it?") -> None:
        us, them = self.parties
        with transaction(self.engine) as session:
            common.request(session, self.case, them, us, what=what)

    def colleague(self) -> Person:
        """Bea of ACMA, in the same workspace."""
        bea = self.slack.person(self.slack.world.teams[self.install.team], "bea")
        with transaction(self.engine) as session:
            agencies.add_address(session, self.parties[1].officer, address(self.install.team, bea.id))
        return bea

    def account(self) -> Account:
        settings = SlackAccount("FTC", self.install.token, None, None, self.slack.url)
        identity = Identity(self.install.team, self.install.bot_user, self.install.bot_id)
        return Account(settings, Client(token=self.install.token, base_url=self.slack.url, retry_handlers=[]), identity)

    def home(self, **how: Any) -> Home:
        async def make() -> Home:
            how.setdefault("rehearsal", False)
            return Home(self.account(), self.engine, self._time, ticks=lambda: self.ticks, **how)

        return self.loop.run(make())

    def _time(self) -> datetime:
        return self.clock()

    def opens(self, home: Home, person: Person | None = None) -> None:
        person = person or self.ana
        self.loop.run(home.opened(address(self.install.team, person.id), person.id))

    def looks(self, home: Home, at: float) -> int:
        """How often something has been published once it was looked again at that time."""
        self.ticks = at
        self.loop.run(home.look_again())
        return self.published

    @property
    def published(self) -> int:
        return len(self.slack.journal.of("views.publish", ok=True))

    @property
    def tried(self) -> int:
        return len(self.slack.journal.of("views.publish"))

    @property
    def shown(self) -> str:
        return self.ana.home(self.install).text


@pytest.fixture
def office(engine: Engine) -> Iterator[Office]:
    with running() as slack, Loop() as loop:
        team = slack.team("ftc")
        office = Office(slack, slack.app("Comity", team), slack.person(team, "ana"), loop, engine)
        office.furnish()
        yield office


# What is shown


def test_who_opens_it_sees_what_their_agency_owes(office: Office) -> None:
    office.opens(office.home())
    home = office.ana.home(office.install, FIRST)
    assert home.text.splitlines()[:2] == ["TLP:AMBER", "FTC: outstanding"]
    assert home.labels == ["Open a case", "Ask a partner", "Show R-1", "Acknowledge R-1"]


def test_a_stranger_sees_who_they_are_and_nothing_else(office: Office) -> None:
    zoe = office.slack.person(office.slack.world.teams[office.install.team], "zoe")
    office.opens(office.home(), zoe)
    home = zoe.home(office.install, "nobody has enrolled you.")
    assert home.text.splitlines() == [
        f"You write as `{address(office.install.team, zoe.id)}`; nobody has enrolled you.",
        (f"Who can enrol you: a coordinator, by `/officer add {address(office.install.team, zoe.id)} --agency CODE`."),
    ]
    assert home.labels == []


def test_a_rehearsal_says_so(office: Office) -> None:
    office.opens(office.home(rehearsal=True))
    office.ana.home(office.install, "REHEARSAL TLP:AMBER\nFTC: outstanding")


def test_more_than_a_view_takes_ends_with_where_the_rest_is(office: Office) -> None:
    us, them = office.parties
    with transaction(office.engine) as session:
        states, days = (State.SENT, State.CLARIFYING, State.ANSWERED), (-1, 2, 20)
        for (asking, asked), state, day, _ in product(((us, them), (them, us)), states, days, range(10)):
            due = NOW + timedelta(days=day)
            number = common.request(session, office.case, asking, asked, what="a.bc " * 20, due_at=due)
            if state is not State.SENT:
                request = requests.by_id(session, number)
                requests.take_step(session, request, Step.REF, "request:ref", state, asked, NOW)
    office.opens(office.home())
    home = office.ana.home(office.install, " shows the rest.")
    assert "Overdue to us: 10\n" in home.text
    assert "Answers to close" not in home.text
    [call] = office.slack.journal.of("views.publish")
    blocks = call.args["view"]["blocks"]
    assert VIEW_LIMIT * 0.8 < len(json.dumps(blocks, ensure_ascii=False).encode()) <= VIEW_LIMIT


# When it is shown again


def test_what_changed_is_shown_once_and_what_did_not_is_not(office: Office) -> None:
    home = office.home()
    office.opens(home)
    assert office.looks(home, MINUTE) == 1
    office.ask("Who sold it?")
    assert office.looks(home, 2 * MINUTE) == 2
    assert "Who sold it?" in office.shown
    assert office.looks(home, 3 * MINUTE) == 2


def test_what_is_overdue_by_now_is_a_change(office: Office) -> None:
    home = office.home()
    office.opens(home)
    office.clock = lambda: NOW + timedelta(days=15)
    assert office.looks(home, MINUTE) == 2
    assert "Overdue by us: 1" in office.shown


def test_it_is_shown_at_most_once_a_minute_whatever_changes(office: Office) -> None:
    home = office.home()
    office.opens(home)
    counts = []
    for second in range(0, 181, 20):
        office.ask(f"Who sold it at {second}?")
        counts.append(office.looks(home, float(second)))
    assert counts == [1, 1, 1, 2, 2, 2, 3, 3, 3, 4]


def test_whoever_opens_it_again_sees_it_at_once_and_the_minute_begins_anew(office: Office) -> None:
    home = office.home()
    office.opens(home)
    office.ask()
    office.ticks = 50.0
    office.opens(home)
    assert office.published == 2
    assert "R-2" in office.shown
    office.ask()
    assert office.looks(home, 109.0) == 2
    assert office.looks(home, 110.0) == 3


def test_an_hour_after_it_was_last_opened_nobody_looks_any_more(office: Office) -> None:
    home = office.home()
    office.opens(home)
    office.ticks = HOUR / 2
    office.opens(home)
    office.ask()
    assert office.looks(home, 1.5 * HOUR - MINUTE) == 3
    office.ask()
    assert office.looks(home, 1.5 * HOUR) == 3
    office.opens(home)
    assert "R-3" in office.shown
    office.ask()
    assert office.looks(home, 1.5 * HOUR + MINUTE) == 5


def test_opened_it_is_published_even_if_nothing_changed(office: Office) -> None:
    """Another process may have shown something else."""
    home = office.home()
    office.opens(home)
    office.opens(home)
    assert office.published == 2


def test_each_reader_has_their_own_minute(office: Office) -> None:
    bea = office.colleague()
    home = office.home()
    office.opens(home)
    office.ticks = 30.0
    office.opens(home, bea)
    office.ask("Who sold it?")
    assert office.looks(home, MINUTE) == 3
    assert "We owe later: 2" in office.shown
    assert "We are owed later: 1" in bea.home(office.install).text
    assert office.looks(home, 90.0) == 4
    assert "We are owed later: 2" in bea.home(office.install).text


# What fails


def test_what_slack_does_not_take_is_tried_a_minute_later(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    home = office.home()
    office.slack.faults.fail("views.publish")
    office.opens(home)
    assert office.published == 0
    [record] = [one for one in caplog.records if one.name == "bot.slack.home"]
    assert record.getMessage() == (
        "slack:FTC: a home was not shown: Slack fails at views.publish: HTTP 500 internal_error"
    )
    assert office.looks(home, MINUTE) == 1
    assert FIRST in office.shown


def test_what_was_shown_without_our_hearing_of_it_is_shown_again(office: Office) -> None:
    home = office.home()
    office.slack.faults.cut_after("views.publish")
    office.opens(home)
    assert office.published == 1
    assert office.looks(home, MINUTE) == 2
    assert office.looks(home, 2 * MINUTE) == 2


def test_what_may_have_been_shown_is_mended_when_the_change_is_gone_again(office: Office) -> None:
    home = office.home()
    office.opens(home)
    office.slack.faults.cut_after("views.publish")
    office.clock = lambda: NOW + timedelta(days=15)
    assert office.looks(home, MINUTE) == 2
    assert "Overdue by us" in office.shown
    office.clock = lambda: NOW
    assert office.looks(home, 2 * MINUTE) == 3
    assert "Overdue by us" not in office.shown


def test_when_slack_wants_fewer_calls_nobody_is_shown_anything_until_it_does(office: Office) -> None:
    bea = office.colleague()
    home = office.home()
    office.opens(home)
    office.opens(home, bea)
    office.slack.faults.ratelimit("views.publish", retry_after=90)
    office.ask()
    assert office.looks(home, MINUTE) == 2
    tried = office.tried
    office.ask()
    office.looks(home, MINUTE + 89)
    assert office.tried == tried
    assert office.looks(home, MINUTE + 90) == 4


def test_whoever_opens_it_while_slack_wants_fewer_calls_sees_it_as_soon_as_it_does(office: Office) -> None:
    home = office.home()
    office.slack.faults.ratelimit("views.publish", retry_after=30)
    office.opens(home)
    office.ticks = 10.0
    office.opens(home)
    assert office.looks(home, 29.0) == 0
    assert office.tried == 1
    assert office.looks(home, 30.0) == 1


def test_what_is_wrong_with_one_page_does_not_end_the_looking(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    home = office.home()

    def broken() -> datetime:
        raise ValueError("no time")

    office.clock = broken
    office.opens(home)
    assert [one.levelno for one in caplog.records if one.name == "bot.slack.home"] == [logging.ERROR]
    office.clock = lambda: NOW
    assert office.looks(home, MINUTE) == 1


@pytest.mark.parametrize("blank", ["sqlite"], indirect=True)
def test_while_the_records_do_not_answer_it_stands_as_it_is(
    office: Office, blank: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    office.engine = blank
    home = office.home()
    office.opens(home)
    assert office.published == 0
    assert [one.levelno for one in caplog.records if one.name == "bot.slack.home"] == [logging.WARNING]
    schema.migrate(blank)
    office.furnish()
    assert office.looks(home, MINUTE) == 1
    assert FIRST in office.shown


# By itself


class Looking:
    """It looks again by itself, until it is told to stop."""

    def __init__(self, office: Office, home: Home) -> None:
        self._loop = office.loop.loop
        self._stop = asyncio.Event()
        self._done: Future[None] = asyncio.run_coroutine_threadsafe(home.refresh(self._stop), self._loop)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._done.result(4)


@pytest.fixture
def hurried(office: Office) -> Iterator[Home]:
    """By a clock that goes on by itself, and in which a minute is short."""

    async def make() -> Home:
        return Home(office.account(), office.engine, lambda: NOW, rehearsal=False, interval=0.05)

    home = office.loop.run(make())
    looking = Looking(office, home)
    yield home
    looking.stop()


def test_what_changes_is_seen_by_whoever_waits(office: Office, hurried: Home) -> None:
    office.opens(hurried)
    for what in ("Who sold it?", "Who bought it?"):
        office.ask(what)
        office.ana.home(office.install, what)
    office.slack.until(lambda: office.published == 3)


def test_told_to_stop_it_does_not_wait_for_slack(office: Office) -> None:
    home = office.home(interval=MINUTE)
    office.opens(home)
    office.ask()
    office.ticks = MINUTE
    slow = office.slack.faults.delay("views.publish", 6.0)
    looking = Looking(office, home)
    slow.happened()
    looking.stop()
    assert office.published == 1


# With an app


def test_it_is_opened_and_its_buttons_are_pressed_through_bolt(office: Office) -> None:
    pressed: list[Json] = []

    def build(app: AsyncApp) -> None:
        home = Home(office.account(), office.engine, lambda: NOW, rehearsal=False)

        async def opened(event: Json) -> None:
            await home.opened(address(office.install.team, event["user"]), event["user"])

        async def press(ack: Any, body: Json) -> None:
            await ack()
            pressed.append(body)

        app.event("app_home_opened")(opened)
        app.action(re.compile(PRESS))(press)

    with bot(office.slack, office.install, build):
        office.ana.opens_home(office.install)
        home = office.ana.home(office.install, FIRST)
        for label in home.labels:
            assert home.press(label).error is None
    assert {body["container"]["type"] for body in pressed} == {"view"}
    assert [unpressed(body["actions"][0]["value"]) for body in pressed] == [
        ("/case open", None), ("/request send", None), ("/request show R-1", None), ("/request ack R-1", 1),
    ]  # fmt: skip

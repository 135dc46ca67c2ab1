"""What is counted: what was committed, once, under labels that tell nobody's business."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlmodel import Session

from bot.intake import Intake
from bot.local import find
from bot.local.script import START
from bot.metrics import Metrics
from bot.platform import Delivery, RefusedError, UnreachableError
from bot.relay import Relay
from bot.tally import Tally
from commands.arrival import Arrival
from commands.desk import Desk
from commands.draft import Draft
from commands.message import Message, say
from storage import outbox
from storage.figures import Figures, Queue, figures
from storage.session import transaction
from storage.tables import LetterKind
from storage.words import Address, Place
from tests.bot.figures import OPENMETRICS, Clock, Page, Sample, page_of
from tests.dialogue import Dialogue
from tests.faults import locked

ANA, BO, ZED = (Address(f"local:{name}") for name in ("ana", "bo", "zed"))
FTC, ACMA = Place("local:ftc"), Place("local:acma")
SALT = partial(bytes, 16)
SECOND = timedelta(seconds=1)
OPERATING = Path(__file__).parents[2] / "docs" / "operating.md"
PATIENCE = 20
"""Seconds after which what never comes is missed: many more than it takes."""

TAKEN = ("arrivals_total", "commands_total", "refusals_total")
GOING = ("letters_sent_total", "letters_set_aside_total", "delivery_delay_seconds_count")


@dataclass(frozen=True)
class Stumbling(Desk):
    """Has done all of its work when a text in `over` makes it fall, so many times."""

    over: dict[str, int] = field(default_factory=dict)

    def take(self, session: Session, arrival: Arrival, now: datetime) -> None:
        super().take(session, arrival, now)
        if self.over.get(arrival.text, 0) > 0:
            self.over[arrival.text] -= 1
            raise RuntimeError(arrival.text)


class House:
    """The embedded workspace, with somebody who counts; `trouble` befalls a delivery."""

    ready = True

    def __init__(self, talk: Dialogue, over: dict[str, int] | None = None) -> None:
        self.rooms, self.engine = talk.house.rooms, talk.engine
        self.metrics = Metrics()
        self.tally = Tally(self.metrics)
        self.desk = Stumbling(SALT, over=over or {}, observer=self.tally)
        self.relay = Relay(talk.engine, Desk(SALT), {"local": self}, Tally(self.metrics))
        self.trouble: Exception | None = None

    def take(self, *arrivals: Arrival) -> list[Message | None]:
        """They wait together: all were brought before the intake begins."""
        intake = Intake(self.engine, self.desk, self.tally)
        answers = [intake.submit(arrival, START) for arrival in arrivals]
        with intake:
            return [answer.result(PATIENCE) for answer in answers]

    async def take_batch(self, *arrivals: Arrival) -> bool:
        with Intake(self.engine, self.desk, self.tally) as intake:
            return await intake.take_batch(arrivals, "local:HOME", "s1", START)

    def says(self, person: Address, *lines: str) -> list[Arrival]:
        return [self.rooms.post(person, FTC, line, START) for line in lines]

    def post(self, *places: Place) -> None:
        drafts = [Draft(LetterKind.POST, Message(None, (say("A word"),)), place=place) for place in places]
        with transaction(self.engine) as session:
            outbox.post(session, [draft.row() for draft in drafts], START)

    async def deliver(self, delivery: Delivery) -> str:
        if self.trouble is not None:
            raise self.trouble
        return await self.rooms.deliver(delivery)

    @property
    def page(self) -> Page:
        return page_of(self.metrics, START)

    @property
    def taken(self) -> dict[Sample, float]:
        return self.page.happened(TAKEN)


def _counts(messages: int, commands: int, refusals: int = 0) -> dict[Sample, float]:
    counts: dict[Sample, float] = {
        ("comity_arrivals_total", ("local", "message")): messages,
        ("comity_commands_total", ("local",)): commands,
        ("comity_refusals_total", ("local",)): refusals,
    }
    return {sample: count for sample, count in counts.items() if count}


# What is taken


def test_arrivals_commands_and_refusals_are_counted_once(talk: Dialogue) -> None:
    house = House(talk)
    arrivals = [
        *house.says(ANA, "/case open Mailing", "good morning", "/case list", "/case opem Mistyped"),
        *house.says(ANA, "/case open", "What is asked for is the title"),
        *house.says(ANA, "/case show C-99", "/agency add XYZ --country CA --zone UTC Nobody"),
        *house.says(ZED, "/case open Of a stranger"),
    ]
    assert house.take(*arrivals) == [None] * len(arrivals)
    assert house.taken == _counts(messages=9, commands=3, refusals=3)
    house.take(*arrivals)
    for arrival in arrivals:
        house.take(arrival)
    assert house.taken == _counts(messages=9, commands=3, refusals=3)


def test_each_kind_is_counted_apart_and_what_waits_when_it_is_performed(talk: Dialogue) -> None:
    talk("""
    ana in #ftc: /case open Pump-and-dump mailing
    ana in #ftc thread C-1: !request send ACMA Who holds the mailbox?
    """)
    house = House(talk)
    found = find.button_in(house.rooms, BO, ACMA, "Acknowledge")
    assert found is not None
    root, acknowledge = found
    early, late = (house.rooms.post(BO, ACMA, words, START, root=root.id) for words in ("On 3 May.", "On 5 May."))
    edit = house.rooms.edit(BO, late.message, "On 4 May.")
    house.take(edit, early)
    assert house.taken == _counts(messages=1, commands=0)
    house.take(late, house.rooms.delete(BO, early.message), house.rooms.press(BO, root.id, acknowledge), edit)
    kinds = {"message": 2, "edit": 1, "deletion": 1, "press": 1}
    assert house.page.all("arrivals_total") == {
        ("comity_arrivals_total", ("local", kind)): count for kind, count in kinds.items()
    }
    assert house.page("commands_total", "local") == 1


async def test_what_was_rolled_back_counts_when_it_is_entered(talk: Dialogue) -> None:
    house = House(talk, {"/case open Poison": 2, "/case open In a batch": 1})
    house.take(*house.says(ANA, "/case open One", "/case open Poison", "/case open Two"))
    assert house.taken == _counts(messages=3, commands=3)
    assert await house.take_batch(*house.says(ANA, "/case open Three", "/case open In a batch"))
    assert house.taken == _counts(messages=5, commands=5)


async def test_what_is_not_entered_does_not_count(talk: Dialogue) -> None:
    house = House(talk, {"/case open Poison": 1000})
    one, two, poison = house.says(ANA, "/case open One", "/case open Two", "/case open Poison")
    with locked(talk.engine):
        assert None not in house.take(one, two)
        assert not await house.take_batch(one, two)
    house.take(poison)
    assert house.taken == {}
    house.take(one, two)
    assert house.taken == _counts(messages=2, commands=2)


# What goes


async def test_letters_count_when_their_receipt_is_kept(talk: Dialogue) -> None:
    house = House(talk)
    house.post(FTC, ACMA, FTC)
    assert await house.relay.drain(START + 40 * SECOND) == 3
    page = house.page
    sent: dict[Sample, float] = {
        ("comity_letters_sent_total", ("local",)): 3,
        ("comity_delivery_delay_seconds_count", ("local",)): 3,
    }
    assert page.happened(GOING) == sent
    assert page("delivery_delay_seconds_sum", "local") == 120
    assert page("delivery_delay_seconds_bucket", "local", "30.0") == 0
    assert page("delivery_delay_seconds_bucket", "local", "60.0") == 3

    house.post(FTC)
    house.trouble = UnreachableError("no route")
    await house.relay.drain(START)
    assert house.page.happened(GOING) == sent
    house.trouble = RefusedError("no such place")
    await house.relay.drain(START + 10 * SECOND)
    assert house.page.happened(GOING) == sent | {("comity_letters_set_aside_total", ("local",)): 1}


async def test_a_receipt_that_cannot_be_kept_counts_once_it_is(talk: Dialogue) -> None:
    house = House(talk)
    house.post(FTC)
    with locked(talk.engine):
        await house.relay.drain(START)
    assert house.page.happened(GOING) == {}
    assert await house.relay.drain(START) == 1
    assert house.page("letters_sent_total", "local") == 1


# What is heard


def test_each_session_after_the_first_is_a_reconnection() -> None:
    metrics = Metrics(["matrix:HOME", "slack:FTC"])
    for account in ("matrix:HOME", "matrix:HOME", "slack:FTC", "matrix:HOME"):
        metrics.connected(account)
    page = page_of(metrics, START)
    assert page("reconnects_total", "matrix", "HOME") == 2
    assert page("reconnects_total", "slack", "FTC") == 0
    metrics.reconnected("slack:FTC")
    assert page_of(metrics, START)("reconnects_total", "slack", "FTC") == 1


def test_whichever_process_heard_last_is_believed() -> None:
    clock = Clock(START)
    metrics = Metrics(["matrix:HOME"], clock)
    metrics.heard("matrix:HOME")
    metrics.heard("slack:FTC")
    noted = {"matrix:HOME": START - SECOND, "slack:FTC": START + 5 * SECOND, "slack:ICO": START}
    clock.passes(8)
    page = page_of(metrics, START, Figures({}, 0, noted))
    heard = {("matrix", "HOME"): 8, ("slack", "FTC"): 3, ("slack", "ICO"): 8}
    assert page.all("connection_heard_seconds") == {
        ("comity_connection_heard_seconds", labels): age for labels, age in heard.items()
    }


# The page


@pytest.mark.parametrize("accept", ["", "text/plain;version=0.0.4", OPENMETRICS, "text/html, */*"])
def test_the_page_is_what_was_asked_for(accept: str) -> None:
    metrics = Metrics(["matrix:HOME"])
    waiting = {"matrix": Queue(3, START - 90 * SECOND), "local": Queue(1, START)}
    text, content_type = metrics.page(accept, Figures(waiting, 2, {}), START)
    assert content_type.startswith("application/openmetrics-text" if accept == OPENMETRICS else "text/plain")
    page = Page(text.decode(), content_type)
    assert page("letters_waiting", "matrix") == 3
    assert page("letter_oldest_seconds", "matrix") == 90
    assert page("letters_waiting", "local") == 1
    assert page("arrivals_set_aside") == 2
    assert page("database_up") == 1
    assert page("arrivals_total", "matrix", "message") == 0
    assert not [name for name, _ in page.samples if name.endswith("_created")]


def test_of_a_platform_without_letters_none_wait() -> None:
    page = page_of(Metrics(["slack:FTC"]), START, Figures({}, 0, {}))
    assert (page("letters_waiting", "slack"), page("letter_oldest_seconds", "slack")) == (0, 0)


def test_without_the_database_its_figures_are_missing_and_not_0() -> None:
    page = page_of(Metrics(["slack:FTC"]), START)
    assert page("database_up") == 0
    assert page.all("letters_waiting", "letter_oldest_seconds", "arrivals_set_aside") == {}
    assert page("letters_sent_total", "slack") == 0


def test_every_metric_is_documented_with_its_labels() -> None:
    metrics = Metrics(["matrix:HOME"])
    metrics.heard("matrix:HOME")
    page = page_of(metrics, START, Figures({}, 0, {}))
    labels: dict[str, set[str]] = {}
    for name, found in page.labels:
        bare = re.sub(r"_(bucket|sum|count)$", "", name)
        labels.setdefault(bare, set()).update(found - {"le"})
    rows = re.findall(r"^\| (comity_\w+) \| ([\w, ]*)\|", OPERATING.read_text(encoding="utf-8"), re.MULTILINE)
    assert {name: {label for label in re.split(r"[, ]+", words) if label} for name, words in rows} == labels


async def test_the_page_says_nothing_of_cases_people_places_or_texts(talk: Dialogue) -> None:
    house = House(talk)
    house.take(*house.says(ANA, "/case open Phishing", "/request send ACMA --case C-1 Who?", "/case show C-9"))
    await house.relay.drain(START + SECOND)
    house.post(FTC)
    with transaction(talk.engine, reading=True) as session:
        page = page_of(house.metrics, START, figures(session))
    assert set().union(*(labels for _, labels in page.labels)) == {"platform", "kind", "le"}
    values = {value for _, labels in page.samples for value in labels}
    assert not {value for value in values if "ftc" in value.lower() or "acma" in value.lower() or "ana" in value}
    assert {"local", "message"} <= values
    for word in ("Phishing", "C-1", "R-1", "local:", "#"):
        assert word not in page.text.replace("# HELP", "").replace("# TYPE", "")

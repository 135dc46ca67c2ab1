"""Letters reach their places in order, each once, and only where they may still be read."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import Engine, update
from sqlmodel import col, select

from bot.local import find
from bot.local.posted import Posted
from bot.local.rooms import Rooms
from bot.local.script import START, play
from bot.local.workspace import Workspace, furnish, opened
from bot.platform import Delivery, RefusedError, UnreachableError
from bot.relay import NO_ORIGINAL, PORTION, UNREADABLE, WITHHELD, Relay
from bot.text import render
from commands.desk import Desk
from commands.draft import Draft
from commands.message import Message, say, to_json
from storage import outbox
from storage.session import transaction
from storage.tables import Letter, LetterKind, LetterState, Receipt, Thread
from storage.words import Address, Lane, LetterId, Place
from tests.faults import locked

FTC, ACMA, KISA, OPERATORS = (Place(f"local:{name}") for name in ("ftc", "acma", "kisa", "operators"))
ANA = Address("local:ana")
SALT = partial(bytes, 16)


class Weather(Rooms):
    """The server of the embedded workspace in all weathers; `trouble` says what befalls a delivery."""

    def __init__(self) -> None:
        super().__init__(":memory:")
        self.came: list[Delivery] = []
        self.trouble: Callable[[Delivery], Exception | None] = lambda _: None

    @property
    def ready(self) -> bool:
        return True

    async def deliver(self, delivery: Delivery) -> str:
        self.came.append(delivery)
        if (trouble := self.trouble(delivery)) is not None:
            raise trouble
        return await super().deliver(delivery)

    def away(self, *places: Place | Address) -> None:
        """Nobody reaches these until it is called again."""
        gone = UnreachableError("no route")
        self.trouble = lambda delivery: gone if (delivery.place or delivery.to) in places else None

    def said(self, place: Place) -> list[str]:
        """What Comity says there, in order."""
        messages = (posted.body for posted in self.messages(place) if posted.ours)
        return [render(body) for body in messages if isinstance(body, Message)]

    def words(self) -> str:
        """All that ever came."""
        return " ".join(render(delivery.message) for delivery in self.came)


@dataclass(frozen=True)
class House:
    engine: Engine
    rooms: Weather
    workspace: Workspace
    relay: Relay

    async def play(self, script: str) -> None:
        await play((line.strip() for line in script.strip().splitlines()), self.workspace, lambda _: None)

    def post(self, *drafts: Draft) -> None:
        with transaction(self.engine) as session:
            outbox.post(session, [draft.row() for draft in drafts], START)

    async def drain(self, seconds: float = 0) -> int:
        """So many seconds after the beginning."""
        return await self.relay.drain(START + timedelta(seconds=seconds))

    def letters(self, *states: LetterState) -> list[Letter]:
        with transaction(self.engine, reading=True) as session:
            query = select(Letter).where(col(Letter.state).in_(states or tuple(LetterState))).order_by(col(Letter.id))
            found = list(session.exec(query))
            session.expunge_all()
            return found

    def set_aside(self) -> list[str | None]:
        return [letter.error for letter in self.letters(LetterState.SET_ASIDE)]

    def thread(self, place: Place, *, case: int | None = None, request: int | None = None) -> int | None:
        with transaction(self.engine, reading=True) as session:
            query = select(Thread.id).where(Thread.place == place, Thread.case_id == case, Thread.request_id == request)
            return session.exec(query).one()


@pytest.fixture
def house(engine: Engine) -> Iterator[House]:
    """The sample workspace, and a place where the operator is."""
    with closing(Weather()) as rooms:
        furnish(engine, rooms, Desk(SALT), START)
        rooms.open_channel("operators")
        with opened(engine, rooms, SALT) as workspace:
            yield House(engine, rooms, workspace, Relay(engine, Desk(SALT, OPERATORS), {"local": rooms}))


def _note(words: str, place: Place | None = FTC, **more: object) -> Draft:
    kind = LetterKind.PRIVATE if "addressee" in more else LetterKind.POST
    return Draft(**{"kind": kind, "message": Message(None, (say(words),)), "place": place, **more})  # type: ignore[arg-type]


def _ids(house: House) -> list[int]:
    return [letter.id or 0 for letter in house.letters(LetterState.WAITING)]


# In order, and once


async def test_what_belongs_together_goes_in_order(house: House) -> None:
    await house.play("ana in #ftc: /case open Mailing")
    case = house.thread(FTC, case=1)
    house.post(
        _note("below 1", thread_id=case),
        _note("aloud 1"),
        _note("below 2", thread_id=case),
        _note("for ana 1", None, addressee=ANA),
        _note("aloud 2"),
        _note("root again", kind=LetterKind.REROOT, thread_id=case),
        _note("below 3", thread_id=case),
        _note("for ana 2", None, addressee=ANA),
    )
    assert await house.drain() == 8
    said = [posted for posted in house.rooms.messages(FTC) if posted.ours and posted.id != _root(house, "C-1").id]
    assert [_words(posted) for posted in said if posted.root] == ["below 1", "below 2", "below 3"]
    assert [_words(posted) for posted in said if not posted.root] == ["aloud 1", "aloud 2"]
    assert _words(_root(house, "C-1")) == "root again"
    assert house.rooms.said(Place("local:@ana")) == ["for ana 1", "for ana 2"]
    assert await house.drain() == 0


def _root(house: House, label: str, place: Place = FTC) -> Posted:
    found = find.root_of(house.rooms, place, label)
    assert found is not None
    return found


def _words(posted: Posted) -> str:
    return render(posted.body) if isinstance(posted.body, Message) else posted.body


async def test_what_is_delivered_has_its_receipt_and_no_more_words(house: House) -> None:
    drafts = [_note("first"), _note("second", None, addressee=ANA)]
    house.post(*drafts)
    await house.drain(7)
    with transaction(house.engine, reading=True) as session:
        receipts = session.exec(select(Receipt).order_by(col(Receipt.letter_id))).all()
        assert [(receipt.place, receipt.at) for receipt in receipts] == [
            (FTC, START + timedelta(seconds=7)),
            (f"direct {ANA}", START + timedelta(seconds=7)),
        ]
        for receipt, draft in zip(receipts, drafts, strict=True):
            assert house.rooms.message(receipt.message).body == draft.message
            assert receipt.sha256 == hashlib.sha256(to_json(draft.message).encode()).hexdigest()
    assert [(letter.state, letter.body) for letter in house.letters()] == [(LetterState.DELIVERED, None)] * 2


async def test_two_who_drain_at_once_deliver_each_letter_once(house: House) -> None:
    house.post(*(_note(f"{number}") for number in range(5)), _note("for ana", None, addressee=ANA))
    assert sum(await asyncio.gather(*(house.drain() for _ in range(3)))) == 6
    assert len(house.rooms.came) == 6


async def test_two_relays_at_once_show_each_letter_once(house: House) -> None:
    """Only if a lease was lost; the platform knows a letter by its number."""
    other = Relay(house.engine, Desk(SALT), {"local": house.rooms})
    house.post(*(_note(f"{number}") for number in range(5)), _note("for ana", None, addressee=ANA))
    await asyncio.gather(house.drain(), other.drain(START))
    assert house.rooms.said(FTC) == [f"{number}" for number in range(5)]
    assert house.rooms.said(Place("local:@ana")) == ["for ana"]
    assert house.letters(LetterState.WAITING, LetterState.SET_ASIDE) == []


async def test_what_was_delivered_without_a_receipt_is_shown_once(house: House) -> None:
    """The process ended in between; the next one delivers it again and is given the same id."""
    house.post(_note("once"))
    (number,) = _ids(house)
    before = await house.rooms.deliver(
        Delivery(LetterId(number), FTC, None, None, None, None, Message(None, (say("once"),)))
    )
    assert await house.drain() == 1
    assert house.rooms.said(FTC) == ["once"]
    with transaction(house.engine, reading=True) as session:
        assert session.exec(select(Receipt.message)).one() == before


async def test_receipts_that_could_not_be_kept_are_kept_later_and_nothing_goes_twice(house: House) -> None:
    house.post(_note("first"), _note("second"))
    with locked(house.engine):
        assert await house.drain() == 0
    assert house.rooms.said(FTC) == ["first"]
    assert await house.drain() == 2
    assert house.rooms.said(FTC) == ["first", "second"]
    assert len(house.rooms.came) == 2


async def test_a_relay_that_is_stopped_in_the_middle_sends_nothing_twice(house: House) -> None:
    """A platform that takes its time, and a program that does not."""
    house.post(_note("first"), _note("second", ACMA), _note("third"))
    slow = Slow(house.rooms, ACMA)
    relay = Relay(house.engine, Desk(SALT), {"local": slow})
    draining = asyncio.create_task(relay.drain(START))
    await asyncio.wait_for(slow.begun.wait(), 20)
    draining.cancel()
    with pytest.raises(asyncio.CancelledError):
        await draining
    slow.go.set()
    assert await relay.drain(START) == 3
    assert house.rooms.said(FTC) == ["first", "third"]
    assert [delivery.place for delivery in house.rooms.came] == [FTC, ACMA, FTC]


class Slow:
    """A platform whose answer from one place waits to be let go."""

    def __init__(self, rooms: Rooms, place: Place) -> None:
        self._rooms = rooms
        self._place = place
        self.begun, self.go = asyncio.Event(), asyncio.Event()

    @property
    def ready(self) -> bool:
        return True

    async def deliver(self, delivery: Delivery) -> str:
        if delivery.place == self._place:
            self.begun.set()
            await self.go.wait()
        return await self._rooms.deliver(delivery)


# Places that cannot be reached


async def test_an_unreachable_place_keeps_its_queue_and_lets_others_go(house: House) -> None:
    house.post(_note("a1", ACMA), _note("f1"), _note("a2", ACMA), _note("f2"))
    house.rooms.away(ACMA)
    assert await house.drain() == 2
    assert (house.rooms.said(FTC), house.rooms.said(ACMA)) == (["f1", "f2"], [])
    house.rooms.away()
    assert await house.drain(0.9) == 0
    assert await house.drain(1) == 2
    assert house.rooms.said(ACMA) == ["a1", "a2"]


async def test_it_is_tried_again_after_twice_as_long_each_time_up_to_five_minutes(house: House) -> None:
    house.post(_note("a1", ACMA), _note("a2", ACMA))
    house.rooms.away(ACMA)
    second, waits = 0.0, []
    for tries in range(1, 13):
        await house.drain(second)
        assert len(house.rooms.came) == tries
        first, _ = house.letters(LetterState.WAITING)
        assert first.not_before is not None
        waits.append((first.not_before - START).total_seconds() - second)
        await house.drain(second + waits[-1] - 0.1)
        second += waits[-1]
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]


async def test_places_that_cannot_be_reached_starve_nobody(house: House) -> None:
    strangers = [Address(f"local:stranger{number}") for number in range(PORTION + 1)]
    house.post(*(_note("hello", None, addressee=stranger) for stranger in strangers))
    house.post(*(_note(f"a{number}", ACMA) for number in range(PORTION + 1)), _note("for ftc"))
    house.rooms.away(ACMA, *strangers)
    assert await house.drain() == 1
    assert house.rooms.said(FTC) == ["for ftc"]


async def test_between_threads_deadlines_go_first_and_digests_last(house: House) -> None:
    house.post(_note("digest", lane=Lane.DIGEST), _note("news", ACMA), _note("deadline", KISA, lane=Lane.DEADLINE))
    await house.drain()
    assert [delivery.place for delivery in house.rooms.came] == [KISA, ACMA, FTC]


async def test_a_deadline_does_not_pass_the_root_that_it_stands_under(house: House) -> None:
    house.rooms.away(FTC)
    await house.play("ana in #ftc: /case open Mailing")
    house.post(_note("overdue", thread_id=house.thread(FTC, case=1), lane=Lane.DEADLINE))
    house.rooms.away()
    assert await house.drain(1) == 2
    overdue = next(posted for posted in house.rooms.backwards(FTC))
    assert (_words(overdue), overdue.root) == ("overdue", _root(house, "C-1").id)


# Letters that cannot go


async def test_what_is_refused_for_good_is_set_aside_and_its_thread_goes_on(house: House) -> None:
    await house.play("ana in #ftc: /case open Mailing")
    case = house.thread(FTC, case=1)
    house.post(*(_note(f"below {number}", thread_id=case) for number in range(3)))
    house.rooms.trouble = lambda delivery: RefusedError("too long") if "below 1" in render(delivery.message) else None
    assert await house.drain() == 3  # and the alarm
    assert house.rooms.said(FTC)[1:] == ["below 0", "below 2"]
    assert house.set_aside() == ["too long"]
    (refused,) = house.letters(LetterState.SET_ASIDE)
    assert house.rooms.said(OPERATORS) == [f"Set aside: letter {refused.id}. `python -m bot doctor` says why."]


async def test_a_refused_edit_leaves_the_message_as_it_was(house: House) -> None:
    house.post(_note("first"))
    (number,) = _ids(house)
    await house.drain()
    house.post(
        _note("second", kind=LetterKind.EDIT, edits_id=number), _note("third", kind=LetterKind.EDIT, edits_id=number)
    )
    house.rooms.trouble = lambda delivery: RefusedError("no") if "second" in render(delivery.message) else None
    await house.drain()
    assert house.rooms.said(FTC) == ["third"]


async def test_without_its_root_a_thread_goes_on_in_the_place(house: House) -> None:
    house.rooms.trouble = lambda delivery: RefusedError("not in the channel") if delivery.root_of else None
    await house.play("ana in #ftc: /case open Mailing")
    case = house.thread(FTC, case=1)
    house.post(_note("root again", kind=LetterKind.REROOT, thread_id=case), _note("below", thread_id=case))
    await house.drain()
    assert house.set_aside() == ["not in the channel", NO_ORIGINAL]
    (below,) = (posted for posted in house.rooms.messages(FTC) if posted.ours)
    assert (below.root, below.body) == (None, Message(None, (say("below"),)))


async def test_an_edit_of_what_never_arrived_is_set_aside(house: House) -> None:
    house.rooms.trouble = lambda delivery: RefusedError("too long") if "first" in render(delivery.message) else None
    house.post(_note("first"))
    (number,) = _ids(house)
    house.post(_note("second", kind=LetterKind.EDIT, edits_id=number))
    await house.drain()
    assert house.set_aside() == ["too long", NO_ORIGINAL]
    assert house.rooms.said(FTC) == []


async def test_an_alarm_that_cannot_go_raises_no_alarm(house: House) -> None:
    house.rooms.trouble = lambda _: RefusedError("not in the channel")
    house.post(_note("first"))
    assert await house.drain() == 0
    assert house.set_aside() == ["not in the channel"] * 2


async def test_a_place_of_no_account_of_ours_is_refused(house: House) -> None:
    house.post(_note("hello", Place("slack:ftc/C1")))
    await house.drain()
    assert house.set_aside() == ["no account of ours reaches that platform"]


async def test_a_fault_in_one_letter_keeps_only_its_own_queue(house: House) -> None:
    house.post(_note("a1", ACMA), _note("f1"), _note("a2", ACMA))
    house.rooms.trouble = lambda delivery: ZeroDivisionError("a1") if delivery.place == ACMA else None
    assert await house.drain() == 1
    assert [letter.error for letter in house.letters(LetterState.WAITING)] == ["ZeroDivisionError", None]
    house.rooms.away()
    assert await house.drain(1) == 2
    assert house.rooms.said(ACMA) == ["a1", "a2"]


@pytest.mark.parametrize("body", ["", "{", "[]", '{"_":"Message"}', '{"_":"Message","marking":"PINK","blocks":[]}'])
async def test_words_that_cannot_be_read_keep_nobody_from_going(house: House, body: str) -> None:
    """An earlier version may have written them."""
    house.post(_note("first"), _note("second"))
    with transaction(house.engine) as session:
        session.execute(update(Letter).where(col(Letter.id) == _ids(house)[0]).values(body=body))
    await house.drain()
    assert house.set_aside() == [UNREADABLE]
    assert house.rooms.said(FTC) == ["second"]


# Withheld at the door


async def test_a_place_that_gained_a_reader_who_may_not_see_gets_nothing(house: House) -> None:
    house.rooms.away(ACMA)
    await house.play("""
    ana in #ftc: /case open Mailing
    ana in #ftc thread C-1: !request send ACMA Who is Mr Smith?
    operator: /agency desk KISA local:acma --shared
    """)
    house.rooms.away()
    house.rooms.came.clear()
    await house.drain(1)
    assert WITHHELD in house.set_aside()
    assert "Smith" not in house.rooms.words()
    assert all("Smith" not in words and "Mailing" not in words for words in house.rooms.said(ACMA))


@pytest.mark.parametrize("changed", ["/agency desk KISA local:ftc --shared", "/agency desk FTC local:ftc2"])
async def test_a_digest_goes_only_to_those_it_was_gathered_for(house: House, changed: str) -> None:
    """It names many requests, so it is not asked of each: nobody may have sat down there since, and somebody reads."""
    await house.play("""
    ana in #ftc: /case open Mailing
    ana in #ftc: /request send ACMA --case C-1 Who is Mr Smith?
    clock +30d
    """)
    house.rooms.away(FTC)
    await house.play("ana in #ftc: /digest now")
    (digest,) = (letter for letter in house.letters(LetterState.WAITING) if letter.lane == Lane.DIGEST)
    await house.play(f"""
    clock 2027-01-01T09:00Z
    operator: {changed}
    """)
    house.rooms.away()
    house.rooms.came.clear()
    await house.relay.drain(START + timedelta(days=60))
    (there,) = (letter for letter in house.letters() if letter.id == digest.id)
    assert (there.state, there.error) == (LetterState.SET_ASIDE, WITHHELD)
    assert not any("outstanding" in words for words in house.rooms.said(FTC))


async def test_an_agency_that_left_the_case_hears_no_more_of_it(house: House) -> None:
    await house.play("""
    ana in #ftc: /case open Mailing
    ana in #ftc: /case add ACMA --case C-1
    """)
    house.rooms.away(ACMA)
    await house.play("""
    ana in #ftc: /case note --case C-1 Mr Smith did it.
    ana in #ftc: /case remove ACMA --case C-1
    """)
    house.rooms.away()
    house.rooms.came.clear()
    await house.drain(1)
    assert WITHHELD in house.set_aside()
    assert "Smith" not in house.rooms.words()


async def test_an_officer_who_was_removed_gets_no_private_letter(house: House) -> None:
    await house.play("ana in #ftc: /case open Mr Smith's mailing")
    direct = Place("local:@ana")
    house.rooms.away(ANA)
    await house.play("""
    ana in direct: /case list
    ana in direct: /comity help case
    operator: /officer remove local:ana
    """)
    house.rooms.away()
    house.rooms.came.clear()
    await house.drain(1)
    assert house.set_aside() == [WITHHELD]
    assert "Smith" not in house.rooms.words()
    assert len(house.rooms.said(direct)) == 1  # help is anybody's

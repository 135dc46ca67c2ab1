"""Letters go in order within a queue, the urgent ones first between queues, and each once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from storage import outbox, threads
from storage.tables import Letter, LetterKind, LetterState, Receipt
from storage.words import Lane, Place
from tests import common
from tests.common import NOW, in_undone, undone

FTC, ACMA = Place("local:ftc"), Place("local:acma")
SECOND = timedelta(seconds=1)


def _post(session: Session, *letters: dict[str, Any]) -> None:
    outbox.post(session, [{"kind": LetterKind.POST, "place": FTC, "body": "{}"} | letter for letter in letters], NOW)


def _deliver(session: Session, letter: Letter) -> str:
    message = f"m{letter.id}"
    outbox.delivered(session, letter, Place(letter.place or "direct"), message, NOW)
    return message


def _drained(session: Session, limit: int = 100) -> list[list[int]]:
    """Deliver everything as the relay does, and tell which letters went in which round."""
    rounds = []
    while going := outbox.waiting(session, NOW, limit):
        rounds.append([letter.id or 0 for letter in going])
        for letter in going:
            _deliver(session, letter)
    return rounds


def _threads(session: Session, count: int) -> list[int]:
    ftc, acma = common.parties(session, 2)
    case = common.case(session, ftc, [acma])
    return [threads.begin(session, FTC, request_id=common.request(session, case, ftc, acma)) for _ in range(count)]


def test_letters_of_one_place_go_one_after_the_other(engine: Engine) -> None:
    with undone(engine) as session:
        _post(session, {"lane": Lane.DIGEST}, {"lane": Lane.DEADLINE}, {"lane": Lane.NEWS})
        assert _drained(session) == [[1], [2], [3]]


def test_between_queues_deadlines_go_first_and_digests_last(engine: Engine) -> None:
    with undone(engine) as session:
        _post(session, *({"place": f"local:{lane}", "lane": lane} for lane in (Lane.DIGEST, Lane.NEWS, Lane.DEADLINE)))
        assert _drained(session) == [[3, 2, 1]]


def test_news_before_a_deadline_in_one_thread_is_as_urgent_as_the_deadline(engine: Engine) -> None:
    """Else the deadline would wait for it behind all other news, or pass the root of its own thread."""
    with undone(engine) as session:
        one, other = _threads(session, 2)
        _post(
            session,
            {"thread_id": other, "kind": LetterKind.ROOT},
            {"thread_id": one, "kind": LetterKind.ROOT},
            {"thread_id": one, "lane": Lane.DEADLINE},
        )
        assert _drained(session) == [[2], [3], [1]], "one to a place at a time"


def test_a_private_letter_waits_for_no_thread(engine: Engine) -> None:
    with undone(engine) as session:
        [thread] = _threads(session, 1)
        private = {"kind": LetterKind.PRIVATE, "addressee": "local:ana", "thread_id": thread}
        _post(
            session, {"thread_id": thread}, private, {"thread_id": thread}, private, private | {"addressee": "local:bo"}
        )
        assert _drained(session) == [[1, 2, 5], [3, 4]]


def test_a_place_that_cannot_be_reached_keeps_its_queue_and_holds_up_no_other(engine: Engine) -> None:
    with undone(engine) as session:
        _post(session, *[{"place": ACMA, "lane": Lane.DEADLINE}] * 5, {"place": FTC})
        [first, _] = outbox.waiting(session, NOW, 100)
        outbox.try_later(session, first, "unreachable", NOW)
        assert _drained(session, limit=1) == [[6]], "however few are looked at"
        assert outbox.waiting(session, NOW + SECOND, 100)[0].id == first.id
        assert [letter.id for letter in outbox.undelivered(session)] == [1]


def test_while_a_place_cannot_be_reached_no_letter_overtakes_another_there(engine: Engine) -> None:
    with undone(engine) as session:
        one, other = _threads(session, 2)
        _post(session, {"thread_id": one, "kind": LetterKind.ROOT}, {"thread_id": other, "kind": LetterKind.ROOT})
        [first] = outbox.waiting(session, NOW, 100)
        outbox.try_later(session, first, outbox.UNREACHABLE, NOW)
        assert outbox.waiting(session, NOW, 100) == []
        assert [letter.id for letter in outbox.waiting(session, NOW + SECOND, 100)] == [first.id]
        outbox.try_later(session, first, "a fault of its own", NOW + SECOND)
        assert [letter.id for letter in outbox.waiting(session, NOW + SECOND, 100)] == [2], "which holds up no other"


def test_a_letter_that_was_refused_for_good_lets_its_thread_go_on(engine: Engine) -> None:
    with undone(engine) as session:
        [thread] = _threads(session, 1)
        _post(session, *[{"thread_id": thread}] * 3)
        [first] = outbox.waiting(session, NOW, 100)
        outbox.set_aside(session, first, "channel_not_found")
        assert _drained(session) == [[2], [3]]
        [aside] = outbox.undelivered(session)
        assert (aside.id, aside.state, aside.error) == (1, LetterState.SET_ASIDE, "channel_not_found")
        assert aside.body is not None, "the operator may still want it sent"


def test_each_failure_doubles_the_wait_up_to_five_minutes(engine: Engine) -> None:
    with undone(engine) as session:
        _post(session, {})
        letter, now, waits = session.exec(select(Letter)).one(), NOW, []
        for _ in range(12):
            outbox.try_later(session, letter, "unreachable", now)
            assert letter.not_before is not None
            waits.append((letter.not_before - now) / SECOND)
            assert outbox.waiting(session, letter.not_before - SECOND, 9) == []
            now = letter.not_before
            assert outbox.waiting(session, now, 9) == [letter]
        assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]
        assert letter.attempts == 12


def test_a_letter_that_was_never_delivered_for_years_still_has_a_next_try(engine: Engine) -> None:
    with undone(engine) as session:
        _post(session, {})
        letter = session.exec(select(Letter)).one()
        letter.attempts = 100_000
        outbox.try_later(session, letter, "unreachable", NOW)
        assert letter.not_before == NOW + timedelta(minutes=5)


def test_a_receipt_names_what_was_sent_and_the_words_go(engine: Engine) -> None:
    with undone(engine) as session:
        _post(session, {"body": "Über 50 €"})
        [letter] = outbox.waiting(session, NOW, 9)
        _deliver(session, letter)
        receipt = session.get_one(Receipt, letter.id)
        assert receipt.sha256 == sha256("Über 50 €".encode()).hexdigest()
        assert (receipt.place, receipt.message, receipt.at) == (FTC, "m1", NOW)
        assert (letter.state, letter.body, letter.error) == (LetterState.DELIVERED, None, None)
        assert outbox.undelivered(session) == []


def test_there_is_one_receipt_for_a_letter(engine: Engine) -> None:
    with undone(engine) as session:
        _post(session, {})
        [letter] = outbox.waiting(session, NOW, 9)
        _deliver(session, letter)
        with pytest.raises(IntegrityError):
            _deliver(session, letter)


def test_a_letter_is_ready_with_what_it_hangs_on(engine: Engine) -> None:
    with undone(engine) as session:
        [thread] = _threads(session, 1)
        _post(
            session,
            {"thread_id": thread, "kind": LetterKind.ROOT},
            {"thread_id": thread},
            {"thread_id": thread, "kind": LetterKind.REROOT},
            {"thread_id": thread, "kind": LetterKind.EDIT, "edits_id": 2},
            {"place": ACMA},
        )
        hung = {}
        while going := outbox.waiting(session, NOW, 9):
            for letter in going:
                out = outbox.ready(session, letter)
                hung[letter.id] = (out.root, out.edits, out.begins.id if out.begins else None)
                _deliver(session, letter)
        assert hung == {
            1: (None, None, thread),
            2: ("m1", None, None),
            3: ("m1", "m1", None),
            4: ("m1", "m2", None),
            5: (None, None, None),
        }


def test_an_edit_of_what_never_arrived_hangs_on_nothing(engine: Engine) -> None:
    with undone(engine) as session:
        _post(session, {}, {"kind": LetterKind.EDIT, "edits_id": 1})
        [first] = outbox.waiting(session, NOW, 9)
        outbox.set_aside(session, first, "too long")
        [edit] = outbox.waiting(session, NOW, 9)
        assert outbox.ready(session, edit).edits is None


def test_below_a_root_is_below_the_platforms_message(engine: Engine) -> None:
    with undone(engine) as session:
        one, other = _threads(session, 2)
        _post(session, *({"thread_id": thread, "kind": LetterKind.ROOT} for thread in (one, other)), {"thread_id": one})
        _drained(session)
        found = [threads.below(session, FTC, message) for message in ("m1", "m2")]
        assert [thread.id for thread in found if thread is not None] == [one, other]
        assert threads.below(session, FTC, "m3") is None, "a letter in the thread is not its root"
        assert threads.below(session, ACMA, "m1") is None, "ids of messages mean something in their place only"


LETTERS = st.lists(
    st.fixed_dictionaries(
        {
            "place": st.sampled_from([FTC, ACMA]),
            "thread": st.sampled_from([None, 0, 1, 2]),
            "addressee": st.sampled_from([None, "local:ana", "local:bo"]),
            "lane": st.sampled_from(list(Lane)),
        }
    ),
    max_size=15,
)


def _rows(letters: Sequence[dict[str, Any]], known: list[int]) -> list[dict[str, Any]]:
    return [
        {
            "place": FTC if letter["thread"] is not None else letter["place"],
            "thread_id": None if letter["thread"] is None else known[letter["thread"]],
            "addressee": letter["addressee"],
            "kind": LetterKind.PRIVATE if letter["addressee"] else LetterKind.POST,
            "lane": letter["lane"],
        }
        for letter in letters
    ]


@in_undone
@given(letters=LETTERS)
def test_every_queue_is_delivered_in_its_own_order_and_nothing_is_left(
    engine: Engine, letters: list[dict[str, Any]]
) -> None:
    with undone(engine) as session:
        rows = _rows(letters, _threads(session, 3))
        _post(session, *rows)
        posted = dict(zip(session.exec(select(Letter.id).order_by(col(Letter.id))), rows, strict=True))
        queues: dict[Any, list[int]] = defaultdict(list)
        for number, row in posted.items():
            queues[row["thread_id"], row["place"], row["addressee"]].append(number or 0)
        rounds = _drained(session)
        for numbers in queues.values():
            assert [number for going in rounds for number in going if number in numbers] == numbers
        assert sum(map(len, rounds)) == len(rows)
        for index, going in enumerate(rounds):
            gone = {number for earlier in rounds[:index] for number in earlier}
            left = [[number for number in numbers if number not in gone] for numbers in queues.values()]
            urgency = {numbers[0]: min(posted[number]["lane"] for number in numbers) for numbers in left if numbers}
            first: dict[str, int] = {}
            for number in sorted(urgency, key=lambda number: (urgency[number], number)):
                first.setdefault(posted[number]["addressee"] or posted[number]["place"], number)
            assert going == list(first.values()), "the first of each destination, the most urgent first"

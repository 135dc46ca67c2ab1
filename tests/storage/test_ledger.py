"""The chain holds, and whatever is done to it behind our back is found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, text
from sqlmodel import Session

from storage import ledger
from storage.ledger import START, BrokenLedgerError, Head, Record, read_head
from storage.rows import add_all
from storage.session import transaction
from storage.tables import LedgerEntry
from tests.common import NOW, chain, in_undone, undone

LENGTHS = st.integers(2, 6)


@dataclass(frozen=True)
class Entry:
    seq: int
    content: str
    salt: str
    hash: str


def _entries(session: Session) -> list[Entry]:
    return [Entry(row.seq, row.content, row.salt, row.hash) for row in ledger.entries(session)]


def _forge(session: Session, entries: list[Entry]) -> None:
    """Put these in the place of all entries, as someone could who owns the database."""
    session.execute(text("DELETE FROM ledger"))
    session.expunge_all()
    add_all(session, LedgerEntry, [vars(entry) for entry in entries])


def _is_found(session: Session, entries: list[Entry], expected: Head | None = None) -> bool:
    _forge(session, entries)
    with pytest.raises(BrokenLedgerError, match=r"entry \d+ "):
        ledger.verify(session, expected)
    return True


def _text(longest: int) -> st.SearchStrategy[str]:
    """What either database can hold."""
    return st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=longest)


def test_an_empty_ledger_has_a_head(engine: Engine) -> None:
    with undone(engine) as session:
        assert ledger.head(session) == ledger.verify(session) == Head(0, START)


def test_the_hash_is_the_one_that_is_documented(engine: Engine) -> None:
    with undone(engine) as session:
        chain(session, 3)
        previous = bytes.fromhex(START)
        for entry in _entries(session):
            inner = sha256(bytes.fromhex(entry.salt) + entry.content.encode()).digest()
            previous = sha256(previous + inner).digest()
            assert entry.hash == previous.hex()
        assert ledger.verify(session) == Head(3, previous.hex())


def test_the_content_says_when_what_and_who(engine: Engine) -> None:
    with undone(engine) as session:
        record = Record("request:sent", "R-1", {"to": "ACMA", "due": None})
        ledger.append(session, [record], NOW, {"by": "local:ana"}, partial(bytes, 16))
        assert _entries(session)[0].content == (
            '{"at":"2026-12-01T09:00:00+00:00","by":"local:ana","due":null,"subject":"R-1","tag":"request:sent",'
            '"to":"ACMA"}'
        )


def test_records_of_one_command_follow_each_other(engine: Engine) -> None:
    with undone(engine) as session:
        records = [Record("case:added", "C-1", {"agency": code}) for code in ("ACMA", "ICO", "KISA")]
        ledger.append(session, records, NOW, {}, partial(bytes, 16))
        ledger.append(session, [], NOW, {}, partial(bytes, 16))
        assert [entry.seq for entry in _entries(session)] == [1, 2, 3]
        assert ledger.verify(session) == ledger.head(session)


@pytest.mark.parametrize("salt", [b"", b"short", bytes(15), bytes(17)])
def test_a_salt_of_another_size_is_refused(engine: Engine, salt: bytes) -> None:
    with undone(engine) as session, pytest.raises(ValueError, match="a salt of"):
        ledger.append(session, [Record("case:noted", "C-1", {})], NOW, {}, lambda: salt)


@in_undone
@given(count=LENGTHS, data=st.data())
def test_a_changed_entry_is_found(engine: Engine, count: int, data: st.DataObject) -> None:
    with undone(engine) as session:
        chain(session, count)
        entries = _entries(session)
        which = data.draw(st.integers(0, count - 1))
        field, longest = data.draw(st.sampled_from([("content", 300), ("salt", 64), ("hash", 64)]))
        whole = getattr(entries[which], field)
        changed = st.one_of(_text(longest), st.just(whole.upper()), st.just(whole[1:]), st.just(" " + whole[:-1]))
        value = data.draw(changed.filter(lambda it: it != whole))
        entries[which] = Entry(**(vars(entries[which]) | {field: value}))
        assert _is_found(session, entries)


@in_undone
@given(count=LENGTHS, data=st.data())
def test_bytes_that_moved_between_salt_and_content_are_found(engine: Engine, count: int, data: st.DataObject) -> None:
    with undone(engine) as session:
        chain(session, count)
        entries = _entries(session)
        which = data.draw(st.integers(0, count - 1))
        moved = data.draw(st.integers(1, 16))
        whole = entries[which]
        longer = whole.salt + whole.content[:moved].encode().hex()
        entries[which] = replace(whole, salt=longer[:64], content=whole.content[moved:])
        assert _is_found(session, entries)


@in_undone
@given(count=LENGTHS, data=st.data())
def test_a_removed_entry_is_found(engine: Engine, count: int, data: st.DataObject) -> None:
    with undone(engine) as session:
        chain(session, count)
        entries = _entries(session)
        del entries[data.draw(st.integers(0, count - 2))]
        assert _is_found(session, entries)


@in_undone
@given(count=LENGTHS, data=st.data())
def test_a_removed_entry_is_found_when_the_others_close_up(engine: Engine, count: int, data: st.DataObject) -> None:
    with undone(engine) as session:
        chain(session, count)
        entries = _entries(session)
        del entries[data.draw(st.integers(0, count - 2))]
        assert _is_found(session, [replace(entry, seq=seq) for seq, entry in enumerate(entries, start=1)])


@in_undone
@given(count=LENGTHS, jump=st.integers(1, 3), data=st.data())
def test_numbers_that_jump_are_found(engine: Engine, count: int, jump: int, data: st.DataObject) -> None:
    with undone(engine) as session:
        chain(session, count)
        entries = _entries(session)
        after = data.draw(st.integers(0, count - 1))
        jumped = [replace(entry, seq=entry.seq + jump) for entry in entries[after:]]
        assert _is_found(session, entries[:after] + jumped)


@in_undone
@given(count=LENGTHS, data=st.data())
def test_swapped_entries_are_found(engine: Engine, count: int, data: st.DataObject) -> None:
    with undone(engine) as session:
        chain(session, count)
        entries = _entries(session)
        one, other = sorted(data.draw(st.sets(st.integers(0, count - 1), min_size=2, max_size=2)))
        first, second = entries[one], entries[other]
        entries[one], entries[other] = replace(second, seq=first.seq), replace(first, seq=second.seq)
        assert _is_found(session, entries)


@in_undone
@given(count=LENGTHS, data=st.data())
def test_an_entry_that_was_put_in_is_found(engine: Engine, count: int, data: st.DataObject) -> None:
    with undone(engine) as session:
        chain(session, count)
        entries = _entries(session)
        where = data.draw(st.integers(0, count))
        entries.insert(where, entries[data.draw(st.integers(0, count - 1))])
        first = data.draw(st.integers(-2, 1))
        assert _is_found(session, [replace(entry, seq=seq) for seq, entry in enumerate(entries, start=first)])


@in_undone
@given(count=LENGTHS, data=st.data())
def test_with_a_head_noted_earlier_any_cut_off_is_found(engine: Engine, count: int, data: st.DataObject) -> None:
    with undone(engine) as session:
        noted = chain(session, count)
        left = _entries(session)[: data.draw(st.integers(0, count - 1))]
        _forge(session, left)
        assert ledger.verify(session).count == len(left), "alone, what is left is a whole chain"
        with pytest.raises(BrokenLedgerError, match=f"cut off after {len(left)} of {count}"):
            ledger.verify(session, noted)


@in_undone
@given(count=LENGTHS, longer=st.integers(0, 3), data=st.data())
def test_a_chain_that_was_written_anew_is_found(engine: Engine, count: int, longer: int, data: st.DataObject) -> None:
    with undone(engine) as session:
        noted = chain(session, count)
        kept = data.draw(st.integers(0, count - 1))
        _forge(session, _entries(session)[:kept])
        chain(session, count - kept + longer, tag="case:closed")
        assert ledger.verify(session).count == count + longer, "alone, what was written anew is a whole chain"
        with pytest.raises(BrokenLedgerError, match=f"entry {count} is not the one noted"):
            ledger.verify(session, noted)


@in_undone
@given(count=LENGTHS, more=st.integers(0, 3))
def test_a_head_noted_earlier_is_on_the_chain_for_ever(engine: Engine, count: int, more: int) -> None:
    with undone(engine) as session:
        noted = [ledger.head(session), chain(session, count)]
        last = chain(session, more)
        assert [ledger.verify(session, head) for head in noted] == [last, last]


def test_a_head_of_another_ledger_is_not_on_it(engine: Engine) -> None:
    with undone(engine) as session:
        chain(session, 2)
        with pytest.raises(BrokenLedgerError, match="entry 0 is not the one noted"):
            ledger.verify(session, Head(0, "0" * 64))


def test_a_long_ledger_is_read_in_portions(engine: Engine) -> None:
    records = [Record("case:noted", "C-1", {"number": number}) for number in range(2500)]
    with undone(engine) as session:
        ledger.append(session, records, NOW, {}, partial(bytes, 16))
        assert ledger.verify(session).count == 2500


def test_what_was_refused_may_roll_back_and_its_entry_stays(engine: Engine) -> None:
    with transaction(engine) as session:
        with session.begin_nested() as savepoint:
            chain(session, 1)
            savepoint.rollback()
        chain(session, 1, tag="refused:NotPermitted")
    with transaction(engine, reading=True) as session:
        assert [entry.seq for entry in _entries(session)] == [1]
        assert ledger.verify(session).count == 1


@given(st.integers(0, 10**9), st.binary(min_size=32, max_size=32))
def test_a_head_reads_back_as_it_is_written(count: int, chained: bytes) -> None:
    head = Head(count, chained.hex())
    assert read_head(str(head)) == head


@pytest.mark.parametrize(
    "spoil",
    [
        lambda head: head.upper(),
        lambda head: head[:-1],
        lambda head: head + "0",
        lambda head: "x" + head,
        lambda head: "-" + head,
        lambda head: head.replace(":", ""),
        lambda _head: "",
    ],
)
def test_what_is_no_head_is_refused(spoil: Callable[[str], str]) -> None:
    with pytest.raises(ValueError, match="is no head"):
        read_head(spoil(str(Head(1, START))))

"""The append-only audit record, hash-chained: what is written is never changed; it holds sums of texts, not texts.

hash = sha256(previous hash, sha256(salt, content)), so that an entry can be proved to someone who may not read it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from storage.rows import add_all
from storage.statement import Statement
from storage.tables import LedgerEntry

START = hashlib.sha256(b"comity ledger").hexdigest()
"""What the first entry is chained to."""


_SALT = re.compile(r"[0-9a-f]{32}")
"""16 bytes, spelt in one way only: else a byte could move from content to salt, or a letter change, unseen."""


@dataclass(frozen=True)
class Head:
    """How many entries there are, and the last one's hash."""

    count: int
    hash: str

    def __str__(self) -> str:
        return f"{self.count}:{self.hash}"


def read_head(text: str) -> Head:
    """`COUNT:HASH` as a digest or `ledger verify` prints it; raises ValueError."""
    count, _, chained = text.partition(":")
    if not count.isdecimal() or len(chained) != len(START) or set(chained) - set("0123456789abcdef"):
        raise ValueError(f"{text} is no head: write COUNT:HASH, as `ledger verify` prints it")
    return Head(int(count), chained)


@dataclass(frozen=True)
class Record:
    """One thing that happened: `tag` (request:sent), `subject` (R-1) and details; texts only as sha256 sums."""

    tag: str
    subject: str
    details: Mapping[str, Any]


def sha256(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()


def _chained(previous: str, salt: str, content: str) -> str:
    return hashlib.sha256(bytes.fromhex(previous) + _inner(salt, content)).hexdigest()


_LAST = Statement(select(LedgerEntry.seq, LedgerEntry.hash).order_by(col(LedgerEntry.seq).desc()).limit(1))


def head(session: Session) -> Head:
    last = _LAST.one(session)
    return Head(*last) if last else Head(0, START)


def append(
    session: Session, records: Sequence[Record], now: datetime, who: Mapping[str, Any], salt: Callable[[], bytes]
) -> None:
    """Chain the records to the head; there is one writer at a time (storage.session).

    `salt` gives 16 fresh random bytes; raises ValueError if it gives anything else.
    """
    if not records:
        return
    last = head(session)
    rows = []
    for record in records:
        content = json.dumps(
            {"at": now.isoformat(), "tag": record.tag, "subject": record.subject, **who, **record.details},
            ensure_ascii=False,
            sort_keys=True,
            separators=(",", ":"),
        )
        salted = salt().hex()
        if not _SALT.fullmatch(salted):
            raise ValueError(f"a salt of {len(salted) // 2} bytes")
        last = Head(last.count + 1, _chained(last.hash, salted, content))
        rows.append({"seq": last.count, "content": content, "salt": salted, "hash": last.hash})
    add_all(session, LedgerEntry, rows)


def entries(session: Session) -> Generator[LedgerEntry]:
    """All of them in order, read in portions: a ledger outgrows memory. Close it, if you leave before the end."""
    query = select(LedgerEntry).order_by(col(LedgerEntry.seq)).execution_options(yield_per=1000)
    with session.exec(query) as rows:
        yield from rows


def extract(session: Session, count: int, may_read: Callable[[dict[str, Any]], bool]) -> Generator[dict[str, Any]]:
    """The first `count` entries: whole where it may be read, else its number and the sum that the chain is made of."""
    query = select(LedgerEntry).where(LedgerEntry.seq <= count).order_by(col(LedgerEntry.seq))
    with session.exec(query.execution_options(yield_per=1000)) as rows:
        for entry in rows:
            if may_read(json.loads(entry.content)):
                yield {"seq": entry.seq, "salt": entry.salt, "content": entry.content}
            else:
                yield {"seq": entry.seq, "inner": _inner(entry.salt, entry.content).hex()}


def _inner(salt: str, content: str) -> bytes:
    return hashlib.sha256(bytes.fromhex(salt) + content.encode()).digest()


class BrokenLedgerError(Exception):
    """The chain does not hold; its text names the first entry that is wrong."""


def verify(session: Session, expected: Head | None = None) -> Head:
    """Walk the chain; with `expected`, a head noted earlier must be on it. Raises BrokenLedgerError."""
    last = Head(0, START)
    _mind_noted(last, expected)
    with closing(entries(session)) as walk:
        for entry in walk:
            last = _next(last, entry)
            _mind_noted(last, expected)
    if expected is not None and last.count < expected.count:
        raise BrokenLedgerError(f"entry {last.count + 1} is missing: cut off after {last.count} of {expected.count}")
    return last


def _next(last: Head, entry: LedgerEntry) -> Head:
    if entry.seq != last.count + 1:
        raise BrokenLedgerError(f"entry {last.count + 1} is missing: the next one is {entry.seq}")
    if not _SALT.fullmatch(entry.salt) or _chained(last.hash, entry.salt, entry.content) != entry.hash:
        raise BrokenLedgerError(f"entry {entry.seq} does not follow from the one before: it was changed or swapped")
    return Head(entry.seq, entry.hash)


def _mind_noted(last: Head, expected: Head | None) -> None:
    if expected is not None and last.count == expected.count and last.hash != expected.hash:
        raise BrokenLedgerError(f"entry {last.count} is not the one noted: the chain was written anew")

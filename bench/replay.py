"""The floor of a command: the statements that it made, recorded, and made again by the bare driver with fresh keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import Engine

from tests.tap import tapped

Values = Sequence[Any] | Mapping[str, Any]


@dataclass(frozen=True)
class Statement:
    sql: str
    values: Any
    """Values, or a list of them where `many`."""
    many: bool


class Cursor(Protocol):
    """What sqlite3 and psycopg have in common."""

    description: Any

    def execute(self, sql: Any, values: Any = ..., /) -> Any: ...
    def executemany(self, sql: Any, values: Any, /) -> Any: ...
    def fetchall(self) -> list[Any]: ...


@contextmanager
def recorded(engine: Engine) -> Iterator[list[Statement]]:
    """All statements that reach the driver meanwhile, in order; COMMIT is none."""
    made: list[Statement] = []

    def note(sql: str, values: Any, many: bool) -> None:
        if not sql.startswith(("PRAGMA", "COMMIT")):
            made.append(Statement(sql, values or (), many))

    with tapped(engine, note):
        yield made


class Replay:
    """What differed between two recordings of the same command in a row is what must be fresh each time."""

    def __init__(self, first: Sequence[Statement], second: Sequence[Statement]) -> None:
        if [statement.sql for statement in first] != [statement.sql for statement in second]:
            raise ValueError("the two recordings are not of the same command")
        self._pairs = list(zip(first, second, strict=True))
        self._count = 0

    def __len__(self) -> int:
        return len(self._pairs)

    def prepare(self, times: int) -> list[list[Statement]]:
        """The statements of so many further commands, made beforehand: making them up is no part of the floor."""
        prepared = []
        for _ in range(times):
            self._count += 1
            prepared.append(
                [
                    Statement(later.sql, _fresh(earlier.values, later.values, self._count), later.many)
                    for earlier, later in self._pairs
                ]
            )
        return prepared


def perform(cursor: Cursor, statements: Sequence[Statement]) -> None:
    for statement in statements:
        if statement.many:
            cursor.executemany(statement.sql, statement.values)
        else:
            cursor.execute(statement.sql, statement.values)
            if cursor.description is not None:
                cursor.fetchall()


def _fresh(first: Any, second: Any, count: int) -> Any:
    """The value in the count-th command after the second: numbers go on by the same step, words become new ones."""
    match first, second:
        case dict(), dict():
            return {name: _fresh(first[name], second[name], count) for name in second}
        case (list(), list()) | (tuple(), tuple()):
            return type(second)(_fresh(one, other, count) for one, other in zip(first, second, strict=True))
        case _ if first == second:
            return second
        case int(), int():
            return second + (second - first) * count
        case str(), str():
            new = f"{count:08}"
            return new + second[len(new) :]
        case _:
            raise TypeError(f"nobody knows what follows {first!r} and {second!r}")

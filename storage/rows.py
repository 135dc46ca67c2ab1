"""Plain inserts, without the unit of work that the hot path cannot afford, and words for conditions; no queries."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from enum import StrEnum
from functools import cache
from typing import Any, cast

from sqlalchemy import BindParameter, Table, bindparam, insert
from sqlmodel import Session, SQLModel

from storage.once import written
from storage.statement import Statement


def table_of(entity: type[SQLModel]) -> Table:
    return cast("Table", entity.__table__)  # type: ignore[attr-defined]  # SQLModel leaves it untyped


@cache
def _defaults(entity: type[SQLModel]) -> dict[str, Any]:
    """Every column's default, so that one statement shape serves every insert (and is compiled once)."""
    fields = entity.model_fields
    return {name: fields[name].default if not fields[name].is_required() else None for name in fields if name != "id"}


@cache
def _insert(entity: type[SQLModel]) -> Statement:
    return Statement(insert(table_of(entity)))


def add(session: Session, entity: type[SQLModel], **values: Any) -> int:
    """Insert one row and return its own key (0: it has none); raises KeyError on a column that does not exist."""
    key = _insert(entity).run(session, {**_defaults(entity), **values})
    written(session, entity)
    return key or 0


def add_all(session: Session, entity: type[SQLModel], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows in this order, so that their ids follow it."""
    if rows:
        defaults = _defaults(entity)
        _insert(entity).run_each(session, [{**defaults, **row} for row in rows])
        written(session, entity)


def literally(*words: StrEnum) -> BindParameter[Any]:
    """One word to compare with, or several for `in_`, that stand in the statement itself.

    Only so does SQLite take a partial index: what is bound later proves nothing about its condition
    (https://www.sqlite.org/partialindex.html#queries_using_partial_indexes).
    """
    several = len(words) > 1
    return bindparam(None, list(words) if several else words[0], unique=True, expanding=several, literal_execute=True)


class Keys:
    """Rows to look for by their keys, in a statement that stays the same however many they are: `in_(keys.binds)`."""

    def __init__(self, name: str, most: int) -> None:
        self.binds: list[BindParameter[int]] = [bindparam(f"{name}{at}") for at in range(most)]

    def each(self, keys: Collection[int]) -> Iterator[dict[str, int]]:
        """The values for each time that the statement is to be run; none for no keys."""
        most, left = len(self.binds), sorted(keys)
        for begin in range(0, len(left), most):
            yield self.values(left[begin : begin + most])

    def values(self, keys: Collection[int]) -> dict[str, int]:
        """For no more keys than it has places for; the places that are left find nothing."""
        filled = [*keys, *[0] * (len(self.binds) - len(keys))]
        return {bind.key: number for bind, number in zip(self.binds, filled, strict=True)}

"""Plain inserts, without the unit of work that the hot path cannot afford, and words for conditions; no queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import cache
from typing import Any, cast

from sqlalchemy import BindParameter, Insert, Table, bindparam, insert
from sqlmodel import Session, SQLModel

from storage.once import written


def table_of(entity: type[SQLModel]) -> Table:
    return cast("Table", entity.__table__)  # type: ignore[attr-defined]  # SQLModel leaves it untyped


@cache
def _defaults(entity: type[SQLModel]) -> dict[str, Any]:
    """Every column's default, so that one statement shape serves every insert (and is compiled once)."""
    fields = entity.model_fields
    return {name: fields[name].default if not fields[name].is_required() else None for name in fields if name != "id"}


@cache
def _insert(entity: type[SQLModel]) -> Insert:
    return insert(table_of(entity))


def add(session: Session, entity: type[SQLModel], **values: Any) -> int:
    """Insert one row and return its own key; raises KeyError on a column that does not exist."""
    defaults = _defaults(entity)
    if unknown := values.keys() - defaults.keys() - {"id"}:
        raise KeyError(*unknown)
    row = session.connection().execute(_insert(entity), {**defaults, **values})
    written(session, entity)
    return int(row.inserted_primary_key[0]) if "id" in entity.model_fields and row.inserted_primary_key else 0


def add_all(session: Session, entity: type[SQLModel], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows in this order, so that their ids follow it."""
    if rows:
        defaults = _defaults(entity)
        session.connection().execute(_insert(entity), [{**defaults, **row} for row in rows])
        written(session, entity)


def literally(*words: StrEnum) -> BindParameter[Any]:
    """One word to compare with, or several for `in_`, that stand in the statement itself.

    Only so does SQLite take a partial index: what is bound later proves nothing about its condition
    (https://www.sqlite.org/partialindex.html#queries_using_partial_indexes).
    """
    several = len(words) > 1
    return bindparam(None, list(words) if several else words[0], unique=True, expanding=several, literal_execute=True)

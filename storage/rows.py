"""Plain inserts, without the unit of work that the hot path cannot afford, and words for conditions; no queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import BindParameter, Table, bindparam, insert
from sqlmodel import Session, SQLModel


def table_of(entity: type[SQLModel]) -> Table:
    return cast("Table", entity.__table__)  # type: ignore[attr-defined]  # SQLModel leaves it untyped


_DEFAULTS: dict[type[SQLModel], dict[str, Any]] = {}


def _defaults(entity: type[SQLModel]) -> dict[str, Any]:
    """Every column's default, so that one statement shape serves every insert (and is compiled once)."""
    if entity not in _DEFAULTS:
        fields = entity.model_fields
        _DEFAULTS[entity] = {
            name: fields[name].default if not fields[name].is_required() else None for name in fields if name != "id"
        }
    return _DEFAULTS[entity]


def add(session: Session, entity: type[SQLModel], **values: Any) -> int:
    """Insert one row and return its own key; raises KeyError on a column that does not exist."""
    defaults = _defaults(entity)
    if unknown := values.keys() - defaults.keys() - {"id"}:
        raise KeyError(*unknown)
    row = session.connection().execute(insert(table_of(entity)), {**defaults, **values})
    return int(row.inserted_primary_key[0]) if "id" in table_of(entity).c and row.inserted_primary_key else 0


def add_all(session: Session, entity: type[SQLModel], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows in this order, so that their ids follow it."""
    if rows:
        defaults = _defaults(entity)
        session.connection().execute(insert(table_of(entity)), [{**defaults, **row} for row in rows])


def literally(*words: StrEnum) -> BindParameter[Any]:
    """One word to compare with, or several for `in_`, that stand in the statement itself.

    Only so does SQLite take a partial index: what is bound later proves nothing about its condition
    (https://www.sqlite.org/partialindex.html#queries_using_partial_indexes).
    """
    several = len(words) > 1
    return bindparam(None, list(words) if several else words[0], unique=True, expanding=several, literal_execute=True)

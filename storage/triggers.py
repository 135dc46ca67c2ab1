"""What a constraint cannot say: ledger entries are only ever added; it knows no other table."""

from __future__ import annotations

from sqlalchemy import DDL, event

from storage.rows import table_of
from storage.tables import LedgerEntry

_WHY = "ledger entries are neither changed nor removed"

_SQLITE = """
CREATE TRIGGER ledger_no_{deed} BEFORE {deed} ON ledger
BEGIN SELECT RAISE(ABORT, '{why}'); END
"""
_FUNCTION = """
CREATE FUNCTION ledger_is_kept() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '{why}'
USING ERRCODE = 'integrity_constraint_violation'; END $$
"""
_TRIGGER = """
CREATE TRIGGER ledger_is_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger
FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_kept()
"""


def _once_made(dialect: str, statement: str) -> None:
    trigger = DDL(statement)  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it untyped
    event.listen(table_of(LedgerEntry), "after_create", trigger.execute_if(dialect=dialect))


_once_made("sqlite", _SQLITE.format(deed="UPDATE", why=_WHY))
_once_made("sqlite", _SQLITE.format(deed="DELETE", why=_WHY))
_once_made("postgresql", _FUNCTION.format(why=_WHY))
_once_made("postgresql", _TRIGGER)

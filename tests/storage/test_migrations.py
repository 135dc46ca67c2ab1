"""Migrations and tables agree, and a database is what it says it is."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text
from sqlmodel import SQLModel

from storage import schema
from storage.migrations.__main__ import draft
from storage.schema import SchemaError, State
from storage.session import transaction
from tests import common


def _described(engine: Engine) -> dict[str, Any]:
    """Everything that a database says of its tables; the order of columns and constraints means nothing."""
    with transaction(engine, reading=True) as session:
        eye = inspect(session.connection())
        return {
            name: {
                "columns": sorted(map(_words, eye.get_columns(name))),
                "key": [_words(eye.get_pk_constraint(name))],
                "unique": sorted(map(_words, eye.get_unique_constraints(name))),
                "references": sorted(map(_words, eye.get_foreign_keys(name))),
                "checks": sorted(map(_words, eye.get_check_constraints(name))),
                "indexes": sorted(map(_words, eye.get_indexes(name))),
            }
            for name in eye.get_table_names()
        }


def _words(found: Mapping[str, Any]) -> str:
    return json.dumps(found, default=str, sort_keys=True)


def _downgrade(engine: Engine, to: str = "base") -> None:
    with transaction(engine, rebuilding=True) as session:
        command.downgrade(schema.alembic_config(session.connection()), to)


@pytest.fixture
def current(blank: Engine) -> Engine:
    """A database of its own, which a test may migrate further: the one of `engine` goes on to the next test."""
    schema.create(blank)
    return blank


@pytest.fixture
def later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the migrations, to which a test may add those of a later version."""
    folder = tmp_path / "migrations"
    shutil.copytree(schema.MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(schema, "MIGRATIONS", folder)
    return folder / "versions"


def _add(versions: Path, body: str) -> None:
    number = len(schema.revisions()) + 1
    (versions / f"v{number:04}_later.py").write_text(
        f"import sqlalchemy as sa\nfrom alembic import op\n"
        f"revision, down_revision = '{number:04}', '{schema.revisions()[-1]}'\n"
        f"def upgrade():\n    {body}\n"
    )


def test_migrations_and_tables_agree(blank: Engine) -> None:
    schema.migrate(blank)
    with transaction(blank, reading=True) as session:
        plugins = ["alembic.autogenerate.*", "alembic.ext.checkconstraint_byname"]
        options = {"version_table": schema.VERSION_TABLE, "autogenerate_plugins": plugins}
        context = MigrationContext.configure(session.connection(), opts=options)
        assert compare_metadata(context, SQLModel.metadata) == []


def test_create_makes_what_migrate_makes(blank: Engine) -> None:
    schema.create(blank)
    assert schema.state(blank) is State.CURRENT
    made = _described(blank)
    assert {"case", "request", "ledger", "outbox"} < made.keys()
    assert all(made["request"].values()), "of every kind there is one to compare"
    _downgrade(blank)
    schema.migrate(blank)
    assert _described(blank) == made


def test_up_down_and_up_again(blank: Engine) -> None:
    schema.migrate(blank)
    up = _described(blank)
    _downgrade(blank)
    assert list(_described(blank)) == [schema.VERSION_TABLE]
    assert schema.state(blank) is State.EMPTY
    schema.migrate(blank)
    assert _described(blank) == up


def test_the_files_tell_the_revisions_that_alembic_knows(blank: Engine) -> None:
    with transaction(blank, reading=True) as session:
        scripts = ScriptDirectory.from_config(schema.alembic_config(session.connection()))
        known = [script.revision for script in scripts.walk_revisions()]
        assert list(reversed(known)) == list(schema.revisions())
        assert [f"{number:04}" for number in range(1, len(known) + 1)] == list(schema.revisions())


def test_an_empty_database_says_so_and_is_brought_up_to_date(blank: Engine) -> None:
    assert schema.state(blank) is State.EMPTY
    with pytest.raises(SchemaError, match="is empty: run `python -m bot migrate`"):
        schema.check(blank)
    schema.check(blank, empty=True)
    schema.migrate(blank)
    assert schema.state(blank) is State.CURRENT
    schema.check(blank)
    with pytest.raises(SchemaError, match="not empty"):
        schema.check(blank, empty=True)


def test_a_database_behind_keeps_its_rows_when_it_is_brought_up_to_date(current: Engine, later: Path) -> None:
    with transaction(current) as session:
        ftc = common.party(session)
    _add(later, 'op.add_column("agency", sa.Column("motto", sa.Text))')
    assert schema.state(current) is State.BEHIND
    with pytest.raises(SchemaError, match="earlier version: run"):
        schema.check(current)
    schema.migrate(current)
    assert schema.state(current) is State.CURRENT
    with transaction(current, reading=True) as session:
        assert session.execute(text("SELECT id, motto FROM agency")).one() == (ftc.agency, None)


def test_a_database_ahead_is_left_alone(current: Engine, later: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _add(later, 'op.add_column("agency", sa.Column("motto", sa.Text))')
    schema.migrate(current)
    monkeypatch.undo()
    assert schema.state(current) is State.AHEAD
    for refused in (schema.check, schema.migrate):
        with pytest.raises(SchemaError, match="later version of Comity"):
            refused(current)


def test_tables_that_are_not_ours_are_left_alone(blank: Engine) -> None:
    with transaction(blank) as session:
        session.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32))"))
        session.execute(text("INSERT INTO alembic_version VALUES ('0001')"))
    assert schema.state(blank) is State.FOREIGN
    for refused in (schema.check, schema.migrate):
        with pytest.raises(SchemaError, match="not Comity's"):
            refused(blank)
    assert list(_described(blank)) == ["alembic_version"]


def test_a_migration_that_fails_leaves_everything_as_it_was(current: Engine, later: Path) -> None:
    before = _described(current)
    _add(later, 'op.add_column("agency", sa.Column("motto", sa.Text))')
    _add(later, "1 / 0")
    with pytest.raises(ZeroDivisionError):
        schema.migrate(current)
    assert _described(current) == before
    assert schema.state(current) is State.BEHIND


def test_programs_that_migrate_at_once_do_it_once(blank: Engine) -> None:
    with ThreadPoolExecutor(4) as programs:
        list(programs.map(schema.migrate, [blank] * 4))
    assert schema.state(blank) is State.CURRENT


REBUILT = """
with op.batch_alter_table("agency") as agency:
        agency.alter_column("name", existing_type=sa.String(200), type_=sa.String(300), existing_nullable=False)
"""


def test_a_table_that_others_refer_to_can_be_rebuilt(current: Engine, later: Path) -> None:
    with transaction(current) as session:
        ftc, acma = common.parties(session, 2)
        common.request(session, common.case(session, ftc, [acma]), ftc, acma)
    _add(later, REBUILT.strip())
    schema.migrate(current)
    with transaction(current) as session:
        ids = session.execute(text("SELECT asking_id, asked_id FROM request JOIN agency ON agency.id = asked_id")).one()
        assert ids == (ftc.agency, acma.agency)
        session.execute(text("UPDATE agency SET name = :name"), {"name": "n" * 300})


@pytest.mark.parametrize("blank", ["sqlite"], indirect=True)
def test_a_migration_that_leaves_a_reference_to_nothing_is_undone(current: Engine, later: Path) -> None:
    with transaction(current) as session:
        common.party(session)
    _add(later, 'op.execute("DELETE FROM agency")')
    with pytest.raises(SchemaError, match="refer to nothing, in officer: undone"):
        schema.migrate(current)
    with transaction(current, reading=True) as session:
        assert session.scalar(text("SELECT count(*) FROM agency")) == 1


def test_a_draft_of_unchanged_tables_changes_nothing(later: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = later / f"v{len(schema.revisions()) + 1:04}_nothing_new.py"
    draft("Nothing new")
    assert file.read_text().count("    pass\n") == 2
    assert str(file) in capsys.readouterr().out


def test_what_a_draft_says_brings_the_tables_back(later: Path, current: Engine) -> None:
    """A table, an index and a column are lacking: the draft knows, and mends it on both databases."""
    wanted = _described(current)
    _add(
        later,
        'op.drop_table("digest")\n'
        '    with op.batch_alter_table("case") as case:\n'
        '        case.drop_index("ix_case_agency_id")\n'
        '        case.drop_column("place")\n',
    )
    schema.migrate(current)
    assert _described(current) != wanted
    draft("Bring it back")
    schema.migrate(current)
    assert _described(current) == wanted

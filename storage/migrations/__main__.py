"""Drafts the next migration from what changed in storage.tables: `python -m storage.migrations "Keep exhibits"`."""

from __future__ import annotations

import sys
from tempfile import TemporaryDirectory

from alembic import command

from storage import schema
from storage.session import connect, transaction


def draft(subject: str) -> None:
    """Write what leads from the last migration to the tables as they are; read it before you keep it.

    It does not see another condition under the same name (a new word), or what should become of rows: a test finds the
    first, the writer adds both.
    """
    number = f"{int(schema.revisions()[-1]) + 1:04}"
    with TemporaryDirectory() as temporary:
        engine = connect(f"sqlite:///{temporary}/draft.db")
        schema.migrate(engine)
        with transaction(engine, reading=True) as session:
            config = schema.alembic_config(session.connection())
            command.revision(config, subject, autogenerate=True, rev_id=number)
        engine.dispose()


if __name__ == "__main__":
    draft(sys.argv[1])

"""Drafts the next migration from what changed in storage.tables: `python -m storage.migrations "Keep exhibits"`."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from alembic import command

from storage import schema
from storage.session import connect, transaction


def draft(subject: str, folder: Path = schema.MIGRATIONS / "versions") -> None:
    """Write what leads from the last migration to the tables as they are; read it before you keep it.

    What becomes of rows is not seen: that is for the writer to add.
    """
    number = f"{int(schema.revisions()[-1]) + 1:04}"
    with TemporaryDirectory() as temporary:
        engine = connect(f"sqlite:///{temporary}/draft.db")
        schema.migrate(engine)
        with transaction(engine, reading=True) as session:
            config = schema.alembic_config(session.connection())
            command.revision(config, subject, autogenerate=True, rev_id=number, version_path=str(folder))
        engine.dispose()


if __name__ == "__main__":
    draft(sys.argv[1])

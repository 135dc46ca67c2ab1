"""What Alembic runs: it uses the connection that storage.schema hands over, and leaves the commit to it."""

from __future__ import annotations

from alembic import context
from sqlmodel import SQLModel

from storage.schema import VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    version_table=VERSION_TABLE,
    render_as_batch=True,
    autogenerate_plugins=["alembic.autogenerate.*", "alembic.ext.checkconstraint_byname"],
)
context.run_migrations()

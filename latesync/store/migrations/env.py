"""Alembic's entry, called by `store/migrate.py` with a connection whose transaction is open."""

from __future__ import annotations

from alembic import context

from latesync.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # SQLite undoes tables too, other than Alembic thinks; MySQL and MariaDB do not, and scripts skip
    # what is there.
    transactional_ddl=context.config.attributes["connection"].dialect.name != "mysql",
    render_as_batch=True,
)
context.run_migrations()

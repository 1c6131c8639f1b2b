"""Alembic's environment: runs the steps on the connection that :mod:`bot.storage.upgrading` hands over."""

from __future__ import annotations

from alembic import context

from bot.storage.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()

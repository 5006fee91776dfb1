"""Runs Alembic on the connection it is handed; reads no settings of its own."""

from alembic import context

from nurture.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()

"""Brings the ledger to this version's tables, and tells whether it is there."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from nurture.domain.errors import StoreError
from nurture.store.database import Database

_MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade(database: Database) -> str:
    """The ledger has the tables of this version; returns its revision. Safe to run again, and by two at once."""
    with database.begin() as connection:
        if connection.dialect.name == "postgresql":
            # Any fixed number: two upgrades at once wait for one another.
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(8172206677)")
        command.upgrade(_config(connection), "head")
        return _revision(connection)


def ensure_current(database: Database) -> None:
    """Raise StoreError unless the ledger has this version's tables."""
    with database.read() as connection:
        revision = MigrationContext.configure(connection).get_current_revision()
        head = ScriptDirectory.from_config(_config(connection)).get_current_head()
    if revision is None:
        raise StoreError("The database has no tables yet. Run `nurture upgrade` once.")
    if revision != head:
        raise StoreError(f"The database is at revision {revision}, this version needs {head}. Run `nurture upgrade`.")


def _revision(connection: Connection) -> str:
    return MigrationContext.configure(connection).get_current_revision() or ""


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    return config

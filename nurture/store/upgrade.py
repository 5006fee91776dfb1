"""Brings the ledger to this version's tables, step by step along migrations/versions."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util.exc import CommandError
from sqlalchemy import Connection

from nurture.domain.errors import StoreError
from nurture.store.database import Database
from nurture.store.revision import REVISION

_MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade(database: Database) -> str:
    """The ledger has the tables of this version; returns its revision. Safe to run again, and by two at once."""
    with database.rebuild() as connection:
        if connection.dialect.name == "postgresql":
            # Any fixed number: two upgrades at once wait for one another.
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(8172206677)")
        try:
            command.upgrade(_config(connection), "head")
        except CommandError as error:
            raise StoreError(
                f"The database is at a revision that this version of Nurture does not know ({error}), so nothing was "
                "changed. Use the newer version that made it."
            ) from error
    return REVISION


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    return config

"""Which version of the tables the ledger has. Told apart from upgrading, because every command asks."""

from sqlalchemy import inspect, text

from nurture.domain.errors import StoreError
from nurture.store.database import Database

#: The latest file in migrations/versions (a test compares them).
REVISION = "0018"


def revision_of(database: Database) -> str | None:
    """The ledger's revision, or None while it has no tables."""
    with database.read() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        revision: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
        return revision


def ensure_current(database: Database) -> None:
    """Raise StoreError unless the ledger has this version's tables."""
    revision = revision_of(database)
    if revision is None:
        raise StoreError("The database has no tables yet. Run `nurture upgrade` once.")
    if revision != REVISION:
        raise StoreError(
            f"The database is at revision {revision}, this version needs {REVISION}. Run `nurture upgrade`."
        )

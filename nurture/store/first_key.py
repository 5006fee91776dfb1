"""What the ledger remembers of the first secret key: a keyed digest, written once and never changed."""

from sqlalchemy import Connection, inspect, text

from nurture.store.schema import ledger


def key_fingerprint(connection: Connection) -> str | None:
    """The fingerprint of the key that the ledger was begun with; None while it has none, or no tables yet."""
    if not inspect(connection).has_table(ledger.name):
        return None
    # Whatever columns there are: the ledger may still be at a revision that has no such one.
    row = connection.execute(text("SELECT * FROM ledger")).mappings().one()
    fingerprint: str | None = row.get("key_fingerprint")
    return fingerprint


def replace_key_fingerprint(connection: Connection, fingerprint: str) -> None:
    """The ledger has that fingerprint, whatever it had before."""
    connection.execute(ledger.update().values(key_fingerprint=fingerprint))


def keep_key_fingerprint(connection: Connection, fingerprint: str) -> None:
    """The ledger has that fingerprint, unless it had one before."""
    connection.execute(ledger.update().where(ledger.c.key_fingerprint.is_(None)).values(key_fingerprint=fingerprint))

"""What the ledger remembers of the first secret key: a keyed digest, written once and never changed."""

from sqlalchemy import Connection, inspect, select, table, text

from nurture.store.schema import system_state

# Where it stood before revision 0012: the key is asked for while an older installation is still to be upgraded.
_EARLIER = "ledger"


def key_fingerprint(connection: Connection) -> str | None:
    """The fingerprint of the key that the ledger was begun with; None while it has none, or no tables yet."""
    tables = inspect(connection)
    name = next((each for each in (system_state.name, _EARLIER) if tables.has_table(each)), None)
    if name is None:
        return None
    # Whatever columns there are: an even older installation has none for it.
    row = connection.execute(select(text("*")).select_from(table(name))).mappings().one()
    fingerprint: str | None = row.get("key_fingerprint")
    return fingerprint


def replace_key_fingerprint(connection: Connection, fingerprint: str) -> None:
    """The ledger has that fingerprint, whatever it had before."""
    connection.execute(system_state.update().values(key_fingerprint=fingerprint))


def keep_key_fingerprint(connection: Connection, fingerprint: str) -> None:
    """The ledger has that fingerprint, unless it had one before."""
    connection.execute(
        system_state.update().where(system_state.c.key_fingerprint.is_(None)).values(key_fingerprint=fingerprint)
    )

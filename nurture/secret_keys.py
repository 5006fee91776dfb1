"""The first secret key, and the ledger's memory of it: links already mailed and kept hashes live as long as it does.

Makes a key only for a ledger that never had one. Knows no verb and no mail.
"""

import secrets
from pathlib import Path

from nurture.config.settings import Settings
from nurture.domain.errors import ConfigError
from nurture.domain.secret_key import HOW_TO_MAKE_ONE, weakness_of
from nurture.signing import Signing
from nurture.store.database import Database
from nurture.store.first_key import keep_key_fingerprint, key_fingerprint, replace_key_fingerprint
from nurture.store.rehash import rehash
from nurture.whole_file import write_once

FOR_GOOD = "nurture upgrade --new-key"
_COST = "Links already mailed would not open, the way out among them, and no kept hash would match"


def own_key(settings: Settings) -> Path:
    """Where an installation that was given no key keeps the one it made."""
    return settings.var / "secret-key"


def secret_keys(settings: Settings, database: Database) -> tuple[str, ...]:
    """The keys that were given, or this installation's own, made once.

    Raises ConfigError when its own is gone and the ledger was begun with one, because a fresh key would open nothing;
    and when strangers could guess one of them where strangers come.
    """
    keys = settings.secret_keys or (_own_key(settings, database),)
    weakness = next(filter(None, map(weakness_of, keys)), None)
    if weakness and settings.is_production:
        place = "NURTURE_SECRET_KEY" if settings.secret_keys else own_key(settings)
        raise ConfigError(
            f"{place} can be guessed: it {weakness}. Whoever guesses it can forge every link in your mails, so nothing "
            f"was started. Make another and keep it: {HOW_TO_MAKE_ONE}"
        )
    return keys


def refuse_another_key(settings: Settings, database: Database, signing: Signing) -> None:
    """Raise ConfigError when the ledger was begun with another first key; it may be of any revision."""
    problem = key_problem(settings, database, signing)
    if problem:
        raise ConfigError(problem)


def hold_to_first_key(settings: Settings, database: Database, signing: Signing) -> None:
    """The ledger, which has this version's tables, remembers the first key; raises ConfigError if it has another."""
    if _remembered(database) is None:
        with database.begin() as connection:
            keep_key_fingerprint(connection, signing.fingerprint)
    refuse_another_key(settings, database, signing)


def begin_with_new_key(database: Database, signing: Signing) -> int:
    """The ledger goes on with the first key of `signing`, because its own is lost for good or was given away.

    Whom it must not write to it still knows by the addresses on record; returns how many suppressions have none. Links
    already mailed stay dead. Nothing else may run meanwhile.
    """
    with database.rebuild() as connection:
        lost = rehash(connection, signing.address_digest)
        replace_key_fingerprint(connection, signing.fingerprint)
    return lost


def key_problem(settings: Settings, database: Database, signing: Signing) -> str | None:
    """What to do about a first key that is not the ledger's; None when it is, or the ledger has none yet."""
    if _remembered(database) in {None, signing.fingerprint}:
        return None
    own = own_key(settings)
    if not settings.secret_keys:
        then = f"Put {own} back from your backup, or set NURTURE_SECRET_KEY to the key that was used until now"
    else:
        then = "Put the old key first in NURTURE_SECRET_KEY, and a new one behind it"
        then += f"; {own} may hold the old one" if own.exists() else ""
    what = f"The secret key is not the one that this database was begun with. {_COST}, so nothing was changed"
    return f"{what}. {then}. If the old one is lost for good: {FOR_GOOD}."


def _own_key(settings: Settings, database: Database) -> str:
    file = own_key(settings)
    if not file.exists() and _remembered(database) is not None:
        raise ConfigError(
            f"The secret key is gone: {file} is not there, and this database was begun with a key. {_COST}, so no new "
            "one was made and nothing was changed. Put the file back from your backup, or set NURTURE_SECRET_KEY to "
            f"the key that was used until now. If it is lost for good, set a new one and give: {FOR_GOOD}."
        )
    return _made_once(file)


def _remembered(database: Database) -> str | None:
    with database.read() as connection:
        return key_fingerprint(connection)


def _made_once(file: Path) -> str:
    """The key in the file, readable by its owner alone; of two who make it at once, both have the first one's."""
    if not file.exists():
        write_once(file, secrets.token_urlsafe(32))
    key = file.read_text(errors="replace").strip()
    if not key:
        raise ConfigError(f"{file} is empty, so no link can be signed. Put it back from your backup.")
    return key

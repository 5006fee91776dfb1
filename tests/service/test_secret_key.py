"""The ledger is held to the key it was begun with: nothing runs with another, and no lost one is replaced."""

from dataclasses import replace

import pytest
from alembic import command
from sqlalchemy import select

from nurture.domain.errors import ConfigError
from nurture.runtime import build_runtime
from nurture.secret_keys import (
    begin_with_new_key,
    hold_to_first_key,
    key_problem,
    own_key,
    refuse_another_key,
    secret_keys,
)
from nurture.service.preferences import unsubscribe
from nurture.service.request import Request
from nurture.service.signup import sign_up
from nurture.signing import Signing
from nurture.store.first_key import key_fingerprint
from nurture.store.schema import leads
from nurture.store.suppressions import suppress_lead, suppressions_of_leads
from nurture.store.upgrade import _config, upgrade

EMAILS = ("ann@example.com", "bob@example.com")


def hold(installation, *keys):
    settings = replace(installation.runtime.settings, secret_keys=keys)
    hold_to_first_key(settings, installation.runtime.database, Signing(keys))


def remembered(database):
    with database.read() as connection:
        return key_fingerprint(connection)


def test_the_ledger_keeps_the_key_it_meets_first_and_refuses_another(any_installation):
    hold(any_installation, "old")
    kept = remembered(any_installation.runtime.database)
    hold(any_installation, "old")
    with pytest.raises(ConfigError, match="Put the old key first in NURTURE_SECRET_KEY"):
        hold(any_installation, "other")
    assert remembered(any_installation.runtime.database) == kept == Signing(("old",)).fingerprint


def test_a_new_key_goes_behind_the_old_and_never_before_it(any_installation):
    hold(any_installation, "old")
    hold(any_installation, "old", "new")
    with pytest.raises(ConfigError):
        hold(any_installation, "new", "old")


def test_a_lost_key_is_asked_for_and_none_made_in_its_place(any_installation):
    settings = replace(any_installation.runtime.settings, secret_keys=())
    file, database = own_key(settings), any_installation.runtime.database
    (made,) = secret_keys(settings, database)
    assert file.read_text() == made
    hold_to_first_key(settings, database, Signing((made,)))
    file.unlink()
    with pytest.raises(ConfigError, match=f"{file} is not there.*back from your backup"):
        secret_keys(settings, database)
    assert [each.name for each in settings.var.iterdir() if "key" in each.name] == []
    file.write_text("another")
    with pytest.raises(ConfigError, match=f"Put {file} back"):
        hold_to_first_key(settings, database, Signing(("another",)))


def test_an_older_ledger_is_asked_for_no_key_before_it_is_upgraded(database, settings):
    with database.begin() as connection:
        command.downgrade(_config(connection), "0003")
    refuse_another_key(settings, database, Signing(("any",)))
    upgrade(database)
    assert remembered(database) is None
    hold_to_first_key(settings, database, Signing(("any",)))
    assert remembered(database) is not None


def test_a_runtime_is_not_built_on_a_key_that_is_lost(settings, tmp_path):
    own = replace(settings, secret_keys=(), database_url=f"sqlite:///{tmp_path / 'ledger.db'}")
    runtime = build_runtime(own)
    upgrade(runtime.database)
    hold_to_first_key(own, runtime.database, runtime.signing)
    own_key(own).unlink()
    with pytest.raises(ConfigError, match="secret key is gone"):
        build_runtime(own)
    runtime.database.close()


def test_a_key_in_the_environment_hides_the_one_on_file_and_says_where_that_is(any_installation):
    own = replace(any_installation.runtime.settings, secret_keys=())
    database = any_installation.runtime.database
    hold_to_first_key(own, database, Signing(secret_keys(own, database)))
    given = replace(own, secret_keys=("given",))
    assert f"{own_key(own)} may hold the old one" in key_problem(given, database, Signing(("given",)))


def test_a_key_that_is_lost_for_good_gives_way_and_whom_not_to_write_to_is_still_known(any_installation):
    installation = any_installation
    hold(installation, "test")
    ann, bob = (sign_up(installation.runtime, Request(each, "lumbar-sciatica")).lead for each in EMAILS)
    unsubscribe(installation.runtime, ann)
    with installation.runtime.database.begin() as connection:
        suppress_lead(connection, bob.id, "bounced", installation.clock.now)
        connection.execute(leads.update().where(leads.c.id == bob.id).values(email_hash="of an address he had before"))
    new = Signing(("new",))
    assert begin_with_new_key(installation.runtime.database, new) == 1
    hold(installation, "new")
    with pytest.raises(ConfigError, match="lost for good: nurture upgrade --new-key"):
        hold(installation, "test")
    with installation.runtime.database.read() as connection:
        assert suppressions_of_leads(connection, {ann.id, bob.id}) == {ann.id: {"unsubscribed"}}
        digests = {row.email: row.email_hash for row in connection.execute(select(leads))}
    assert digests == {email: new.address_digest(email) for email in EMAILS}

"""Puts the runtime together for a command: settings, ledger of the right version, and the way to the workers."""

from contextlib import ExitStack
from dataclasses import replace
from functools import cache

import click

from nurture.cli.aside import say
from nurture.config.settings import Settings, load_settings
from nurture.local.broker_address import broker_url
from nurture.own_folder import close_to_others, private_files
from nurture.runtime import Publisher, Runtime, build_runtime
from nurture.secret_keys import hold_to_first_key, refuse_another_key
from nurture.service.message_id import fill_message_ids
from nurture.store.revision import REVISION, ensure_current, revision_of


def open_bare_runtime(*, writes_for_all: bool = False) -> Runtime:
    """The runtime, whatever state the ledger is in and without a way to the workers; closed when the command ends.

    Until then whatever the command writes is its owner's alone, unless it is meant for all.
    """
    context = click.get_current_context()
    with ExitStack() as until_the_end:
        until_the_end.enter_context(private_files())
        runtime = build_runtime(load_settings())
        if not writes_for_all:
            context.call_on_close(until_the_end.pop_all().close)
    if runtime.settings.rehearsal:
        say(f"nurture: a rehearsal: {runtime.settings.rehearsal}.")
    context.call_on_close(runtime.database.close)
    return runtime


def open_runtime() -> Runtime:
    """The runtime, with its ledger ready and its workers within reach."""
    runtime = open_bare_runtime()
    prepare_ledger(runtime)
    return _with_late_publisher(runtime)


def _with_late_publisher(runtime: Runtime) -> Runtime:
    """The way to the workers is opened by the first hint: whoever only reads need not wait for Celery to load."""

    @cache
    def opened() -> Publisher:
        from nurture.worker import publisher  # noqa: PLC0415
        from nurture.worker.celery_config import bare_app  # noqa: PLC0415

        return publisher.Publisher(bare_app(runtime.settings, broker_address(runtime.settings)))

    return replace(
        runtime,
        publish=lambda kind, ids: opened().publish(kind, ids),
        waiting=lambda kind: opened().waiting(kind),
    )


def prepare_ledger(runtime: Runtime) -> None:
    """The ledger has this version's tables and our key, and no other user of the machine can read it.

    The embedded one is brought there; any other must be upgraded by hand.
    """
    close_to_others(runtime.settings.var)
    if runtime.settings.database_url:
        ensure_current(runtime.database)
    elif revision_of(runtime.database) != REVISION:
        upgrade_ledger(runtime)
    hold_to_first_key(runtime.settings, runtime.database, runtime.signing)


def upgrade_ledger(runtime: Runtime, *, new_key: bool = False) -> str:
    """The ledger has this version's tables; returns its revision. One with another key is not touched, unless asked."""
    # Alembic takes longer to load than all the rest, and is wanted once.
    from nurture.store.upgrade import upgrade  # noqa: PLC0415

    settings, database, signing = runtime.settings, runtime.database, runtime.signing
    if not new_key:
        refuse_another_key(settings, database, signing)
    revision = upgrade(database)
    if not new_key:
        hold_to_first_key(settings, database, signing)
    fill_message_ids(runtime)
    return revision


def broker_address(settings: Settings) -> str:
    """The broker that is configured, or the embedded one of this installation."""
    return settings.broker_url or broker_url(settings.var / "broker")

"""Puts the runtime together for a command: settings, ledger of the right version, and the way to the workers."""

from nurture.local.broker import broker_url
from nurture.service.runtime import Runtime, build_runtime, with_publisher
from nurture.settings import Settings, load_settings
from nurture.store.upgrade import ensure_current
from nurture.store.upgrade import upgrade as upgrade_store
from nurture.tasks import create_app, publisher


def open_house() -> Runtime:
    """The runtime of this house, with its ledger ready and its workers within reach."""
    settings = load_settings()
    runtime = build_runtime(settings)
    prepare_ledger(runtime)
    app = create_app(settings, broker_address(settings), lambda: runtime)
    return with_publisher(runtime, publisher(app))


def prepare_ledger(runtime: Runtime) -> None:
    """The ledger has this version's tables. The embedded one is brought there; any other must be upgraded by hand."""
    if runtime.settings.database_url:
        ensure_current(runtime.database)
    else:
        upgrade_store(runtime.database)


def broker_address(settings: Settings) -> str:
    """The broker that is configured, or the embedded one of this house."""
    return settings.broker_url or broker_url(settings.var / "broker")

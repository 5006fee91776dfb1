"""The commands that run and go on running: `up`, `web`, `worker`, `beat`; and one `sweep` by hand."""

import logging
import os
import signal
import socket
import time
from contextlib import suppress
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import click
from flask import Flask

from nurture.cli.number import Seconds
from nurture.cli.open_runtime import broker_address, open_bare_runtime, open_runtime, prepare_ledger
from nurture.config.settings import Settings, load_settings
from nurture.domain.errors import AwayError
from nurture.local.inbox.pages import inbox_blueprint
from nurture.local.inbox.smtp_server import serve_inbox
from nurture.local.installation import Installation, processes_of, ready_checks
from nurture.local.one_at_a_time import hold
from nurture.local.port import listen, port_of
from nurture.local.supervisor import Supervisor
from nurture.own_folder import private_files
from nurture.runtime import Runtime, build_runtime
from nurture.secret_keys import hold_to_first_key
from nurture.service.sweep import sweep as sweep_once
from nurture.web.app import create_web
from nurture.web.server import serve
from nurture.worker.celery_app import create_app
from nurture.worker.open_queues import processes

port_option = click.option(
    "--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="The port of the pages."
)


@click.command()
@port_option
def up(port: int) -> None:
    """Run everything on this machine: broker, inbox, worker, beat and web, whichever is not configured elsewhere."""
    runtime = open_bare_runtime()
    settings = runtime.settings
    # SIGTERM stops everything as Ctrl-C does: the worker first, while inbox and broker still serve it.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    lock, listener = hold(settings.var), listen("127.0.0.1", port)
    prepare_ledger(runtime)
    # The pages are where they are served, unless somebody has given them a name.
    site = f"http://127.0.0.1:{port_of(listener)}"
    environment = {} if os.environ.get("NURTURE_PUBLIC_URL") else {"NURTURE_PUBLIC_URL": site}
    installation = Installation(settings, listener, environment)
    with Supervisor(processes_of(installation), settings.var / "log", restart=True) as supervisor:
        supervisor.start(ready_checks(installation))
        click.echo(f"Pages  {site}/")
        if settings.keeps_mail:
            leaves = "no mail leaves" if settings.is_captured else "only a rehearsal's own mail leaves"
            click.echo(f"Inbox  {site}/inbox   ({leaves} this machine)")
        click.echo(f"Logs   {settings.var / 'log'}\nCtrl-C stops everything.")
        try:
            while True:
                death = supervisor.tend()
                if death is not None:
                    click.echo(f"{death.name} ended with code {death.code} and was started again.", err=True)
                time.sleep(0.5)
        except KeyboardInterrupt:
            click.echo("Stopping; mail in hand is finished first.")
    listener.close()
    lock.close()


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@port_option
@click.option("--listener", type=int, default=None, hidden=True, help="A listening socket that `up` has opened.")
@click.option("--inbox", "show_inbox", is_flag=True, hidden=True)
def web(host: str, port: int, listener: int | None, *, show_inbox: bool) -> None:
    """Serve the pages for prospects."""
    listening = listen(host, port) if listener is None else socket.socket(fileno=listener)
    runtime = open_runtime()
    app: Flask = create_web(runtime, broker_address(runtime.settings))
    if show_inbox:
        app.register_blueprint(inbox_blueprint(runtime.settings.inbox))
    serve(app, listening)


@click.command()
@click.option("--concurrency", type=click.IntRange(1, 256), default=None, help="Processes that deliver in bulk.")
def worker(concurrency: int | None) -> None:
    """Deliver mail until told to stop (SIGTERM finishes what is in hand).

    Besides the processes for bulk there are three: two for mail that a person waits for, one for sweeps.
    """
    runtime = open_bare_runtime()
    settings = runtime.settings
    if concurrency is not None:
        settings = replace(settings, worker=replace(settings.worker, concurrency=concurrency))
    prepare_ledger(runtime)
    # The children open connections of their own, and find what makes mail loaded: nobody's first mail waits for it.
    runtime.database.close()
    for module in ("inliner", "sandbox", "skeletons"):
        import_module(f"nurture.render.html.{module}")
    app = create_app(settings, broker_address(settings), lambda: _child_runtime(load_settings()))
    count = processes(settings.worker.concurrency)
    options = ["--without-gossip", "--without-mingle", "--without-heartbeat", f"--concurrency={count}"]
    app.worker_main(["--quiet", "worker", f"--loglevel={_log_level()}", *options])


@click.command()
@click.option("--every", type=Seconds(0.05, 3600), default=None, help="Seconds between two sweeps.")
def beat(every: float | None) -> None:
    """Ask for a sweep every few seconds. Two beats at once do no harm."""
    runtime = open_bare_runtime()
    settings = runtime.settings
    # It never looks into the ledger, but with another key nothing runs. While there is no ledger it ticks on.
    with suppress(AwayError):
        prepare_ledger(runtime)
    runtime.database.close()
    if every is not None:
        settings = replace(settings, worker=replace(settings.worker, sweep_seconds=every))
    app = create_app(settings, broker_address(settings), lambda: build_runtime(settings))
    app.Beat(loglevel=_log_level(), quiet=True).run()


@click.command()
def sweep() -> None:
    """Look once at who is due, as beat asks the worker to. Safe at any time."""
    done = sweep_once(open_runtime())
    click.echo(
        f"{done.decided} enrolments decided, {done.recovered} deliveries recovered, {done.dispatched} published."
    )


@click.command(hidden=True)
@click.argument("directory", type=click.Path(path_type=Path))
@click.option("--port", type=click.IntRange(0, 65535), default=0)
def inbox(directory: Path, port: int) -> None:
    """Keep mail in a Maildir instead of sending it; run by `up` and `demo`."""
    with private_files():
        serve_inbox(directory, port)


def _child_runtime(settings: Settings) -> Runtime:
    """The runtime of one of the worker's processes, which may be born long after the worker."""
    runtime = build_runtime(settings)
    # A ledger that is away can be asked nothing, and is said to be by the first task.
    with suppress(AwayError):
        hold_to_first_key(settings, runtime.database, runtime.signing)
    return runtime


def _log_level() -> str:
    """What the command line asked for; Celery would set a level of its own."""
    return logging.getLevelName(logging.getLogger().level)

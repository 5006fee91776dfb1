"""The worker's Celery app and two tasks of a few lines. Arguments are ids; the ledger has the rest."""

import logging
import time
from collections.abc import Callable

from celery import Celery
from celery.signals import worker_process_init, worker_process_shutdown
from celery.worker.state import active_requests, reserved_requests

from nurture.config.settings import Settings
from nurture.runtime import Runtime, with_publisher
from nurture.service.current import Current
from nurture.service.delivery.bulk import deliver_bulk
from nurture.service.delivery.pipeline import deliver_all
from nurture.service.delivery.sender import CurrentSender
from nurture.service.ledger_news import told
from nurture.service.sample_mail import make_reports
from nurture.service.sweep import sweep
from nurture.worker.celery_config import bare_app
from nurture.worker.hint import DELIVER, SWEEP
from nurture.worker.open_queues import DRIP_QUEUE, shared_out
from nurture.worker.publisher import Publisher
from nurture.worker.shutdown import stop_in_time

log = logging.getLogger("nurture.tasks")

# What of a hint has not begun by then goes back to the outbox: before the hint counts as lost, and so that prompt mail
# may have this process next. A mail that has begun may take a relay 14 minutes more.
BATCH_SECONDS = 30


def create_app(settings: Settings, broker_url: str, build: Callable[[], Runtime]) -> Celery:
    """The Celery app of this installation. `build` makes the runtime, after the fork of the process it is for."""
    app = bare_app(settings, broker_url)
    app.conf.broker_transport_options["queue_order_strategy"] = shared_out(settings.worker.concurrency, _queues_in_hand)
    publisher = Publisher(app)
    runtime = Current(lambda: with_publisher(build(), publisher))
    sender, is_stopping = CurrentSender(runtime), stop_in_time()

    @app.task(name=SWEEP)
    def run_sweep() -> None:
        with told(runtime().database):
            done = sweep(runtime())
            log.log(logging.INFO if done.is_news else logging.DEBUG, "%s", done)

    @app.task(name=DELIVER)
    def run_deliver(ids: list[int]) -> None:
        ends_at = time.monotonic() + BATCH_SECONDS
        with told(runtime().database):
            must_stop = lambda: is_stopping() or time.monotonic() > ends_at  # noqa: E731
            if run_deliver.request.delivery_info["routing_key"] == DRIP_QUEUE:
                deliver_bulk(sender(), ids, must_stop)
            else:
                deliver_all(runtime(), ids, must_stop)

    _forget_built_in_tasks(app)
    # Built before the first task of a child, and each report made once, so that nobody waits for it.
    worker_process_init.connect(lambda **_: make_reports(runtime()), weak=False)
    worker_process_shutdown.connect(lambda **_: sender.close(), weak=False)
    return app


def _queues_in_hand() -> list[str]:
    """The queue of each hint in hand; one taken before the broker was away is in hand as well, until it is done."""
    return [request.delivery_info["routing_key"] for request in {*reserved_requests, *active_requests}]


def _forget_built_in_tasks(app: Celery) -> None:
    """The app knows our tasks alone: Celery's own run others by name, and nobody here asks for that."""
    app.finalize()
    for name in set(app.tasks) - {SWEEP, DELIVER}:
        app.tasks.unregister(name)

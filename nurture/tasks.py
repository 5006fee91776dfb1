"""The Celery app, beat's one entry and three tasks of a few lines. Arguments are ids; the ledger has the rest."""

import logging
import mmap
import os
import signal
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from typing import Any

import billiard
from celery import Celery
from celery.signals import worker_process_init, worker_shutting_down
from kombu.entity import Exchange, Queue
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from nurture.broker import steady
from nurture.domain.message import Kind
from nurture.service.deliver import deliver_all
from nurture.service.runtime import Publish, Runtime, with_publisher
from nurture.service.sweep import sweep
from nurture.settings import Settings

log = logging.getLogger("nurture.tasks")

SWEEP, DELIVER = "nurture.sweep", "nurture.deliver"
# In order of urgency: what a person waits for, the look at who is due, and what can wait a minute.
QUEUES = PROMPT_QUEUE, SWEEP_QUEUE, DRIP_QUEUE = "prompt", "sweep", "drip"
# A relay may take 14 minutes for one mail; what of a batch has not begun by now is another task's.
BATCH_SECONDS = 2000
# SIGTERM finishes what is in hand, but Celery would wait for it without an end; containers should wait a little longer.
SHUTDOWN_SECONDS = 25
# For whoever publishes while a person waits: better no hint than a slow page. The sweep sends it again.
_IMPATIENT = {"max_retries": 0, "socket_timeout": 0.4, "socket_connect_timeout": 0.4, "retry_on_timeout": False}


def create_app(settings: Settings, broker_url: str, build: Callable[[], Runtime]) -> Celery:
    """The Celery app of this house. `build` makes the runtime, once in each process and never before its fork."""
    app = Celery("nurture", broker=broker_url, set_as_current=False)
    app.conf.update(configuration(settings.worker.sweep_seconds))
    app.amqp.Connection = steady()
    publish = publisher(app)
    runtime = cache(lambda: with_publisher(build(), publish))

    @app.task(name=SWEEP)
    def run_sweep() -> None:
        done = sweep(runtime())
        log.log(logging.INFO if done.is_news else logging.DEBUG, "%s", done)

    @app.task(name=DELIVER)
    def run_deliver(ids: list[int]) -> None:
        ends_at = time.monotonic() + BATCH_SECONDS
        deliver_all(runtime(), ids, lambda: stopping[0] != 0 or time.monotonic() > ends_at)

    # One byte that every child shares with its parent, because only the parent hears SIGTERM.
    stopping = mmap.mmap(-1, 1)

    @worker_shutting_down.connect(weak=False)
    def end(**_: object) -> None:
        stopping[0] = 1
        last = threading.Timer(SHUTDOWN_SECONDS, _end_now)
        last.daemon = True
        last.start()

    # Built before the first task of a child, so that nobody's report waits for it.
    worker_process_init.connect(lambda **_: runtime(), weak=False)
    return app


def _end_now() -> None:
    """Nothing of this worker runs on. A mail still in hand waits for a relay; its lease will tell what became of it."""
    for child in billiard.active_children():
        os.kill(child.pid, signal.SIGKILL)
    os._exit(0)


def publisher(app: Celery) -> Publish:
    """Hints to workers through the broker. A dead broker costs a caller less than a second, and no exception."""

    def publish(kind: Kind, ids: tuple[int, ...]) -> bool:
        queue = DRIP_QUEUE if kind is Kind.NURTURE else PROMPT_QUEUE
        try:
            with app.connection_for_write(transport_options=_IMPATIENT) as connection:
                app.send_task(DELIVER, args=[list(ids)], queue=queue, connection=connection, retry=False)
        except (OperationalError, RedisError, OSError) as error:
            log.warning("the broker does not answer (%s); the next sweep will tell the workers", type(error).__name__)
            return False
        return True

    return publish


def configuration(sweep_seconds: float) -> dict[str, Any]:
    """Celery's settings, each with its reason."""
    return {
        # Each with an exchange of its own: without one they all share the default's, and every hint comes three times.
        "task_queues": [Queue(name, Exchange(name), routing_key=name) for name in QUEUES],
        "task_default_queue": SWEEP_QUEUE,
        # Messages are hints made of ids. Pickle would let whoever reaches the broker run code.
        "accept_content": ["json"],
        "task_serializer": "json",
        # Nobody waits for a result: what came of a task stands in the ledger.
        "task_ignore_result": True,
        "result_backend": None,
        # A message is acknowledged when its work is written down; doing it twice is harmless, the ledger sees to it.
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        # A prefetched hint would wait behind a slow relay while another child is idle.
        "worker_prefetch_multiplier": 1,
        # There are no ETA tasks: beyond the visibility timeout Redis runs them again and again.
        "worker_eta_task_limit": 100,
        # Cancelling a task in the middle of SMTP would turn a lost broker into doubt about a mail.
        "worker_cancel_long_running_tasks_on_connection_loss": False,
        # Python gives little memory back; a child that lives for years would keep its worst day.
        "worker_max_tasks_per_child": 1000,
        # Long enough for the last mail of a batch on the slowest relay, shorter than the visibility timeout.
        "task_time_limit": 3300,
        # A broker that is away comes back: never give up, at the start or later.
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        # Nor on one that answers with an error, such as being out of memory.
        "broker_channel_error_retry": True,
        # Publishing is tried once. What fails is published by the next sweep.
        "task_publish_retry": False,
        "broker_transport_options": {
            "visibility_timeout": 3600,
            # Without these a command on a dead connection waits for ever.
            "socket_timeout": 5,
            "socket_connect_timeout": 5,
            "socket_keepalive": True,
            "retry_on_timeout": True,
            # Notices a connection that died in silence.
            "health_check_interval": 25,
            # In the order of `task_queues`: a report never waits behind the drip.
            "queue_order_strategy": "priority",
            "global_keyprefix": "nurture:",
        },
        # No chatter between workers, no events, no remote control: the ledger tells all there is.
        "worker_send_task_events": False,
        "worker_enable_remote_control": False,
        # Logging is set up by the command line, the same for every process.
        "worker_hijack_root_logger": False,
        "worker_redirect_stdouts": False,
        # Beat counts in UTC and only ticks; local hours are the engine's business.
        "enable_utc": True,
        "timezone": "UTC",
        "beat_schedule": {
            "sweep": {
                "task": SWEEP,
                "schedule": timedelta(seconds=sweep_seconds),
                # Ticks that nobody takes do not pile up for ever. Far longer than two machines' clocks may differ,
                # or a worker whose clock is ahead would throw every tick away and stand still in silence.
                "options": {"queue": SWEEP_QUEUE, "expires": 3600},
            }
        },
        # The one entry needs no memory of its last run, so there is no schedule file to break.
        "beat_scheduler": "celery.beat:Scheduler",
    }

"""Celery's settings with their reasons, and an app that has them. Knows the tasks by name, not what they do."""

from datetime import timedelta
from typing import Any

from celery import Celery
from kombu.entity import Exchange, Queue

from nurture.config.settings import Settings
from nurture.worker.hint import SWEEP
from nurture.worker.kombu_patches import steady
from nurture.worker.open_queues import QUEUES, SWEEP_QUEUE, OpenQueues


def bare_app(settings: Settings, broker_url: str) -> Celery:
    """A Celery app that can reach this installation's workers, without any task of its own."""
    app = Celery("nurture", broker=broker_url, set_as_current=False)
    app.conf.update(configuration(settings.worker.sweep_seconds))
    app.amqp.Connection = steady()
    return app


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
        # Cancelling a task in the middle of SMTP would turn a lost broker into a mail in doubt.
        "worker_cancel_long_running_tasks_on_connection_loss": False,
        # A process makes its first mails before it says that it is up, and all of them at the same time.
        "worker_proc_alive_timeout": 60,
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
            "queue_order_strategy": OpenQueues,
            # kombu would look for messages of ten priorities in each queue; ours have one.
            "priority_steps": [0],
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

"""What kombu lacks for years of running by itself: steady reconnection, slots that come free, each queue its share of
them, and no fear of garbage.

Runs no task.
"""

import logging
from collections.abc import Callable
from functools import partial
from queue import Empty
from typing import Any

from kombu.connection import Connection
from kombu.exceptions import OperationalError
from kombu.transport import redis, virtual
from redis.exceptions import DataError, RedisError

from nurture.worker.hint import SWEEP, read_hint
from nurture.worker.open_queues import SWEEP_QUEUE, OpenQueues

# Seconds between tries to reach a broker that is away; kombu's own grow to 30 and would keep a lead waiting.
RECONNECT_SECONDS = 2
# Seconds that a look at the broker lasts while a sweep is in hand; kombu's own second would be the least between two.
SWEEPING_SECONDS = 0.1

log = logging.getLogger("nurture.broker")


class SteadyConnection(Connection):
    """A broker connection whose retries never drift apart."""

    def _ensure_connection(self, *args: Any, **options: Any) -> Any:
        options = {"interval_start": 1, "interval_step": 1, "interval_max": RECONNECT_SECONDS} | options
        return super()._ensure_connection(*args, **options)


class ReturnedSlots(redis.QoS):
    """Counts a message that could not be acknowledged as no longer in hand; the broker delivers it once more.

    kombu goes on counting it. A broker that dies while every slot is busy leaves a worker without any, and a worker
    without slots does not look at its connection: it lives, silent, until somebody starts it anew.
    """

    def ack(self, delivery_tag: str) -> None:
        """The slot is free, whatever the broker answers, or holds the queue's next hint; raises what kombu raises."""
        message = self._delivered.get(delivery_tag)
        try:
            super().ack(delivery_tag)
        except Exception:
            virtual.QoS.ack(self, delivery_tag)
            raise
        if message is not None:
            self.channel.take_next(message.delivery_info["routing_key"])


class SteadyChannel(redis.Channel):
    """Drops what stands in a queue and is no hint of ours, where kombu or Celery would end the worker."""

    QoS = ReturnedSlots

    def _brpop_start(self, timeout: float | None = None) -> Any:
        """A look at the broker is under way; one that leaves the ticks out is short, because a sweep mostly is."""
        queues = self._queue_cycle
        is_sweeping = isinstance(queues, OpenQueues) and not queues.is_open(SWEEP_QUEUE)
        return super()._brpop_start(SWEEPING_SECONDS if is_sweeping else timeout)

    def _brpop_read(self, **options: Any) -> Any:
        """One element is read; raises Empty when there was none, or none that can be made a message."""
        try:
            return super()._brpop_read(**options)
        except Exception as error:
            if _is_of_the_broker(error):
                raise
            _dropped(error)
            raise Empty from error

    def basic_consume(self, queue: str, *args: Any, **options: Any) -> Any:
        """Hints go to the callback, and nothing else; what is none gives its slot back."""
        received = partial(self._received, queue, options["callback"])
        return super().basic_consume(queue, *args, **options | {"callback": received})

    def take_next(self, queue: str) -> None:
        """One more hint of that queue is in hand, where the look at the broker that is under way leaves the queue out.

        That look lasts up to a second, in which the process that has just come free would stand idle.
        """
        queues = self._queue_cycle
        is_left_out = self._in_poll and isinstance(queues, OpenQueues) and queue not in queues.asked
        if is_left_out and queue in self.active_queues and self.qos.can_consume() and queues.is_open(queue):
            try:
                self.connection._deliver(self._get(queue), queue)  # noqa: SLF001 - as kombu's own channels do
            except Exception as error:
                # A broker that is away is noticed by the look under way.
                if not _is_of_the_broker(error):
                    _dropped(error)

    def _received(self, queue: str, callback: Callable[[Any], None], message: Any) -> None:
        try:
            hint = read_hint(message.headers, message.body)
            message.headers, message.body = hint.headers, hint.body
            # What is in hand is counted by this, whatever the message says of itself.
            message.delivery_info["routing_key"] = queue
            if hint.headers["task"] == SWEEP:
                # One tick stands for all that wait behind it.
                self._purge(SWEEP_QUEUE)
            callback(message)
        except Exception as error:
            if _is_of_the_broker(error):
                raise
            _dropped(error)
            if not message.acknowledged:
                message.reject()


def _is_of_the_broker(error: Exception) -> bool:
    """Tell whether no element was there, or no broker, as opposed to an element that is no message."""
    return isinstance(error, Empty | OSError | RedisError | OperationalError) and not isinstance(error, DataError)


def _dropped(error: Exception) -> None:
    # What it says stays out of the log: whoever put it there might want it to be read.
    log.warning("something in a queue is no message (%s) and was dropped", type(error).__name__)


def steady() -> type[Connection]:
    """The connection class for an app; from here on every Redis channel of this process is a steady one."""
    # kombu makes its channels by itself and asks this attribute for their class.
    redis.Transport.Channel = SteadyChannel
    return SteadyConnection

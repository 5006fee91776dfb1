"""Hints to workers through the broker. Loads no task, so that a command at the front desk need not wait for them."""

import logging
import os
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from celery import Celery
from kombu.exceptions import OperationalError
from kombu.messaging import Producer
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError

from nurture.domain.message import MailKind
from nurture.worker.hint import DELIVER
from nurture.worker.open_queues import DRIP_QUEUE, PROMPT_QUEUE

log = logging.getLogger("nurture.publisher")

# For whoever publishes while a person waits: better no hint than a slow page. The sweep sends it again.
_IMPATIENT = {"max_retries": 0, "socket_timeout": 0.4, "socket_connect_timeout": 0.4, "retry_on_timeout": False}
_TROUBLE = (OperationalError, RedisError, OSError)

_T = TypeVar("_T")


class Publisher:
    """The way to the broker, opened by the first hint and kept, one a thread. Without a broker a caller waits for less
    than a second, and gets no exception."""

    def __init__(self, app: Celery) -> None:
        self._app, self._kept = app, threading.local()

    def publish(self, kind: MailKind, ids: tuple[int, ...]) -> bool:
        """Tell whether the hint is on its way."""

        def send(producer: Producer) -> bool:
            self._app.send_task(DELIVER, args=[list(ids)], queue=_queue_of(kind), producer=producer, retry=False)
            return True

        return self._reaching(send) or False

    def waiting(self, kind: MailKind) -> int | None:
        """How many hints wait with those for mail of that kind; None when the broker does not answer."""

        def count(producer: Producer) -> int:
            waiting: int = producer.channel._size(_queue_of(kind))  # noqa: SLF001 - asked in public it would declare it
            return waiting

        return self._reaching(count)

    def _reaching(self, act: Callable[[Producer], _T]) -> _T | None:
        """What came of it; None, and a line in the log, when the broker does not answer."""
        was_open = self._is_open()
        try:
            try:
                return act(self._producer())
            except _TROUBLE as error:
                # A connection may have died while it was idle: a fresh one tells. Who is silent is so on any.
                self._close()
                if not was_open or isinstance(error, TimeoutError | RedisTimeoutError):
                    raise
                return act(self._producer())
        except _TROUBLE as error:
            self._close()
            log.warning("the broker does not answer (%s); the next sweep will tell the workers", type(error).__name__)
            return None

    def _is_open(self) -> bool:
        # A connection from before a fork is the parent's.
        return getattr(self._kept, "pid", None) == os.getpid()

    def _producer(self) -> Any:
        if not self._is_open():
            connection = self._app.connection_for_write(transport_options=_IMPATIENT)
            self._kept.connection, self._kept.producer = connection, Producer(connection)
            self._kept.pid = os.getpid()
        return self._kept.producer

    def _close(self) -> None:
        if self._is_open():
            self._kept.pid = None
            self._kept.connection.release()


def _queue_of(kind: MailKind) -> str:
    return DRIP_QUEUE if kind is MailKind.NURTURE else PROMPT_QUEUE

"""Hints to workers through the broker. Loads no task, so that a command at the front desk need not wait for them."""

import logging

from celery import Celery
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from nurture.domain.message import MailKind
from nurture.runtime import Publish
from nurture.worker.hint import DELIVER
from nurture.worker.open_queues import DRIP_QUEUE, PROMPT_QUEUE

log = logging.getLogger("nurture.publisher")

# For whoever publishes while a person waits: better no hint than a slow page. The sweep sends it again.
_IMPATIENT = {"max_retries": 0, "socket_timeout": 0.4, "socket_connect_timeout": 0.4, "retry_on_timeout": False}


def publisher(app: Celery) -> Publish:
    """Hints to workers through the broker. A dead broker costs a caller less than a second, and no exception."""

    def publish(kind: MailKind, ids: tuple[int, ...]) -> bool:
        queue = DRIP_QUEUE if kind is MailKind.NURTURE else PROMPT_QUEUE
        try:
            with app.connection_for_write(transport_options=_IMPATIENT) as connection:
                app.send_task(DELIVER, args=[list(ids)], queue=queue, connection=connection, retry=False)
        except (OperationalError, RedisError, OSError) as error:
            log.warning("the broker does not answer (%s); the next sweep will tell the workers", type(error).__name__)
            return False
        return True

    return publish

"""What kombu lacks for years of running by itself: steady reconnection, and slots that come free. Knows no task."""

from typing import Any

from kombu.connection import Connection
from kombu.transport import redis, virtual

# Seconds between tries to reach a broker that is away; kombu's own grow to 30 and would keep a lead waiting.
RECONNECT_SECONDS = 2


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
        """The slot is free, whatever the broker answers; raises what kombu raises."""
        try:
            super().ack(delivery_tag)
        except Exception:
            virtual.QoS.ack(self, delivery_tag)
            raise


def steady() -> type[Connection]:
    """The connection class for an app; from here on every Redis channel of this process returns its slots."""
    # kombu makes its channels by itself and asks this attribute of theirs.
    redis.Channel.QoS = ReturnedSlots
    return SteadyConnection

"""Whether the broker answers, asked once and without patience. Sends it nothing."""

from kombu.connection import Connection
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError


def broker_trouble(url: str, seconds: float) -> str | None:
    """The name of what is wrong with the broker, found within about so long; None when it answers."""
    options = {
        "socket_connect_timeout": seconds,
        "socket_timeout": seconds,
        "max_retries": 0,
        "retry_on_timeout": False,
    }
    try:
        with Connection(url, transport_options=options) as connection:
            connection.ensure_connection(max_retries=1, interval_start=0)
    except (OperationalError, RedisError, OSError) as error:
        return type(error).__name__
    return None

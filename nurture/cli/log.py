"""How processes log: one line a record, and a traceback only where nobody foresaw the error."""

import logging
import sys


def start_logging(level: int) -> None:
    """Records of that level and above go to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(shorten)
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(name)s: %(message)s", handlers=[handler])


# Celery tells of every task that it sends, receives and ends: with a tick every few seconds, megabytes a day that say
# nothing. What a task did it says itself.
_CHATTER = {"celery.beat", "celery.worker.strategy", "celery.app.trace"}

# Of a message that it cannot make a task of, it shows the whole content.
_MESSAGES = "celery.worker.consumer.consumer"


def shorten(record: logging.LogRecord) -> bool:
    """Drops what Celery says of a task that went well; leaves one line of a broker that is away or sends garbage.

    Everything else stays as it is.
    """
    if record.name in _CHATTER and record.levelno <= logging.INFO:
        return False
    error = record.exc_info[1] if record.exc_info else None
    # Celery shows where in its own code it noticed, at every tick and for every hint: hundreds of lines a minute.
    is_of_the_broker = record.name.startswith("celery.") and error is not None and _is_of_the_broker(error)
    if is_of_the_broker or record.name == _MESSAGES:
        record.msg, record.args = record.getMessage().partition("\n")[0], ()
        record.exc_info = record.exc_text = None
    return True


def _is_of_the_broker(error: BaseException) -> bool:
    cause: BaseException | None = error
    while cause is not None:
        # By name, because a command that needs no broker should not wait for its libraries.
        if isinstance(cause, ConnectionError) or type(cause).__module__.startswith(("redis.", "kombu.")):
            return True
        cause = cause.__cause__ or cause.__context__
    return False

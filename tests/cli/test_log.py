import logging

import pytest
from celery.beat import SchedulingError
from redis.exceptions import ConnectionError as RedisConnectionError

from nurture.cli.log import shorten


def logged(name, error, message="Message Error: %s\n%s", args=("away", ["a stack"])):
    record = logging.LogRecord(name, logging.ERROR, __file__, 1, message, args, (type(error), error, None))
    assert shorten(record)
    return logging.Formatter().format(record)


@pytest.mark.parametrize("cause", [RedisConnectionError("away"), ConnectionRefusedError("away")])
def test_a_broker_that_is_away_takes_one_line(cause):
    error = SchedulingError("no tick")
    error.__context__ = cause
    assert logged("celery.beat", cause) == logged("celery.beat", error) == "Message Error: away"


@pytest.mark.parametrize("name", ["celery.beat", "celery.worker.strategy", "celery.app.trace"])
def test_a_task_that_went_well_is_no_news_and_one_that_did_not_is(name):
    line = logging.LogRecord(name, logging.INFO, __file__, 1, "Task nurture.sweep[1] received", (), None)
    assert not shorten(line)
    line.levelno = logging.WARNING
    assert shorten(line)


@pytest.mark.parametrize(("name", "error"), [("celery.beat", ValueError("odd")), ("nurture.tasks", OSError("odd"))])
def test_what_nobody_foresaw_keeps_its_traceback(name, error):
    assert "odd" in logged(name, error)

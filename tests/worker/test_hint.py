"""What a worker takes from a queue. Fails when that is more than Nurture publishes, or less."""

import json

import pytest
from celery import Celery

from nurture.worker.celery_config import configuration
from nurture.worker.hint import DELIVER, MOST_IDS, SWEEP, read_hint

ID = "00000000-0000-0000-0000-000000000001"


def hint(task: str, arguments: object, named: object = None, **headers: object):
    body = json.dumps([arguments, named or {}, {"chain": ["celery.group"], "callbacks": [5]}])
    return read_hint({"task": task, "id": ID} | headers, body)


@pytest.mark.parametrize(("task", "arguments"), [(SWEEP, []), (DELIVER, [[1, 2**63 - 1]]), (DELIVER, [[7] * MOST_IDS])])
def test_what_nurture_publishes_is_taken_and_nothing_with_it(task, arguments):
    app = Celery(set_as_current=False)
    app.conf.update(configuration(5))
    sent = app.amqp.as_task_v2(ID, task, arguments, expires=3600, time_limit=3300)
    taken = read_hint(sent.headers, json.dumps(sent.body))
    assert {name: taken.headers[name] for name in ("task", "id", "expires")}.items() <= sent.headers.items()
    assert json.loads(taken.body) == [arguments, {}, {}]
    assert (
        hint(task, arguments, origin=[5], timelimit=[-1, -1], stamps=5, shadow=5, group=[]).headers.keys()
        == taken.headers.keys()
    )


@pytest.mark.parametrize("task", ["celery.group", "celery.chord", "celery.chord_unlock", "somebody.elses", None, 5, []])
def test_no_other_task_is_taken(task):
    with pytest.raises(ValueError, match="arguments"):
        hint(task, [])


NO_IDS = [
    [],
    [1],
    [None],
    [[]],
    [[1.5]],
    [["x"]],
    [[True]],
    [[0]],
    [[-1]],
    [[2**63]],
    [[1], [2]],
    [[1] * (MOST_IDS + 1)],
]


@pytest.mark.parametrize(
    ("task", "arguments"), [*((DELIVER, wrong) for wrong in NO_IDS), (SWEEP, [[1]]), (SWEEP, None)]
)
def test_other_arguments_are_not_taken(task, arguments):
    with pytest.raises(ValueError, match="arguments"):
        hint(task, arguments)


ODD = [("stamped_headers", 5), ("eta", "2040-01-01"), ("expires", "word"), ("id", "word")]


@pytest.mark.parametrize(("name", "value"), ODD)
def test_headers_that_nurture_does_not_send_are_not_taken(name, value):
    with pytest.raises(ValueError):  # noqa: PT011 - whichever part of Python notices
        hint(SWEEP, [], **{name: value})
    with pytest.raises(ValueError, match="arguments"):
        hint(SWEEP, [], {"more": 1})

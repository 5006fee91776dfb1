"""Three tests run at a time; one marked `alone` measures time, and has the machine to itself while it runs.

Every test holds a lock of its run, shared with the others, and a test marked `alone` holds it exclusively. Whoever
wants the lock takes another first and lets it go right after, so that the others, one following the next, cannot keep a
test that waits for its turn from ever having it.
"""

import fcntl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    run = getattr(item.config, "workerinput", {}).get("testrunuid")
    if run is None:
        return (yield)
    alone = item.get_closest_marker("alone") is not None
    with locked(run, fcntl.LOCK_EX if alone else fcntl.LOCK_SH):
        return (yield)


@contextmanager
def locked(run: str, how: int) -> Iterator[None]:
    """This process has the lock of the run, shared or exclusive."""
    folder = Path(tempfile.gettempdir())
    with (
        (folder / f"nurture-tests-{run}.queue").open("w") as queue,
        (folder / f"nurture-tests-{run}").open("w") as lock,
    ):
        fcntl.flock(queue, fcntl.LOCK_EX)
        fcntl.flock(lock, how)
        fcntl.flock(queue, fcntl.LOCK_UN)
        yield

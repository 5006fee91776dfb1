"""What the crash proofs share, and the figures they print at the end."""

from collections.abc import Callable, Iterator

import pytest

from tests.crash.cluster import FULL, Cluster
from tests.crash.oracle import Oracle

_figures: list[str] = []


@pytest.fixture
def figures(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Notes one line of what was measured."""
    return lambda line: _figures.append(f"{request.node.name}: {line}")


def pytest_terminal_summary(terminalreporter) -> None:
    if _figures:
        terminalreporter.section("crash figures, " + ("full" if FULL else "short"))
        for line in _figures:
            terminalreporter.write_line(line)


@pytest.fixture
def oracle(tmp_path) -> Iterator[Oracle]:
    one = Oracle(journal=tmp_path / "journal")
    yield one
    one.close()


@pytest.fixture
def cluster(home, tmp_path, database_url, oracle) -> Iterator[Cluster]:
    """A cluster on SQLite, then one on PostgreSQL."""
    place = Cluster(home, tmp_path / "var", database_url, oracle)
    yield place
    place.close()

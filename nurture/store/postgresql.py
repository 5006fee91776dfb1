"""How PostgreSQL is opened: every wait for it ends, and its errors quote no row."""

import math
import re
import time
from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen
from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry

from nurture.store.timeouts import LedgerTimeouts

_T = TypeVar("_T")
_VALUE = re.compile(r': ".*')
# Said to the server, whatever it has as its default: who waited for a lead's lock must then read what was committed
# meanwhile, and a stricter transaction reads what stood there before.
_ISOLATION = "READ COMMITTED"
# A connection that died without a word is noticed within 25 s while idle, and within 15 while we wait for its receipts.
_KEEPALIVE = {"keepalives": 1, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}
_KEEPALIVE |= {"tcp_user_timeout": 15_000}


class BoundedConnection(psycopg.Connection[Any]):
    """A connection on which nothing is waited for longer than `silence` seconds; then it is closed."""

    silence: float = math.inf

    def wait(self, gen: PQGen[_T], *args: Any, **options: Any) -> _T:
        """What the server answered; raises OperationalError when it says nothing for too long."""
        return super().wait(self._bounded(gen), *args, **options)

    def _bounded(self, gen: PQGen[_T]) -> PQGen[_T]:
        # psycopg asks every 0.1 s, too, so that Ctrl-C is heard.
        ends_at, ready = time.monotonic() + self.silence, None
        while True:
            try:
                wanted = gen.send(ready)  # type: ignore[arg-type]
            except StopIteration as done:
                answer: _T = done.value
                return answer
            ready = yield wanted
            if not ready and time.monotonic() > ends_at:
                self.pgconn.finish()
                raise psycopg.OperationalError(f"no answer within {self.silence:g} s")


def open_postgresql(url: URL, timeouts: LedgerTimeouts) -> Engine:
    """The way to the server; no connection is open yet."""
    arguments = {"connect_timeout": math.ceil(timeouts.first_word), **_KEEPALIVE}
    pool = {"pool_pre_ping": True, "pool_size": 5, "max_overflow": 15, "pool_timeout": timeouts.silence}
    # An error quotes its statement, and must not quote the names and addresses in it: errors end up in logs.
    engine = create_engine(url, connect_args=arguments, isolation_level=_ISOLATION, hide_parameters=True, **pool)
    _bound(engine, timeouts)
    event.listen(engine, "handle_error", _keep_the_row_out)
    return engine


def lift_timeouts(connection: Connection) -> None:
    """This transaction may take as long as it takes: a migration of a large table does."""
    for name in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"):
        connection.exec_driver_sql(f"SET LOCAL {name} = 0")
    dbapi: Any = connection.connection.dbapi_connection
    dbapi.silence = math.inf


def _bound(engine: Engine, timeouts: LedgerTimeouts) -> None:
    """Every connection of the engine keeps the timeouts, from its first word on."""

    @event.listens_for(engine, "do_connect")
    def connect(_dialect: Any, _entry: ConnectionPoolEntry, args: Any, options: Any) -> BoundedConnection:
        return BoundedConnection.connect(*args, **options)

    @event.listens_for(engine, "connect")
    def set_up(connection: BoundedConnection, _entry: ConnectionPoolEntry) -> None:
        connection.silence = timeouts.first_word
        seconds = {"lock_timeout": timeouts.lock, "statement_timeout": timeouts.statement}
        seconds["idle_in_transaction_session_timeout"] = timeouts.idle
        limits = "; ".join(f"SET {name} = '{limit:g}s'" for name, limit in seconds.items())
        # Instants then come in UTC, and not in the zone of whoever set up the server (types.py).
        connection.execute(f"{limits}; SET TIME ZONE 'UTC'")
        connection.commit()

    @event.listens_for(engine, "checkout")
    def is_alive(connection: BoundedConnection, _entry: ConnectionPoolEntry, _proxy: Any) -> None:
        connection.silence = timeouts.silence

    @event.listens_for(engine, "checkin")
    def rests(connection: BoundedConnection | None, _entry: ConnectionPoolEntry) -> None:
        if connection is not None:
            connection.silence = timeouts.first_word


def _keep_the_row_out(context: ExceptionContext) -> None:
    """The error says what is wrong and no longer in which row.

    Below its first line PostgreSQL quotes the values, and at its end the one that it could not read.
    """
    raised = context.sqlalchemy_exception
    for error in (raised, raised.orig) if isinstance(raised, DBAPIError) else ():
        if error is not None and error.args:
            error.args = (_VALUE.sub(": (a value)", str(error.args[0]).partition("\n")[0]),)

"""Fills a ledger with leads and their history in a few statements, and reads what became of them. Both databases."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import JSON, BigInteger, Connection, String, Subquery, cast, func, insert, literal, select, text, update
from sqlalchemy.sql.expression import ColumnElement

from nurture.domain.campaign import Campaign
from nurture.domain.delivery_state import SETTLED, DeliveryState
from nurture.store.database import Database
from nurture.store.schema import consents, deliveries, enrolments, leads
from nurture.store.types import Instant

# A number that is as long for every lead, so that all the names made of it are, too.
_LONG = 10**15
_WORDING = "Send me the report by email, and articles and invitations over the weeks that follow."
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Filling:
    """So many leads numbered from `first`, each so many steps into the campaign; their next step is due at `due_at`."""

    count: int
    settled: int
    due_at: datetime
    first: int = 1


def fill(database: Database, campaign: Campaign, filling: Filling) -> None:
    """The leads are in the ledger, enrolled, and their first steps sent; the last of them long enough ago."""
    with database.begin() as connection:
        numbers = _numbers(filling)
        _add_leads(connection, numbers, filling)
        for place, step in enumerate(campaign.steps[: filling.settled]):
            days_ago = (filling.settled - place) * _DAY
            _add_sent(connection, numbers, (step.name, step.kind.value), datetime.now(UTC) - days_ago)
        if database.engine.dialect.name == "postgresql":
            _go_on_counting(connection)


def last_delivery(database: Database) -> int:
    """The highest number of a delivery so far."""
    with database.read() as connection:
        return int(connection.execute(select(func.coalesce(func.max(deliveries.c.id), 0))).scalar_one())


def due_now(database: Database, first: int, last: int) -> None:
    """The leads with these numbers are due at this moment."""
    with database.begin() as connection:
        chosen = update(enrolments).where(enrolments.c.id.between(first, last))
        connection.execute(chosen.values(due_at=datetime.now(UTC)))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the deliveries since: how many were tried, how many stand where, and the time it took (s)."""

    tried: int
    by_state: dict[str, int]
    seconds: float

    @property
    def sent(self) -> int:
        """How many the relay took."""
        return self.by_state.get(DeliveryState.SENT, 0)


def outcome_since(database: Database, after: int) -> Outcome:
    """What became of every delivery with a higher number; the time runs from the first queued to the last settled."""
    is_new = deliveries.c.id > after
    states = select(deliveries.c.state, func.count()).where(is_new, _is_tried()).group_by(deliveries.c.state)
    instants = (deliveries.c.queued_at, deliveries.c.settled_at)
    ends = select(func.min(instants[0], type_=Instant()), func.max(instants[1], type_=Instant())).where(is_new)
    with database.read() as connection:
        by_state = {str(state): int(count) for state, count in connection.execute(states)}
        first, last = connection.execute(ends).one()
    seconds = (last - first).total_seconds() if first and last else 0.0
    return Outcome(sum(by_state.values()), by_state, seconds)


def tried_since(database: Database, after: int) -> int:
    """How many deliveries with a higher number have been tried, whatever came of it."""
    with database.read() as connection:
        counted = select(func.count()).where(deliveries.c.id > after, _is_tried())
        return int(connection.execute(counted).scalar_one())


def _is_tried() -> ColumnElement[bool]:
    waits = (deliveries.c.state == DeliveryState.QUEUED) & (deliveries.c.attempts > 0)
    return deliveries.c.state.in_(SETTLED) | waits


def _numbers(filling: Filling) -> Subquery:
    numbers = select(literal(filling.first, BigInteger).label("n")).cte("numbers", recursive=True)
    last = filling.first + filling.count - 1
    return select(numbers.union_all(select(numbers.c.n + 1).where(numbers.c.n < last)).c.n).subquery()


def _add_leads(connection: Connection, numbers: Subquery, filling: Filling) -> None:
    n, long_ago = numbers.c.n, datetime.now(UTC) - (filling.settled + 1) * _DAY
    numbered = cast(n + literal(_LONG, BigInteger), String)
    lead = {
        "id": n,
        "public_id": literal("lead") + numbered,
        "email": literal("lead") + cast(n, String) + literal("@example.com"),
        "email_hash": literal("0123456789abcdef") + numbered,
        "name": literal("Ann Sample") + cast(n, String),
        "phone": literal(""),
        "phone_e164": literal(""),
        "zone": literal("America/Chicago"),
        "topics": literal([], JSON),
        "source": literal("benchmark"),
        "created_at": literal(long_ago, Instant),
    }
    enrolment = {
        "id": n,
        "public_id": literal("enro") + numbered,
        "lead_id": n,
        "campaign": literal("lumbar-sciatica"),
        "occurrence": literal("1"),
        "enrolled_at": literal(long_ago, Instant),
        "due_at": literal(filling.due_at, Instant),
    }
    consent = {
        "lead_id": n,
        "wording": literal(_WORDING),
        "source": literal("benchmark"),
        "given_at": literal(long_ago, Instant),
    }
    for table, values in ((leads, lead), (enrolments, enrolment), (consents, consent)):
        connection.execute(insert(table).from_select(list(values), select(*values.values()).select_from(numbers)))


def _add_sent(connection: Connection, numbers: Subquery, step: tuple[str, str], at: datetime) -> None:
    n, instant, (name, kind) = numbers.c.n, literal(at, Instant), step
    values = {
        "enrolment_id": n,
        "lead_id": n,
        "step": literal(name),
        "kind": literal(kind),
        "state": literal("sent"),
        "attempts": literal(1),
        "fence": literal(1),
        "times_in_doubt": literal(0),
        "queued_at": instant,
        "not_before": instant,
        "settled_at": instant,
        "handed_at": instant,
        "message_id": literal(f"<{name}-") + cast(n + literal(_LONG, BigInteger), String) + literal("@clinic.example>"),
    }
    connection.execute(insert(deliveries).from_select(list(values), select(*values.values()).select_from(numbers)))


def _go_on_counting(connection: Connection) -> None:
    """PostgreSQL numbers rows by a counter of its own, which what we numbered has not moved."""
    for name in ("leads", "enrolments"):
        connection.execute(text(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), max(id)) FROM {name}"))  # noqa: S608

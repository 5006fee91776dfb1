"""What happened to leads, in order, never changed afterwards."""

from sqlalchemy import Connection, select

from nurture.domain.event import Event, EventKind
from nurture.store.schema import events


def add_event(connection: Connection, event: Event) -> None:
    """The event is on record."""
    values = {
        "kind": event.kind,
        "lead_id": event.lead_id,
        "visit_id": event.visit_id,
        "delivery_id": event.delivery_id,
        "at": event.at,
    }
    connection.execute(events.insert().values(values))


def events_of_lead(connection: Connection, lead_id: int) -> list[Event]:
    """Everything that happened to the lead, oldest first."""
    rows = connection.execute(select(events).where(events.c.lead_id == lead_id).order_by(events.c.at, events.c.id))
    return [Event(EventKind(row.kind), row.lead_id, row.at, row.visit_id, row.delivery_id) for row in rows]

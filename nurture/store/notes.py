"""What staff should know of a lead, never changed afterwards."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from nurture.store.schema import notes


@dataclass(frozen=True, slots=True)
class Note:
    """One remark about a lead."""

    words: str
    at: datetime


def add_note(connection: Connection, lead_id: int, words: str, now: datetime) -> None:
    """The remark is on record."""
    connection.execute(notes.insert().values(lead_id=lead_id, words=words, noted_at=now))


def notes_of_lead(connection: Connection, lead_id: int) -> list[Note]:
    """Every remark about the lead, oldest first."""
    rows = connection.execute(select(notes).where(notes.c.lead_id == lead_id).order_by(notes.c.id))
    return [Note(row.words, row.noted_at) for row in rows]

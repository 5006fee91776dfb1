"""How many leads are in each campaign. Changes nothing."""

from sqlalchemy import Connection, func, select

from nurture.store.schema import enrolments


def count_by_campaign(connection: Connection) -> dict[str, tuple[int, int]]:
    """For each campaign: how many enrolments are under way, and how many have ended."""
    statement = select(enrolments.c.campaign, func.count(), func.count(enrolments.c.ended_at))
    rows = connection.execute(statement.group_by(enrolments.c.campaign)).all()
    return {campaign: (total - ended, ended) for campaign, total, ended in rows}

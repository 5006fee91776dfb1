"""Leads, the newest first, for people to read. Changes nothing."""

from sqlalchemy import Connection

from nurture.domain.lead import Lead
from nurture.store.enrolments import limited_enrolments
from nurture.store.leads import all_leads


def lead_list(connection: Connection, *, limited: bool) -> list[Lead]:
    """Every lead; or only those for whom a limit on signups keeps a report back."""
    leads = all_leads(connection)
    kept_back = {each.lead_id for each in limited_enrolments(connection)} if limited else set()
    return [each for each in leads if each.id in kept_back or not limited]

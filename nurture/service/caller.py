"""Somebody phones who has no address: on record for visits and for a call back, and no mail ever goes there."""

from nurture.config.writings import Report
from nurture.domain.errors import Refusal
from nurture.domain.lead import Lead
from nurture.runtime import Runtime
from nurture.service.request import Request, new_caller
from nurture.service.signup import Signup, register
from nurture.store.leads import leads_by_phone


def add_caller(runtime: Runtime, request: Request) -> Signup | Refusal:
    """The person is on record as a lead without an address; always a new one, because a phone may be shared."""
    report = asked_report(runtime, request)
    if isinstance(report, Refusal):
        return report
    campaign = runtime.catalogue.campaign_for(report.name) if report else None
    new = new_caller(runtime, request, campaign.topics if campaign else frozenset())
    if isinstance(new, Refusal):
        return new
    with runtime.database.begin() as connection:
        return register(connection, request, new, runtime.clock())


def asked_report(runtime: Runtime, request: Request) -> Report | Refusal | None:
    """The report that the caller would like to have, to be printed; None when it is none."""
    known = runtime.catalogue.reports
    if not request.report or request.report in known:
        return known.get(request.report)
    return Refusal("bad_report", f"There is no report {request.report!r}, so nothing was done. Use {', '.join(known)}.")


def who_shares(runtime: Runtime, request: Request) -> list[Lead]:
    """The leads who have that phone already."""
    new = new_caller(runtime, request)
    if isinstance(new, Refusal):
        return []
    with runtime.database.read() as connection:
        return leads_by_phone(connection, new.phone.e164)

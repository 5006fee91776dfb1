"""Which report an enrolment brings, or an address that looks as if one did. Builds nothing."""

from base64 import urlsafe_b64encode
from hashlib import sha256

from nurture.config.writings import Report
from nurture.runtime import Runtime
from nurture.store.enrolments import enrolment_by_public_id
from nurture.store.leads import new_public_id

_CHECKSUM_LENGTH = 4


def report_of(runtime: Runtime, public_id: str) -> Report | None:
    """The report that the enrolment of that public id brings, or pretends to bring; None when there is neither."""
    with runtime.database.read() as connection:
        enrolment = enrolment_by_public_id(connection, public_id)
    if enrolment is None:
        return next((each for each in runtime.catalogue.reports.values() if _is_made_up(public_id, each.name)), None)
    campaign = runtime.catalogue.campaigns.get(enrolment.campaign)
    return runtime.catalogue.reports.get(campaign.report or "") if campaign else None


def made_up_id(report: str) -> str:
    """The public id of no enrolment: looks like any other, and opens the report like any other."""
    chance = new_public_id()[:-_CHECKSUM_LENGTH]
    return chance + _checksum(chance, report)


def _is_made_up(public_id: str, report: str) -> bool:
    return public_id[-_CHECKSUM_LENGTH:] == _checksum(public_id[:-_CHECKSUM_LENGTH], report)


def _checksum(chance: str, report: str) -> str:
    return urlsafe_b64encode(sha256(f"{chance} {report}".encode()).digest()).decode()[:_CHECKSUM_LENGTH]

"""Normalised news about a delivery or a lead, whoever brought it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class EventKind(StrEnum):
    """What happened, in one vocabulary for relays, links, staff and leads."""

    REPORT_REQUESTED = "report_requested"  #: the lead asked for a report
    UNSUBSCRIBED = "unsubscribed"  #: the lead wants no more articles and invitations
    RESUBSCRIBED = "resubscribed"  #: the lead wants them again
    BOUNCED = "bounced"  #: the address does not exist
    COMPLAINED = "complained"  #: the lead reported our mail as spam
    REPLIED = "replied"  #: a person answered
    EDITED = "edited"  #: staff corrected what is known of the lead
    CALL_WANTED = "call_wanted"  #: the lead gave a phone on the page, where that asks for a call
    VISIT_BOOKED = "visit_booked"  #: it was booked
    VISIT_CONFIRMED = "visit_confirmed"  #: the visitor will come
    VISIT_RESCHEDULED = "visit_rescheduled"  #: it has another time
    VISIT_RESENT = "visit_resent"  #: staff sent its confirmation once more
    VISIT_CANCELLED = "visit_cancelled"  #: it was called off
    VISIT_CANCELLED_BY_VISITOR = "visit_cancelled_by_visitor"  #: on the page, where no member of staff sees it
    VISIT_ATTENDED = "visit_attended"  #: the visitor came
    VISIT_NO_SHOW = "visit_no_show"  #: the visitor did not come


@dataclass(frozen=True, slots=True)
class Event:
    """One piece of news about one lead."""

    kind: EventKind
    lead_id: int
    at: datetime
    visit_id: int | None = None
    delivery_id: int | None = None

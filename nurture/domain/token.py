"""What a link in a mail or on a page may be used for. Signing lives in nurture/signing.py."""

from enum import StrEnum


class Purpose(StrEnum):
    """A token signed for one purpose is worthless for every other."""

    UNSUBSCRIBE = "unsubscribe"  #: names a lead
    RESUBSCRIBE = "resubscribe"  #: names a lead
    REPORT = "report"  #: names an enrolment, and so the report it was asked for
    VISIT = "visit"  #: names a visit

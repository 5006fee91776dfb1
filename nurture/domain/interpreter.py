"""The one interpreter of decisions: what each of them brings about, wherever a lead's enrolments are kept.

`decide` says what is to happen and changes nothing. Somebody has to carry it out, and three places need that: the
ledger, where a step that is due becomes a delivery; the replay of a time that a restored ledger has forgotten, where it
becomes a mail in doubt; and an imagined lead, where it is settled at once, as `campaign simulate`, the demo and the
words of consent want it. Each of the three is a Port, and says in five verbs what a decision means there. What they
have in common stands here and nowhere else: that a skip is followed by the next decision of the same instant, that an
end may send the lead back to what a booking had ended, and that nothing is decided while a mail is under way.

An example: a visit is missed, and its campaign ends. In the ledger one row is closed and the drip's row gets a new due
time; in a simulation two values change. Both are `port.end`, then `port.resume`, because `carry_out` says so. Were each
place to read decisions by itself, one that forgot the second half would promise another drip than the one that is sent.

Rejected: effects as a list of values, to be applied by each place. What follows an effect (is a mail under way? how
does the lead stand now?) depends on where it was applied, so the list would have had one element each time.
"""

from datetime import datetime
from typing import Protocol, assert_never

from nurture.domain.campaign import Campaign, Step
from nurture.domain.engine import Decision, End, Send, Skip, Wait, decide
from nurture.domain.enrolment import Enrolment
from nurture.domain.feedback import BOOKED, resumes


class Port(Protocol):
    """One enrolment where it is kept. All instants are UTC; `at` is the one at which the decision was made."""

    campaign: Campaign

    @property
    def enrolment(self) -> Enrolment:
        """The enrolment as it stands, after everything that this port was told."""

    def send(self, step: Step, at: datetime) -> datetime | None:
        """The step is on its way; returns when to decide again, or None while a mail is under way."""

    def skip(self, step: Step, reason: str, at: datetime) -> None:
        """The step is settled as not sent, with the reason."""

    def wait(self, until: datetime) -> datetime | None:
        """Nothing happens before `until`; returns it where time may be run forward, or None."""

    def end(self, reason: str, at: datetime) -> None:
        """The enrolment is over; one that was over already stays as it ended."""

    def resume(self, reason: str, at: datetime) -> None:
        """The lead's enrolments that had ended for this reason go on, and are decided."""


def run(port: Port, at: datetime) -> None:
    """The enrolment is decided from that instant on, and each decision carried out, until it waits or is over."""
    again: datetime | None = at
    while again is not None:
        again = carry_out(decide(port.campaign, port.enrolment, again), again, port)


def carry_out(decision: Decision, at: datetime, port: Port) -> datetime | None:
    """The decision has taken effect in the port; returns when to decide again, or None when that is not now."""
    match decision:
        case Wait(until):
            return port.wait(until)
        case Send(step):
            return port.send(step, at)
        case Skip(step, reason):
            port.skip(step, reason, at)
            return at
        case End(reason):
            port.end(reason, at)
            if resumes(port.campaign, port.enrolment.facts):
                port.resume(BOOKED, at)
            return None
        case _:
            assert_never(decision)

"""What a lead would get, run forward by the very functions that decide for real leads. Touches no table."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never
from zoneinfo import ZoneInfo

from nurture.config.catalogue import Catalogue
from nurture.domain import visit as rules
from nurture.domain.campaign import Campaign
from nurture.domain.engine import Decision, Send
from nurture.domain.enrolment import Enrolment
from nurture.domain.errors import Refusal
from nurture.domain.event import EventKind
from nurture.domain.facts import LeadHistory, facts_of
from nurture.domain.feedback import Enrol, Lift, Resume, Suppress, consequences
from nurture.domain.imagined import Imagined
from nurture.domain.interpreter import run
from nurture.domain.message import MailKind
from nurture.domain.visit import Visit, VisitStatus

_CHANGES = {
    EventKind.VISIT_CONFIRMED: rules.confirm,
    EventKind.VISIT_CANCELLED: rules.cancel,
    EventKind.VISIT_ATTENDED: rules.attend,
    EventKind.VISIT_NO_SHOW: rules.miss,
}


@dataclass(frozen=True, slots=True)
class ScriptedEvent:
    """Something the imagined lead (or the front desk) does at an instant; a booking names when the visit starts."""

    at: datetime
    kind: EventKind
    visit_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One thing that happens: a scripted event, or a step of a campaign decided."""

    at: datetime
    campaign: str
    happens: Decision | EventKind


class Simulation:
    """One imagined lead in `zone`, alone with the catalogue."""

    def __init__(self, catalogue: Catalogue, zone: ZoneInfo, minutes: int) -> None:
        self._catalogue, self._zone, self._minutes = catalogue, zone, minutes
        self._enrolments: list[Imagined] = []
        self._visits: list[Visit] = []
        self._holds: frozenset[str] = frozenset()
        self._events: set[EventKind] = set()
        self._nurtured_at: datetime | None = None
        self._waits: list[datetime] = []
        self._timeline: list[TimelineEntry] = []

    def run(self, campaign: Campaign, start: datetime, script: tuple[ScriptedEvent, ...]) -> Iterator[TimelineEntry]:
        """Everything that happens from the enrolment at `start`, in order, until nothing more is to come."""
        now: datetime | None = start
        events = sorted(script, key=lambda event: event.at)
        self._enrol(campaign, start)
        while now is not None:
            self._waits, self._timeline = [], []
            while events and events[0].at <= now:
                event = events.pop(0)
                self._apply(event)
                self._timeline.append(TimelineEntry(now, "", event.kind))
            for each in self._enrolments:
                self._decide(each, now)
            yield from self._timeline
            now = min([*self._waits, *(event.at for event in events[:1])], default=None)

    def as_of_now(self, enrolment: Enrolment) -> Enrolment:
        """The enrolment with the facts, the visits and the day's mail as they stand."""
        own = enrolment.visit
        visit = next((each for each in self._visits if own is not None and each.id == own.id), None)
        lead = LeadHistory(self._holds, frozenset(self._events), tuple(self._visits))
        facts = facts_of(lead, own.id, own.sequence) if own else facts_of(lead)
        return replace(enrolment, visit=visit, facts=facts, nurtured_at=self._nurtured_at)

    def happened(self, campaign: Campaign, decision: Decision, at: datetime) -> None:
        """The decision is one of the lead's moments."""
        if isinstance(decision, Send) and decision.step.kind is MailKind.NURTURE:
            self._nurtured_at = at
        self._timeline.append(TimelineEntry(at, campaign.name, decision))

    def wait(self, until: datetime) -> None:
        """Something else may happen before, so nothing is run forward alone."""
        self._waits.append(until)

    def resume(self, reason: str, at: datetime) -> None:
        """What had ended for this reason goes on, and is decided."""
        for each in self._go_on(reason, at):
            self._decide(each, at)

    def _decide(self, imagined: Imagined, now: datetime) -> None:
        if imagined.own.end_reason is None:
            run(imagined, now)

    def _go_on(self, reason: str, now: datetime) -> list[Imagined]:
        ended = [each for each in self._enrolments if each.own.end_reason == reason]
        for each in ended:
            each.own = replace(each.own, end_reason=None, resumed_at=now)
        return ended

    def _enrol(self, campaign: Campaign, now: datetime, visit: Visit | None = None) -> None:
        enrolment = Enrolment(len(self._enrolments), 0, campaign.name, self._zone, now, visit=visit)
        self._enrolments.append(Imagined(campaign, enrolment, self))

    def _apply(self, event: ScriptedEvent) -> None:
        self._events.add(event.kind)
        visit = self._changed_visit(event)
        for consequence in consequences(event.kind):
            match consequence:
                case Suppress(reason):
                    self._holds |= {reason}
                case Lift(reason):
                    self._holds -= {reason}
                case Resume(reason):
                    self._go_on(reason, event.at)
                case Enrol(trigger) if trigger.is_for_desk:
                    pass
                case Enrol(trigger):
                    for campaign in self._catalogue.starting_on(trigger):
                        self._enrol(campaign, event.at, visit)
                case _:
                    assert_never(consequence)

    def _changed_visit(self, event: ScriptedEvent) -> Visit | None:
        if event.kind is EventKind.VISIT_BOOKED and event.visit_at is not None:
            number, booked = len(self._visits) + 1, VisitStatus.BOOKED
            visit = Visit(number, "", 0, event.visit_at, self._minutes, booked, 0, event.at)
            self._visits.append(visit)
            return visit
        if event.kind in _CHANGES and self._visits:
            changed = _CHANGES[event.kind](self._visits[-1], event.at)
            if not isinstance(changed, Refusal):
                self._visits[-1] = changed
            return self._visits[-1]
        return None

"""What a lead would get, run forward by the very functions that decide for real leads. Touches no table."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never
from zoneinfo import ZoneInfo

from nurture.catalogue import Catalogue
from nurture.domain import visit as rules
from nurture.domain.campaign import Campaign
from nurture.domain.engine import Decision, End, Send, Skip, Wait, decide
from nurture.domain.enrolment import DeliveryState, Enrolment, Settled, visit_facts
from nurture.domain.errors import Refusal
from nurture.domain.event import EventKind
from nurture.domain.feedback import BOOKED, Enrol, Lift, Resume, Suppress, consequences, resumes
from nurture.domain.message import Kind
from nurture.domain.visit import Visit, VisitStatus

_CHANGES = {
    EventKind.VISIT_CONFIRMED: rules.confirm,
    EventKind.VISIT_CANCELLED: rules.cancel,
    EventKind.VISIT_ATTENDED: rules.attend,
    EventKind.VISIT_NO_SHOW: rules.miss,
}


@dataclass(frozen=True, slots=True)
class Scene:
    """Something the imagined lead (or the front desk) does at an instant; a booking names when the visit starts."""

    at: datetime
    kind: EventKind
    visit_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that happens: a scene played, or a step of a campaign decided."""

    at: datetime
    campaign: str
    happens: Decision | EventKind


class Simulation:
    """One imagined lead in `zone`, alone with the catalogue."""

    def __init__(self, catalogue: Catalogue, zone: ZoneInfo, minutes: int) -> None:
        self._catalogue, self._zone, self._minutes = catalogue, zone, minutes
        self._passages: list[tuple[Campaign, Enrolment, int]] = []
        self._visits: list[Visit] = []
        self._held: frozenset[str] = frozenset()
        self._nurtured_at: datetime | None = None

    def run(self, campaign: Campaign, start: datetime, script: tuple[Scene, ...]) -> Iterator[Moment]:
        """Everything that happens from the enrolment at `start`, in order, until nothing more is to come."""
        now: datetime | None = start
        scenes = sorted(script, key=lambda scene: scene.at)
        self._enrol(campaign, start)
        while now is not None:
            while scenes and scenes[0].at <= now:
                scene = scenes.pop(0)
                self._play(scene)
                yield Moment(now, "", scene.kind)
            yield from self._settle(now)
            later = [*self._waits(now), *(scene.at for scene in scenes[:1])]
            now = min(later, default=None)

    def _enrol(self, campaign: Campaign, now: datetime, visit: Visit | None = None) -> None:
        enrolment = Enrolment(len(self._passages), 0, campaign.name, self._zone, now, visit=visit)
        self._passages.append((campaign, enrolment, visit.sequence if visit else 0))

    def _play(self, scene: Scene) -> None:
        visit = self._changed_visit(scene)
        for consequence in consequences(scene.kind):
            match consequence:
                case Suppress(reason):
                    self._held |= {reason}
                case Lift(reason):
                    self._held -= {reason}
                case Resume(reason):
                    self._resume(reason, scene.at)
                case Enrol(trigger) if trigger.is_for_desk:
                    pass
                case Enrol(trigger):
                    for campaign in self._catalogue.starting_on(trigger):
                        self._enrol(campaign, scene.at, visit)
                case _:
                    assert_never(consequence)
        if scene.kind is EventKind.REPLIED:
            self._held |= {"replied"}

    def _changed_visit(self, scene: Scene) -> Visit | None:
        if scene.kind is EventKind.VISIT_BOOKED and scene.visit_at is not None:
            number, booked = len(self._visits) + 1, VisitStatus.BOOKED
            visit = Visit(number, "", 0, scene.visit_at, self._minutes, booked, 0, scene.at)
            self._visits.append(visit)
            return visit
        if scene.kind in _CHANGES and self._visits:
            changed = _CHANGES[scene.kind](self._visits[-1], scene.at)
            if not isinstance(changed, Refusal):
                self._visits[-1] = changed
            return self._visits[-1]
        return None

    def _settle(self, now: datetime) -> Iterator[Moment]:
        """Every passage is decided until it waits or is over."""
        index = 0
        while index < len(self._passages):
            campaign, _, _ = self._passages[index]
            enrolment = self._as_of_now(index)
            decision = decide(campaign, enrolment, now)
            if enrolment.end_reason is not None or isinstance(decision, Wait):
                index += 1
                continue
            yield Moment(now, campaign.name, decision)
            self._carry_out(index, decision, now)
            # An end may have sent an earlier passage on its way again.
            index = 0

    def _carry_out(self, index: int, decision: Decision, now: datetime) -> None:
        campaign, _, sequence = self._passages[index]
        enrolment = self._as_of_now(index)
        match decision:
            case Send(step):
                nurtured = step.kind is Kind.NURTURE
                self._nurtured_at = now if nurtured else self._nurtured_at
                enrolment = enrolment.after(Settled(step.name, DeliveryState.SENT, now), nurtured=nurtured)
            case Skip(step):
                enrolment = enrolment.after(Settled(step.name, DeliveryState.SKIPPED, now), nurtured=False)
            case End(reason):
                enrolment = replace(enrolment, end_reason=reason)
            case Wait():
                return
            case _:
                assert_never(decision)
        self._passages[index] = (campaign, enrolment, sequence)
        if isinstance(decision, End) and resumes(campaign, enrolment.facts):
            self._resume(BOOKED, now)

    def _resume(self, reason: str, now: datetime) -> None:
        for index, (campaign, enrolment, sequence) in enumerate(self._passages):
            if enrolment.end_reason == reason:
                resumed = replace(enrolment, end_reason=None, resumed_at=now)
                self._passages[index] = (campaign, resumed, sequence)

    def _waits(self, now: datetime) -> Iterator[datetime]:
        for index, (campaign, enrolment, _) in enumerate(self._passages):
            decision = decide(campaign, self._as_of_now(index), now)
            if enrolment.end_reason is None and isinstance(decision, Wait):
                yield decision.until

    def _as_of_now(self, index: int) -> Enrolment:
        """The passage with the facts and visits as they stand."""
        _, enrolment, sequence = self._passages[index]
        own = enrolment.visit
        visit = next((each for each in self._visits if own is not None and each.id == own.id), None)
        others = tuple(each for each in self._visits if visit is None or each.id != visit.id)
        facts = self._held | visit_facts(visit, sequence, others)
        return replace(enrolment, visit=visit, facts=facts, nurtured_at=self._nurtured_at)

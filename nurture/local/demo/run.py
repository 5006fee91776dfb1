"""A month of three leads in a minute: real broker, worker, beat, pages and SMTP under a clock that is stepped.

The clock stands still until everything due has settled, then jumps to the next instant at which anything is due.
"""

import os
import shutil
import socket
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from nurture.clock import move_hands
from nurture.config.environment import SECRETS
from nurture.config.settings import Settings
from nurture.domain.delivery_state import DeliveryState
from nurture.domain.engine import Send
from nurture.domain.errors import NurtureError
from nurture.local.demo.demo_leads import DEMO_LEADS, Persona
from nurture.local.demo.driver import Driver
from nurture.local.inbox.maildir import CapturedMail, list_mail
from nurture.local.installation import Installation, processes_of, ready_checks
from nurture.local.one_at_a_time import LOCK, hold
from nurture.local.port import port_of
from nurture.local.supervisor import Supervisor
from nurture.runtime import Runtime, build_runtime
from nurture.service.scenario import scripted_events
from nurture.service.simulate import ScriptedEvent, Simulation, TimelineEntry
from nurture.store import deliveries, enrolments
from nurture.store.queries.delivery_list import Listed, count_by_state, listed
from nurture.store.upgrade import upgrade

# Real seconds. Beat ticks this often; everything due at one instant settles well within the limit.
TICK, SETTLE_LIMIT, LOOK = 0.2, 60.0, 0.02
# (lead's address, campaign/step, instant): what is foretold and what arrives are compared as sets of these.
Arrival = tuple[str, str, datetime]


@dataclass(frozen=True, slots=True)
class Result:
    """What the demo came to, held against what the simulator foretold."""

    days: int
    real_seconds: float
    leads: int
    sent: dict[str, int]
    skipped: dict[str, int]
    duplicates: int
    uncertain: int
    inbox: str
    missing: tuple[Arrival, ...]
    unforeseen: tuple[Arrival, ...]

    @property
    def is_as_foretold(self) -> bool:
        """Tell whether every mail foretold arrived once, at its instant, and none else."""
        return not (self.missing or self.unforeseen or self.duplicates or self.uncertain)


class Demo:
    """One run: a fresh ledger, three leads, `days` days. Raises NurtureError when another demo runs in its folder."""

    def __init__(self, settings: Settings, listener: socket.socket, days: int, start: datetime) -> None:
        var = settings.var / "demo"
        self._lock, self._listener = hold(var), listener
        _empty(var)
        self.clock_file, self.site = var / "clock", f"http://127.0.0.1:{port_of(listener)}"
        move_hands(self.clock_file, start)
        # Whatever is configured, the demo touches nothing but its own folder.
        self.settings = replace(
            settings,
            var=var,
            public_url=self.site,
            database_url="",
            broker_url="",
            smtp_url="",
            secret_keys=(),
            signup_key="",
            clock_file=self.clock_file,
        )
        self.start, self.end, self.now = start, start + timedelta(days=days), start
        self.days, self._began = days, time.monotonic()
        self.runtime = build_runtime(self.settings)
        upgrade(self.runtime.database)
        self._installation = Installation(self.settings, listener, _environment(self.settings), sweep_every=TICK)
        self._supervisor = Supervisor(processes_of(self._installation), var / "log", restart=False)
        self._script = sorted(_scripted(self.settings, start, self.end), key=lambda each: each[0])

    @property
    def mailbox(self) -> Path:
        """The Maildir that everything arrives in."""
        return self.settings.inbox

    def run(self) -> Iterator[datetime]:
        """The days pass; yields each instant once everything due at it has settled."""
        self._supervisor.start(ready_checks(self._installation))
        driver = Driver(self.runtime, self.site, self.mailbox)
        at: datetime | None = self.start
        while at is not None and at <= self.end:
            self.now = at
            move_hands(self.clock_file, at)
            while self._script and self._script[0][0] <= at:
                _, persona, event = self._script.pop(0)
                driver.ask(persona) if event is None else driver.drive(persona, event)
            self._settle()
            yield at
            at = self._next_instant()

    def result(self) -> Result:
        """What arrived, held against what was foretold."""
        mails, arrived = list_mail(self.mailbox), self._arrivals()
        foretold = set(self._foretold())
        with self.runtime.database.read() as connection:
            ledger = listed(connection)
        skipped = [each.delivery.reason or "" for each in ledger if each.delivery.state is DeliveryState.SKIPPED]
        return Result(
            days=self.days,
            real_seconds=round(time.monotonic() - self._began, 1),
            leads=len(DEMO_LEADS),
            sent=dict(sorted(Counter(step for _, step, _ in arrived).items())),
            skipped=dict(sorted(Counter(skipped).items())),
            duplicates=len(mails) - len({mail.message_id for mail in mails}),
            uncertain=sum(each.delivery.state is DeliveryState.UNCERTAIN for each in ledger),
            inbox=f"{self.site}/inbox",
            missing=tuple(sorted(foretold - set(arrived))),
            unforeseen=tuple(sorted(set(arrived) - foretold)),
        )

    def alive(self) -> None:
        """Raise NurtureError with its last words when a process of the demo has ended."""
        death = self._supervisor.first_death()
        if death is not None:
            raise NurtureError(f"The demo's {death.name} ended with code {death.code}:\n{death.last_words}")

    def close(self) -> None:
        """Every process of the demo has ended."""
        self._supervisor.stop()
        self.runtime.database.close()
        self._listener.close()
        self._lock.close()

    def _settle(self) -> None:
        """Everything due at this instant has been carried out by the worker, asked by beat."""
        give_up_at = time.monotonic() + SETTLE_LIMIT
        while self._earliest(self.now):
            self.alive()
            if time.monotonic() > give_up_at:
                raise NurtureError(
                    f"Nothing settled for {SETTLE_LIMIT:g} s. The logs are in {self.settings.var / 'log'}."
                )
            time.sleep(LOOK)

    def _earliest(self, until: datetime) -> bool:
        with self.runtime.database.read() as connection:
            states = count_by_state(connection)
            if states.get(DeliveryState.CLAIMED) or states.get(DeliveryState.HANDED):
                return True
            instants = (enrolments.next_due_at(connection), deliveries.next_attempt_at(connection))
        return any(each is not None and each <= until for each in instants)

    def _next_instant(self) -> datetime | None:
        with self.runtime.database.read() as connection:
            instants = [enrolments.next_due_at(connection), deliveries.next_attempt_at(connection)]
        instants.extend(at for at, _, _ in self._script[:1])
        return min((each for each in instants if each is not None), default=None)

    def _foretold(self) -> Iterator[Arrival]:
        for persona in DEMO_LEADS:
            for entry in foretell(self.settings, self.runtime, persona, self.start):
                if entry.at <= self.end and isinstance(entry.happens, Send):
                    yield persona.email, f"{entry.campaign}/{entry.happens.step.name}", entry.at

    def _arrivals(self) -> list[Arrival]:
        with self.runtime.database.read() as connection:
            ledger = listed(connection)
        known = {each.delivery.message_id: each for each in ledger}
        return [_arrival(mail, known.get(mail.message_id)) for mail in list_mail(self.mailbox)]


def _empty(folder: Path) -> None:
    """What an earlier demo wrote is gone; the lock stays."""
    for each in folder.iterdir():
        if each.is_dir() and not each.is_symlink():
            shutil.rmtree(each)
        elif each.name != LOCK:
            each.unlink()


def foretell(settings: Settings, runtime: Runtime, persona: Persona, start: datetime) -> Iterator[TimelineEntry]:
    """What the simulator says of this lead."""
    asked_at = start + persona.asks_after
    simulation = Simulation(runtime.catalogue, ZoneInfo(persona.zone), settings.visit_minutes)
    campaign = runtime.catalogue.campaign_for(runtime.catalogue.front.name)
    if campaign is None:
        raise NurtureError("The demo needs a campaign that delivers the front page's report.")
    return simulation.run(campaign, asked_at, scripted_events(persona.scenario, asked_at, settings.clinic.zone))


def _scripted(
    settings: Settings, start: datetime, end: datetime
) -> Iterator[tuple[datetime, Persona, ScriptedEvent | None]]:
    """What every lead of the demo does within the days; None stands for asking for the report."""
    for persona in DEMO_LEADS:
        asked_at = start + persona.asks_after
        yield asked_at, persona, None
        for event in scripted_events(persona.scenario, asked_at, settings.clinic.zone):
            if event.at <= end:
                yield event.at, persona, event


def _arrival(mail: CapturedMail, known: Listed | None) -> Arrival:
    step = f"{known.campaign}/{known.delivery.step}" if known else mail.subject
    return mail.recipient, step, mail.sent_at


def _environment(settings: Settings) -> dict[str, str]:
    own = {
        "NURTURE_HOME": str(settings.home),
        "NURTURE_VAR": str(settings.var),
        "NURTURE_CLOCK_FILE": str(settings.clock_file),
        "NURTURE_PUBLIC_URL": settings.public_url,
        "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
    }
    return own | {name + ending: "" for name in SECRETS for ending in ("", "_FILE")}

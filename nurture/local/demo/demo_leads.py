"""The three leads of the demo."""

from dataclasses import dataclass
from datetime import timedelta

from nurture.service.scenario import Scenario


@dataclass(frozen=True, slots=True)
class Persona:
    """One lead of the demo: who, where, when they ask for the report, and what they do then."""

    name: str
    email: str
    zone: str
    asks_after: timedelta
    scenario: Scenario


DEMO_LEADS = (
    Persona(
        "Ann Keller",
        "ann@leads.example",
        "America/Chicago",
        timedelta(),
        Scenario(books=8, visit_in=6, confirms=True, outcome="attended"),
    ),
    Persona(
        "Ben Ortiz",
        "ben@leads.example",
        "America/Los_Angeles",
        timedelta(minutes=7),
        Scenario(books=4, visit_in=5, outcome="no-show"),
    ),
    Persona("Carys Price", "carys@leads.example", "Europe/London", timedelta(minutes=16), Scenario(unsubscribes=12)),
)

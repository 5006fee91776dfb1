"""The three leads of the demo, and how what they do is done for real: through the pages, and by the front desk."""

import json
import urllib.request
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlencode

from nurture.domain.errors import NurtureError, Refusal
from nurture.domain.event import EventKind
from nurture.local.inbox.maildir import list_mail
from nurture.runtime import Runtime
from nurture.service import visits
from nurture.service.simulate import Scene
from nurture.service.stories import Story

_TIMEOUT = 30
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Actor:
    """One lead of the demo: who, where, when they ask for the report, and what they do then."""

    name: str
    email: str
    zone: str
    asks_after: timedelta
    story: Story


ACTORS = (
    Actor(
        "Ann Keller",
        "ann@leads.example",
        "America/Chicago",
        timedelta(),
        Story(books=8, visit_in=6, confirms=True, outcome="attended"),
    ),
    Actor(
        "Ben Ortiz",
        "ben@leads.example",
        "America/Los_Angeles",
        timedelta(minutes=7),
        Story(books=4, visit_in=5, outcome="no-show"),
    ),
    Actor("Carys Price", "carys@leads.example", "Europe/London", timedelta(minutes=16), Story(unsubscribes=12)),
)


class Stage:
    """Where the actors act: the pages at `site`, the front desk's runtime, and the mailbox they read."""

    def __init__(self, runtime: Runtime, site: str, mailbox: Path) -> None:
        self._runtime, self._site, self._mailbox = runtime, site, mailbox

    def ask(self, actor: Actor) -> None:
        """The actor has asked for the front page's report."""
        body = {"email": actor.email, "name": actor.name, "zone": actor.zone}
        headers = {"Content-Type": "application/json"}
        self._post(f"{self._site}/signup", json.dumps(body).encode(), headers)

    def play(self, actor: Actor, scene: Scene) -> None:
        """What the scene tells has happened."""
        match scene.kind:
            case EventKind.VISIT_BOOKED:
                self._book(actor, scene.visit_at)
            case EventKind.VISIT_CONFIRMED:
                self._press(actor, "/visit/", {"act": "confirm"})
            case EventKind.UNSUBSCRIBED:
                self._unsubscribe(actor)
            case EventKind.VISIT_ATTENDED:
                self._record(actor, "attended")
            case EventKind.VISIT_NO_SHOW:
                self._record(actor, "no-show")
            case _:
                raise NurtureError(f"the demo cannot play {scene.kind}")

    def _book(self, actor: Actor, starts_at: datetime | None) -> None:
        if starts_at is not None:
            _accepted(visits.book(self._runtime, actor.email, starts_at))

    def _record(self, actor: Actor, what: str) -> None:
        visit = _accepted(visits.visit_of(self._runtime, actor.email))
        _accepted(visits.change(self._runtime, visit.id, what))

    def _unsubscribe(self, actor: Actor) -> None:
        """One click, as a mail program does it (RFC 8058 3.2)."""
        for mail in self._mails(actor):
            header = message_from_bytes(mail, policy=default)["List-Unsubscribe"]
            if header is not None:
                url = str(header).split(">")[0].lstrip("<")
                self._post(url, urlencode({"List-Unsubscribe": "One-Click"}).encode(), {})
                return
        raise NurtureError(f"{actor.name} has no mail to unsubscribe from")

    def _press(self, actor: Actor, path: str, form: dict[str, str]) -> None:
        """A link of the latest mail that holds one is opened, and its button pressed."""
        start = f"{self._site}{path}"
        for mail in list_mail(self._mailbox):
            if mail.recipient == actor.email and start in mail.text:
                url = start + mail.text.split(start, 1)[1].split()[0]
                self._post(url, urlencode(form).encode(), {})
                return
        raise NurtureError(f"{actor.name} has no mail with a link to {path}")

    def _mails(self, actor: Actor) -> list[bytes]:
        return [mail.source for mail in list_mail(self._mailbox) if mail.recipient == actor.email]

    @staticmethod
    def _post(url: str, body: bytes, headers: dict[str, str]) -> None:
        request = urllib.request.Request(url, body, headers)  # noqa: S310 - our own pages
        with urllib.request.urlopen(request, timeout=_TIMEOUT) as answer:  # noqa: S310
            answer.read()


def _accepted(result: _T | Refusal) -> _T:
    if isinstance(result, Refusal):
        raise NurtureError(result.sentence)
    return result

"""Does for real what the leads of the demo do: through the pages, by their mail, and at the front desk."""

import json
import urllib.request
from datetime import datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlencode

from nurture.domain.errors import NurtureError, Refusal
from nurture.domain.event import EventKind
from nurture.local.demo.demo_leads import Persona
from nurture.local.inbox.maildir import list_mail
from nurture.runtime import Runtime
from nurture.service import visits
from nurture.service.simulate import ScriptedEvent

_TIMEOUT = 30
_T = TypeVar("_T")


class Driver:
    """Acts for the leads on the pages at `site` and by the mail in their mailbox, and for the desk on its runtime."""

    def __init__(self, runtime: Runtime, site: str, mailbox: Path) -> None:
        self._runtime, self._site, self._mailbox = runtime, site, mailbox

    def ask(self, persona: Persona) -> None:
        """The lead has asked for the front page's report."""
        body = {"email": persona.email, "name": persona.name, "zone": persona.zone}
        headers = {"Content-Type": "application/json"}
        self._post(f"{self._site}/signup", json.dumps(body).encode(), headers)

    def drive(self, persona: Persona, event: ScriptedEvent) -> None:
        """What the event tells has been done."""
        match event.kind:
            case EventKind.VISIT_BOOKED:
                self._book(persona, event.visit_at)
            case EventKind.VISIT_CONFIRMED:
                self._press(persona, "/visit/", {"act": "confirm"})
            case EventKind.UNSUBSCRIBED:
                self._unsubscribe(persona)
            case EventKind.VISIT_ATTENDED:
                self._record(persona, "attended")
            case EventKind.VISIT_NO_SHOW:
                self._record(persona, "no-show")
            case _:
                raise NurtureError(f"the demo cannot do what makes {event.kind}")

    def _book(self, persona: Persona, starts_at: datetime | None) -> None:
        if starts_at is not None:
            _accepted(visits.book(self._runtime, persona.email, starts_at))

    def _record(self, persona: Persona, what: str) -> None:
        visit = _accepted(visits.visit_of(self._runtime, persona.email))
        _accepted(visits.change(self._runtime, visit.id, what))

    def _unsubscribe(self, persona: Persona) -> None:
        """One click, as a mail program does it (RFC 8058 3.2)."""
        for mail in self._mails(persona):
            header = message_from_bytes(mail, policy=default)["List-Unsubscribe"]
            if header is not None:
                url = str(header).split(">")[0].lstrip("<")
                self._post(url, urlencode({"List-Unsubscribe": "One-Click"}).encode(), {})
                return
        raise NurtureError(f"{persona.name} has no mail to unsubscribe from")

    def _press(self, persona: Persona, path: str, form: dict[str, str]) -> None:
        """A link of the latest mail that holds one is opened, and its button pressed."""
        start = f"{self._site}{path}"
        for mail in list_mail(self._mailbox):
            if mail.recipient == persona.email and start in mail.text:
                url = start + mail.text.split(start, 1)[1].split()[0]
                self._post(url, urlencode(form).encode(), {})
                return
        raise NurtureError(f"{persona.name} has no mail with a link to {path}")

    def _mails(self, persona: Persona) -> list[bytes]:
        return [mail.source for mail in list_mail(self._mailbox) if mail.recipient == persona.email]

    @staticmethod
    def _post(url: str, body: bytes, headers: dict[str, str]) -> None:
        request = urllib.request.Request(url, body, headers)  # noqa: S310 - our own pages
        with urllib.request.urlopen(request, timeout=_TIMEOUT) as answer:  # noqa: S310
            answer.read()


def _accepted(result: _T | Refusal) -> _T:
    if isinstance(result, Refusal):
        raise NurtureError(result.sentence)
    return result

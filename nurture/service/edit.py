"""Staff correct what is known of a lead. What held mail to the person back holds it back at another address, too."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from nurture.contact.address import parse_address
from nurture.contact.phone import parse_phone
from nurture.domain.consent import PERSONAL
from nurture.domain.errors import Refusal
from nurture.domain.event import Event, EventKind
from nurture.domain.lead import Lead, parse_name, parse_word, parse_zone
from nurture.domain.line import quoted
from nurture.runtime import Runtime
from nurture.service.dispatch import dispatch_queued
from nurture.service.feedback import record_event
from nurture.store.leads import lead_by_email, lead_by_id, lock_lead, save_lead
from nurture.store.notes import add_note
from nurture.store.suppressions import carry_suppressions


@dataclass(frozen=True, slots=True)
class Edit:
    """What is to be otherwise, as it was typed; None leaves a field as it is, and an empty name or phone removes it."""

    email: str | None = None
    name: str | None = None
    phone: str | None = None
    zone: str | None = None
    source: str | None = None
    topics: tuple[str, ...] = ()
    not_topics: tuple[str, ...] = ()


def edit(runtime: Runtime, lead: Lead, wanted: Edit) -> Lead | Refusal:
    """The lead as it is now on record. Its enrolments go on at its new address; the old one stays held back."""
    with runtime.database.begin() as connection:
        lock_lead(connection, lead.id)
        known, now = lead_by_id(connection, lead.id) or lead, runtime.clock()
        edited = _edited(runtime, known, wanted)
        if isinstance(edited, Refusal) or edited == known:
            return edited
        digest = runtime.signing.address_digest
        if not save_lead(connection, edited, digest(edited.email)):
            return _taken(connection, edited.email)
        carry_suppressions(connection, digest(known.email), digest(edited.email), PERSONAL)
        queued = _tell(connection, runtime, (known, edited), now)
    dispatch_queued(runtime, queued)
    return edited


def _edited(runtime: Runtime, known: Lead, wanted: Edit) -> Lead | Refusal:
    country = runtime.settings.clinic.country
    given: list[tuple[str, str | None, Callable[[str], Any]]] = [
        ("email", wanted.email, parse_address),
        ("name", wanted.name, parse_name),
        ("phone", wanted.phone, lambda text: parse_phone(text, country)),
        ("zone", wanted.zone, parse_zone),
        ("source", wanted.source, lambda text: parse_word(text, "source")),
        *(("topics", topic, lambda text: parse_word(text, "topic")) for topic in wanted.topics),
    ]
    read = [(field, parse(text)) for field, text, parse in given if text is not None]
    refusal = next((value for _, value in read if isinstance(value, Refusal)), None)
    if refusal is not None:
        return refusal
    topics = known.topics.union(value for field, value in read if field == "topics") - {*wanted.not_topics}
    changes = dict(read) | {"topics": topics}
    if "phone" in changes:
        changes |= {"phone": changes["phone"].typed, "phone_e164": changes["phone"].e164}
    edited = replace(known, **changes)
    if not edited.email and not edited.phone:
        return Refusal("no_way", f"Lead {known.id} would have neither address nor phone, so nothing was changed.")
    return edited


def _tell(connection: Connection, runtime: Runtime, lead: tuple[Lead, Lead], now: datetime) -> list[int]:
    """The change is on record with what was there before, and every enrolment is decided anew."""
    before, after = lead
    was = {"address": before.email, "name": before.name, "phone": before.phone, "zone": before.zone.key}
    now_is = {"address": after.email, "name": after.name, "phone": after.phone, "zone": after.zone.key}
    changed = [
        f"{field} was {quoted(was[field]) if was[field] else 'empty'}" for field in was if was[field] != now_is[field]
    ]
    if changed:
        add_note(connection, after.id, f"Corrected by staff: {', '.join(changed)}.", now)
    return record_event(connection, runtime, Event(EventKind.EDITED, after.id, now))


def _taken(connection: Connection, email: str) -> Refusal:
    other = lead_by_email(connection, email)
    whose = f"lead {other.id}" if other else "another lead"
    return Refusal(
        "address_taken", f"{email} is the address of {whose}, so nothing was changed. See nurture lead show {email}."
    )

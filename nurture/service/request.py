"""What was typed into the page or at the front desk, and what can be made of it. Writes nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from nurture.contact.address import parse_address
from nurture.contact.phone import Phone, parse_phone
from nurture.contact.spelling import probably_meant
from nurture.domain.consent import Consent
from nurture.domain.errors import Refusal
from nurture.domain.lead import Lead, parse_name, parse_word, parse_zone
from nurture.domain.limits import Visitor
from nurture.domain.line import quoted
from nurture.runtime import Runtime
from nurture.store.leads import NewLead

_T = TypeVar("_T")
# More than anybody writes who means to be called back.
_MOST_NOTED = 200


@dataclass(frozen=True, slots=True)
class Request:
    """What was typed, not checked yet. `consent` is what was agreed to; without a visitor, staff typed it.

    `is_sure` says that whoever typed the address has been asked whether another was meant, and stands by it.
    """

    email: str
    report: str
    name: str = ""
    phone: str = ""
    zone: str = ""
    topics: tuple[str, ...] = ()
    source: str = "page"
    consent: Consent | None = None
    is_sure: bool = False
    visitor: Visitor | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """A field of a known lead that was given in another way; `known` is what the ledger keeps."""

    field: str
    known: str
    given: str


def new_lead(runtime: Runtime, request: Request, topics: frozenset[str] = frozenset()) -> NewLead | Refusal:
    """The request as a lead that may be written down, or why not.

    Only the address is needed. What cannot be used of the rest is left out and noted for staff: a report is not lost
    over a phone number.
    """
    email = parse_address(request.email)
    if isinstance(email, Refusal):
        return email
    meant = "" if request.is_sure else probably_meant(email)
    if meant:
        sentence = f"Did you mean {meant}? Nothing was saved yet. If {email} is right, send it once more as it is."
        return Refusal("did_you_mean", sentence, meant)
    return _with_the_rest(runtime, request, email, topics)


def new_caller(runtime: Runtime, request: Request, topics: frozenset[str] = frozenset()) -> NewLead | Refusal:
    """The request as a lead without an address, who must have a phone that anybody can dial, or why not."""
    phone = parse_phone(request.phone, runtime.settings.clinic.country)
    if isinstance(phone, Refusal):
        return phone
    if not phone.e164:
        return Refusal("no_way", "Give an address, or with --phone a number to call. Nothing was saved.")
    return _with_the_rest(runtime, request, "", topics)


def differences(lead: Lead, new: NewLead, request: Request) -> tuple[Difference, ...]:
    """What the request gave otherwise than the ledger has it; a field that was not given differs in nothing."""
    is_same_phone = new.phone.e164 == lead.phone_e164 if lead.phone_e164 else new.phone.typed == lead.phone
    known = {"name": lead.name, "phone": lead.phone, "zone": lead.zone.key}
    given = {"name": new.name, "phone": "" if is_same_phone else new.phone.typed}
    given |= {"zone": new.zone.key if request.zone else ""}
    told = [Difference(field, known[field], value) for field, value in given.items() if value]
    topics = [Difference("topic", "", each) for each in sorted(set(request.topics) & new.topics - lead.topics)]
    return tuple(each for each in [*told, *topics] if each.known != each.given)


def _with_the_rest(runtime: Runtime, request: Request, email: str, topics: frozenset[str]) -> NewLead:
    clinic, notes = runtime.settings.clinic, list[str]()
    phone = _used(notes, "phone", request.phone, (lambda text: parse_phone(text, clinic.country), Phone()))
    zone = _used(notes, "zone", request.zone, (parse_zone, clinic.zone)) if request.zone else clinic.zone
    own_topics = {_used(notes, "topic", each, (lambda text: parse_word(text, "topic"), "")) for each in request.topics}
    return NewLead(
        email=email,
        email_hash=runtime.signing.address_digest(email) if email else "",
        name=_used(notes, "name", request.name, (parse_name, "")),
        phone=phone,
        zone=zone,
        topics=topics | own_topics - {""},
        source=_used(notes, "source", request.source, (lambda text: parse_word(text, "source"), "")),
        notes=tuple(notes),
    )


def _used(notes: list[str], what: str, text: str, read: tuple[Callable[[str], _T | Refusal], _T]) -> _T:
    """The value of an optional field; one that cannot be read becomes a note, and the field what it is without."""
    parse, without = read
    value = parse(text)
    if isinstance(value, Refusal):
        notes.append(f"The {what} as it was given, which cannot be used: {quoted(text, _MOST_NOTED)}")
        return without
    return value

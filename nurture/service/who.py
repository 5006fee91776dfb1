"""Which lead is meant: by address, number or phone, as staff say it, or by a token. Reads, and changes nothing."""

import re
from collections.abc import Iterable
from heapq import nlargest

from nurture.contact.address import parse_address
from nurture.contact.phone import parse_phone
from nurture.domain.errors import Refusal
from nurture.domain.lead import Lead
from nurture.domain.line import quoted
from nurture.domain.sought import Sought
from nurture.domain.token import Purpose
from nurture.runtime import Runtime
from nurture.store.leads import known_leads, lead_by_email, lead_by_id, lead_by_public_id, leads_by_id, leads_by_phone

# No phone that anybody can dial is so short.
_NUMBER = re.compile(r"[1-9][0-9]{0,6}")
_SEE = "See nurture lead find"
_MOST = 1000


def as_number(text: str) -> int | None:
    """The number of a row, when the text is one and no phone."""
    return int(text) if _NUMBER.fullmatch(text) else None


def find_lead(runtime: Runtime, who: str) -> Lead | Refusal:
    """The one lead that `who` names: an address, a lead's number, or a phone in any spelling."""
    number = as_number(who.strip())
    if number is not None:
        with runtime.database.read() as connection:
            return lead_by_id(connection, number) or Refusal("no_lead", f"There is no lead {number}. {_SEE}.")
    return _by_address(runtime, who) if "@" in who else _by_phone(runtime, who)


def lead_of_token(runtime: Runtime, purpose: Purpose, token: str) -> Lead | None:
    """The lead that a token of this purpose names; None when it names nobody."""
    public_id = runtime.signing.unsign(purpose, token)
    if public_id is None:
        return None
    with runtime.database.read() as connection:
        return lead_by_public_id(connection, public_id)


def find_leads(runtime: Runtime, text: str) -> list[Lead]:
    """Everyone of whose name, address or phone the text is part, however it is written; the newest first.

    Of more than anybody reads, only the newest are there.
    """
    sought, address = Sought(text), parse_address(text)
    with runtime.database.read() as connection:
        known = known_leads(connection)
        found = (each.lead_id for each in known if each.email == address or sought.is_part_of(each))
        leads = leads_by_id(connection, {*nlargest(_MOST, found)})
    return sorted(leads.values(), key=lambda lead: lead.id, reverse=True)


def others_with_phone(runtime: Runtime, lead: Lead) -> list[Lead]:
    """The other leads who have the lead's phone, the newest first; nobody shares none."""
    with runtime.database.read() as connection:
        leads = leads_by_phone(connection, lead.phone_e164) if lead.phone_e164 else []
    return [each for each in leads if each.id != lead.id]


def named(leads: Iterable[Lead]) -> str:
    """The leads by number and name, as staff know them."""
    return ", ".join(f"lead {each.id} ({each.name or each.known_as})" for each in leads)


def _by_address(runtime: Runtime, who: str) -> Lead | Refusal:
    address = parse_address(who)
    if isinstance(address, Refusal):
        return Refusal("bad_address", f"{quoted(who)} is not an email address. {_SEE}.")
    with runtime.database.read() as connection:
        lead = lead_by_email(connection, address)
    return lead or Refusal("no_lead", f"There is no lead {address}. Add the lead first: nurture lead add {address}")


def _by_phone(runtime: Runtime, who: str) -> Lead | Refusal:
    phone = parse_phone(who, runtime.settings.clinic.country)
    if isinstance(phone, Refusal) or not phone.e164:
        needed = "neither an address, nor a lead's number, nor a phone with its area code"
        return Refusal("bad_who", f"{quoted(who)} is {needed}. {_SEE}.")
    with runtime.database.read() as connection:
        leads = leads_by_phone(connection, phone.e164)
    match leads:
        case [lead]:
            return lead
        case []:
            return Refusal("no_lead", f"No lead has the phone {phone.typed}. {_SEE}.")
        case _:
            return Refusal(
                "many_leads",
                f"{len(leads)} leads share the phone {phone.typed}: say by its number which of {named(leads)}.",
            )

"""One of our mails, to a reader who is not real, handed to the relay for a look. Reads and writes no ledger."""

import secrets
from contextlib import suppress
from dataclasses import dataclass, replace

from nurture.contact.address import parse_address
from nurture.domain.errors import Refusal, TemplateError
from nurture.domain.message import MailKind
from nurture.domain.retry import Failure
from nurture.mail.compose import compose
from nurture.mail.personas import PERSONAS, find_mail, sample_request
from nurture.mail.request import MailRequest
from nurture.render.mime import serialise
from nurture.runtime import Runtime, smtp_url
from nurture.transport.outcome import LONGEST_WORDS, Accepted, Captured, Failed, InDoubt, Outcome, Outgoing


@dataclass(frozen=True, slots=True)
class Handed:
    """The sample went: its subject, to whom, and where it is now."""

    subject: str
    recipient: str
    place: str


def send_sample(runtime: Runtime, mail: str, to: str, persona: str) -> Handed | Refusal:
    """The mail has gone to that address as it would to this sort of reader; no ledger knows of it."""
    found, recipient = find_mail(runtime.catalogue, mail), parse_address(to)
    if isinstance(found, Refusal):
        return found
    if isinstance(recipient, Refusal):
        return Refusal(recipient.reason, recipient.sentence.replace("nothing was saved", "nothing was sent"))
    request = sample_request(*found, PERSONAS[persona], runtime.clock())
    return _hand_over(runtime, replace(request, lead=replace(request.lead, email=recipient)))


def make_reports(runtime: Runtime) -> None:
    """Every mail with a report has been made once, for nobody: the next is made of what is known by then."""
    campaigns = runtime.catalogue.campaigns.values()
    asked = [(each, step) for each in campaigns for step in each.steps if step.kind is MailKind.REQUESTED]
    for campaign, step in asked:
        # What cannot be made says so where somebody waits for it.
        with suppress(TemplateError, ValueError):
            request = sample_request(campaign, step, next(iter(PERSONAS.values())), runtime.clock())
            serialise(compose(runtime.mail_kit, request, "<sample@example.com>"))


def _hand_over(runtime: Runtime, request: MailRequest) -> Handed | Refusal:
    sender = runtime.settings.mail.from_address
    # Another identity each time, or the second look at a mail would be taken for the first.
    identity = f"<sample.{secrets.token_hex(12)}@{sender.partition('@')[2]}>"
    try:
        message = compose(runtime.mail_kit, request, identity)
        outgoing = Outgoing(sender, request.lead.email, serialise(message))
    except (TemplateError, ValueError) as error:
        return Refusal("unrenderable", f"The mail cannot be made, so nothing was sent: {error}.")
    outcome = runtime.transport.hand_over(outgoing, lambda: True)
    runtime.transport.close()
    if isinstance(outcome, Accepted | Captured):
        return Handed(message.content.subject, request.lead.email, _place(runtime, outcome))
    return Refusal("not_taken", _why_not(runtime, outcome))


def _place(runtime: Runtime, outcome: Accepted | Captured) -> str:
    if isinstance(outcome, Captured):
        return f"kept in {runtime.settings.inbox}, because NURTURE_ONLY_TO does not name that address"
    taker = "the captured inbox" if runtime.settings.is_captured else "the relay"
    return f"with {taker} at {_relay(runtime)}"


def _why_not(runtime: Runtime, outcome: Outcome) -> str:
    match outcome:
        case Failed(Failure.NO_RELAY | Failure.UNREACHABLE) if runtime.settings.is_captured:
            return f"The captured inbox does not run at {_relay(runtime)}, so nothing was sent. Start it: nurture up."
        case Failed(_, reply):
            return f"The relay {_relay(runtime)} did not take the mail, so nothing was sent: {reply[:LONGEST_WORDS]}"
        case InDoubt(reason):
            return f"The relay {_relay(runtime)} may have the mail or not: {reason}."
        case _:
            return f"The relay {_relay(runtime)} did not take the mail, so nothing was sent."


def _relay(runtime: Runtime) -> str:
    url = smtp_url(runtime.settings)
    return f"{url.host}:{url.port}"

"""The words a lead agrees to: the campaign's own, filled in as of now, and proof that a page of ours showed them."""

import hmac
from collections.abc import Mapping

from nurture.domain.campaign import Campaign
from nurture.domain.consent import Consent
from nurture.domain.extent import extent_of
from nurture.runtime import Runtime

#: What a form brings back of the page it was on, and the most letters of each.
SEALED_FIELDS = {"consent": 2_000, "page": 200, "seal": 32}


def offered_consent(runtime: Runtime, campaign: Campaign, page: str) -> Consent:
    """What that page asks to be agreed to."""
    return Consent(_filled(runtime, campaign, campaign.consent), page)


def consent_by_staff(runtime: Runtime, campaign: Campaign, command: str) -> Consent:
    """What a member of staff testifies by that command."""
    return Consent(_filled(runtime, campaign, campaign.consent_by_staff), command)


def sealed(runtime: Runtime, campaign: Campaign, consent: Consent) -> dict[str, str]:
    """The fields of a form by which it brings back what it showed, whatever the words are by then."""
    return {"consent": consent.wording, "page": consent.page, "seal": _seal(runtime, campaign, consent)}


def given_consent(
    runtime: Runtime, campaign: Campaign, fields: Mapping[str, str], page: str, *, is_trusted: bool = False
) -> Consent:
    """What was shown where the fields come from; from elsewhere than our pages, what `page` would have asked.

    The clinic's own server is trusted to say what its own page showed.
    """
    shown = Consent(fields["consent"], fields["page"] or page)
    is_ours = hmac.compare_digest(_seal(runtime, campaign, shown).encode(), fields["seal"].encode())
    is_said = is_trusted and shown.wording != "" and (shown.wording + shown.page).isprintable()
    return shown if is_ours or is_said else offered_consent(runtime, campaign, page)


def _filled(runtime: Runtime, campaign: Campaign, words: str) -> str:
    return extent_of(campaign, runtime.settings.clinic.zone, runtime.clock()).filled(words)


def _seal(runtime: Runtime, campaign: Campaign, consent: Consent) -> str:
    return runtime.signing.keyed_digest(f"consent {campaign.name} {consent.page} {consent.wording}")

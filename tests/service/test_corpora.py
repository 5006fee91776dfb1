"""Hostile strings in every field of a lead: refused with nothing written, or harmless in every mail that follows."""

import unicodedata
from dataclasses import replace
from email import message_from_bytes
from email.header import decode_header, make_header
from email.policy import default
from email.utils import getaddresses

import hypothesis
import pytest

from nurture.contact.address import parse_address
from nurture.domain.errors import Refusal
from nurture.domain.lead import parse_name
from nurture.mail.compose import compose
from nurture.mail.personas import sample_request
from nurture.render.mime import serialise
from nurture.service.request import Request
from nurture.service.signup import add_by_hand, sign_up
from nurture.store.leads import all_leads
from nurture.store.notes import notes_of_lead
from tests.conftest import MONDAY
from tests.corpora import strings
from tests.render.trees import flat, reworded

CORPUS = list(dict.fromkeys(strings("headers") + strings("templates") + strings("blns")))
NAMES = [name for text in CORPUS if isinstance(name := parse_name(text), str)]
ADDRESSES = [a for text in CORPUS if isinstance(a := parse_address(f"{text}@example.com"), str)]
# Every string meets two mails every day, and all of them in the long form.
STRIDE = 1 if hypothesis.settings.default.max_examples > 1000 else 12
BREAKING = {"Cc", "Cs", "Zl", "Zp"}


def test_the_lists_are_whole():
    assert [len(strings(name)) for name in ("headers", "templates", "blns")] == [61, 72, 481]
    assert len(NAMES) > 300
    assert ADDRESSES


def test_what_is_accepted_holds_nothing_that_breaks_a_line_or_opens_an_encoded_word():
    for text in NAMES + ADDRESSES:
        assert "=?" not in text
        assert not BREAKING & set(map(unicodedata.category, text))


@pytest.mark.parametrize("field", ["email", "name", "phone", "zone", "source", "topics"])
def test_a_string_is_no_address_or_else_kept_as_one_line_or_noted(installation, field):
    kept = set()
    for n, text in enumerate(CORPUS):
        typed = {"email": f"a{n}@example.com", field: (text,) if field == "topics" else text}
        answer = add_by_hand(installation.runtime, Request(report="", **typed))
        if isinstance(answer, Refusal):
            assert answer.sentence.endswith(".")
            assert answer.sentence.isprintable()
        else:
            kept.add(answer.lead.email)
    with installation.runtime.database.read() as connection:
        leads = all_leads(connection)
        notes = {lead.id: [each.words for each in notes_of_lead(connection, lead.id)] for lead in leads}
    assert {lead.email for lead in leads} == kept
    assert len(leads) == (0 if field == "email" else len(CORPUS))
    values = [value for lead in leads for value in (lead.name, lead.phone, lead.source, *lead.topics, *notes[lead.id])]
    assert not BREAKING & {unicodedata.category(character) for value in values for character in value}


@pytest.fixture
def requests(installation):
    """Every mail that ships, to a reader called Ann."""
    campaigns = installation.runtime.catalogue.campaigns.values()
    return [sample_request(campaign, step, "Ann", MONDAY) for campaign in campaigns for step in campaign.steps]


def drawn(installation, request, **lead):
    message = compose(
        installation.runtime.mail_kit, replace(request, lead=replace(request.lead, **lead)), "<1@clinic.example>"
    )
    return message, message_from_bytes(serialise(message))


def form(mail):
    """The headers in order, and the kinds of the parts."""
    return mail.keys(), [(part.get_content_type(), part.keys()) for part in mail.walk()]


def recipient(mail):
    """(name, address) of To, which the newer parser and the older one read as one address alike."""
    raw = str(mail["To"])
    [to] = message_from_bytes(b"To: " + raw.encode() + b"\r\n\r\n", policy=default)["To"].addresses
    [(_, address)] = getaddresses([raw])
    assert address == to.addr_spec
    if to.display_name.isascii():
        return to.display_name, address
    # The newer parser puts a space between two encoded-words of a name, which RFC 2047 6.2 forbids; the older does not.
    return str(make_header(decode_header(raw))).rpartition(" <")[0], address


def test_a_name_is_text_in_every_mail_and_nothing_else(installation, requests):
    benign = [drawn(installation, request) for request in requests]
    elements = [flat(message.content.html) for message, _ in benign]
    for n, name in enumerate(NAMES):
        for which in range(n % STRIDE, len(requests), STRIDE):
            message, mail = drawn(installation, requests[which], name=name)
            known, known_mail = benign[which]
            hello = f"Hello {name.split(' ')[0]}," if name else "Hello,"
            assert form(mail) == form(known_mail)
            assert recipient(mail) == (name, "reader@example.com")
            assert message.content.subject == known.content.subject
            lead = f"Lead 0, {name}" if name else "Lead 0"
            text = known.content.text.replace("Hello Ann,", hello).replace("Lead 0, Ann", lead)
            assert message.content.text == text
            greeted = reworded(elements[which], "Hello Ann,", hello)
            assert flat(message.content.html) == reworded(greeted, "Lead 0, Ann", lead)


def test_an_address_is_the_one_recipient_of_its_mail(installation):
    for email in ADDRESSES:
        assert not isinstance(sign_up(installation.runtime, Request(email, "lumbar-sciatica")), Refusal)
    installation.work()
    sent = {mail.recipient: message_from_bytes(mail.data, policy=default) for mail in installation.transport.mails}
    assert sorted(sent) == sorted(set(ADDRESSES))
    for email, mail in sent.items():
        assert [each.addr_spec for each in mail["To"].addresses] == [email]
        assert mail.keys() == next(iter(sent.values())).keys()

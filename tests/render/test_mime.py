"""The bytes that travel, for every mail that ships."""

import re
from email import message_from_bytes
from email.policy import default

import pytest

from nurture.domain.message import Content, Envelope, Mailbox, MailKind, Message
from nurture.mail.compose import compose
from nurture.mail.personas import sample_request
from nurture.render.mime import serialise
from tests.conftest import MONDAY

PRIVATE = re.compile(r"\b(back|pain|spine|lumbar|sciatica|needl|therap|Robert|Discovery|injur)", re.IGNORECASE)


@pytest.fixture
def mails(installation):
    """(step, message, bytes) of every mail of the catalogue."""
    steps = [
        (campaign, step) for campaign in installation.runtime.catalogue.campaigns.values() for step in campaign.steps
    ]
    requests = [sample_request(campaign, step, "Zoë O'Brien", MONDAY) for campaign, step in steps]
    messages = [compose(installation.runtime.mail_kit, request, "<1@clinic.example>") for request in requests]
    return [(request.step, message, serialise(message)) for request, message in zip(requests, messages, strict=True)]


def test_every_mail_comes_back_whole_from_its_bytes(mails):
    for _, message, data in mails:
        parsed = message_from_bytes(data, policy=default)
        assert parsed["Subject"] == message.content.subject
        assert parsed["To"].addresses[0].display_name == "Zoë O'Brien"
        bodies = [parsed.get_body((kind,)).get_content().split() for kind in ("plain", "html")]
        assert bodies == [message.content.text.split(), message.content.html.split()]
        assert not parsed.defects


def test_lines_end_in_crlf_and_are_never_too_long(mails):
    for _, _, data in mails:
        assert b"\n" not in data.replace(b"\r\n", b"")
        assert max(map(len, data.split(b"\r\n"))) <= 998
        head = data.partition(b"\r\n\r\n")[0]
        for name in (b"From", b"To", b"Date", b"Message-ID", b"Subject", b"MIME-Version"):
            assert len(re.findall(rb"^" + name + rb": ", head, re.MULTILINE)) == 1


def test_a_way_out_is_one_whole_line_where_it_is_owed_and_absent_elsewhere(mails):
    for step, _, data in mails:
        lines = re.findall(rb"^List-[^\r]*", data, re.MULTILINE)
        if step.kind is MailKind.NURTURE or step.name == "report":
            assert any(
                re.fullmatch(rb"List-Unsubscribe: <http[^>]+>, <mailto:[^>]+\?subject=unsubscribe>", line)
                for line in lines
            )
            assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in lines
            assert any(line.startswith(b"List-Id: <") for line in lines)
        else:
            assert lines == []
        assert all(b"=?" not in line for line in lines)


def test_nothing_private_shows_on_a_lock_screen(mails):
    for step, message, _ in mails:
        assert not PRIVATE.search(message.content.subject), step.name
        preheader = re.search(r'class="preheader"[^>]*>([^<]*)<', message.content.html)
        assert not (preheader and PRIVATE.search(preheader[1])), step.name


def test_a_visit_travels_as_one_invitation_and_as_a_file(mails):
    found = {step.name: message_from_bytes(data, policy=default) for step, _, data in mails if step.calendar}
    invitations = {}
    for name, mail in found.items():
        [invitation] = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
        [file] = mail.iter_attachments()
        assert (file.get_content_type(), file.get_filename()) == ("application/ics", "appointment.ics")
        assert file.get_content() == invitation.get_payload(decode=True)
        invitations[name] = invitation.get_param("method")
    assert invitations == {"confirmation": "REQUEST", "cancelled": "CANCEL"}


HOSTILE = ["=?utf-8?q?=0A?=Bcc: x@y.z", "Ann\r\nBcc: x@y.z", "a\x00b", "a\u2028b"]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_that_could_become_a_header_is_refused(name):
    envelope = Envelope(Mailbox("A", "a@x.example"), Mailbox(name, "b@y.example"), "", "<1@x.example>", MONDAY)
    with pytest.raises(ValueError, match="header"):
        serialise(Message(MailKind.VISIT, envelope, Content("s", "t", "h")))

"""A mail that breaks its kind's promise cannot be made, in either direction."""

from datetime import UTC, datetime

import pytest

from nurture.domain.compliance import Compliance
from nurture.domain.message import Content, Envelope, Mailbox, MailKind, Message, Unsubscribe, kind_headers

URL = "https://x.example/unsubscribe/t"
ADDRESS = "1 O'Hara & Sons Street, Fort Worth, TX 76100"
COMPLIANCE = Compliance(ADDRESS, URL)
TEXT = f"Hello\n\n{ADDRESS}\n{URL}\n"
HTML = f'<p>1 O&#39;Hara &amp; Sons Street, Fort Worth, TX 76100</p><a href="{URL}"><b>Stop these mails</b></a>'
HEADERS = kind_headers(MailKind.NURTURE, "l.x.example", Unsubscribe(URL, "stop@x.example"))


def message(kind=MailKind.NURTURE, headers=HEADERS, text=TEXT, html=HTML, *, compliance=COMPLIANCE, date=None, **more):
    sender, recipient = Mailbox("A", "a@x.example"), Mailbox("", "b@y.example")
    date = date or datetime(2026, 3, 2, tzinfo=UTC)
    envelope = Envelope(sender, recipient, "", "<1@x.example>", date, tuple(headers))
    return Message(kind, envelope, Content("s", text, html), (), compliance, **more)


def without(name):
    return [(each, value) for each, value in HEADERS if each != name]


def replaced(name, value):
    return [*without(name), (name, value)]


def test_a_whole_invitation_is_made():
    assert message().kind is MailKind.NURTURE


@pytest.mark.parametrize("name", ["List-Unsubscribe", "List-Unsubscribe-Post", "List-Id"])
def test_an_invitation_without_one_of_its_headers_is_not_made(name):
    with pytest.raises(ValueError, match=f"needs {name}"):
        message(headers=without(name))


@pytest.mark.parametrize(
    "ways",
    [
        f"<{URL}>",
        "<mailto:stop@x.example>",
        "<http://x.example/unsubscribe/t>, <mailto:stop@x.example>",
        "<http://localhost.x.example/unsubscribe/t>, <mailto:stop@x.example>",
        f"{URL}, mailto:stop@x.example",
        "",
    ],
)
def test_list_unsubscribe_names_a_safe_page_and_a_mail_address(ways):
    with pytest.raises(ValueError, match="https page and a mail address"):
        message(headers=replaced("List-Unsubscribe", ways))


def test_headers_and_bodies_name_the_same_page():
    ways = "<https://x.example/unsubscribe/other>, <mailto:stop@x.example>"
    with pytest.raises(ValueError, match="the page that its bodies show"):
        message(headers=replaced("List-Unsubscribe", ways))


@pytest.mark.parametrize("body", ["text", "html"])
def test_both_bodies_hold_the_postal_address(body):
    bodies = {"text": TEXT.replace("Street", "Road"), "html": HTML.replace("Street", "Road")}
    with pytest.raises(ValueError, match="postal address"):
        message(**{body: bodies[body]})


@pytest.mark.parametrize(
    "html",
    [
        HTML.replace(URL, "https://x.example/"),
        HTML.replace("<b>Stop these mails</b>", " <img src='x'> "),
        HTML.replace("<a ", "<a style='display: none' "),
        HTML.replace("<a ", "<link "),
        HTML.partition("<a ")[0] + URL,
    ],
)
def test_the_way_out_is_a_link_that_can_be_seen(html):
    with pytest.raises(ValueError, match="unsubscribe link"):
        message(html=html)


def test_the_text_names_the_way_out():
    with pytest.raises(ValueError, match="unsubscribe link"):
        message(text=ADDRESS)


@pytest.mark.parametrize("compliance", [None, Compliance("", URL), Compliance(ADDRESS, "")])
def test_an_invitation_without_address_or_way_out_is_not_made(compliance):
    with pytest.raises(ValueError, match="postal address and an unsubscribe page"):
        message(compliance=compliance)


def test_a_report_that_starts_a_drip_is_made_as_an_invitation_is():
    way_out = Unsubscribe(URL, "stop@x.example")
    assert kind_headers(MailKind.REQUESTED, "l.x.example", way_out, starts_drip=True) == HEADERS
    assert message(MailKind.REQUESTED, starts_drip=True).starts_drip


@pytest.mark.parametrize("name", ["List-Unsubscribe", "List-Unsubscribe-Post", "List-Id"])
def test_a_report_that_starts_a_drip_has_the_headers_of_one(name):
    with pytest.raises(ValueError, match=f"needs {name}"):
        message(MailKind.REQUESTED, without(name), starts_drip=True)


@pytest.mark.parametrize("bodies", [(ADDRESS, HTML), (TEXT, HTML.replace(URL, ""))])
def test_a_report_that_starts_a_drip_shows_the_way_out(bodies):
    with pytest.raises(ValueError, match="unsubscribe link"):
        message(MailKind.REQUESTED, HEADERS, *bodies, starts_drip=True)


@pytest.mark.parametrize("kind", [MailKind.NURTURE, MailKind.VISIT, MailKind.STAFF])
def test_only_what_was_asked_for_starts_a_drip(kind):
    with pytest.raises(ValueError, match="starts no drip"):
        message(kind, starts_drip=True)


OTHERS = [MailKind.REQUESTED, MailKind.VISIT, MailKind.STAFF]


@pytest.mark.parametrize("kind", OTHERS)
def test_other_mail_says_that_a_program_sent_it_and_no_more(kind):
    headers = kind_headers(kind, "l.x.example", Unsubscribe(URL, "stop@x.example"))
    assert [name for name, _ in headers] == ["Auto-Submitted"]
    assert message(kind, headers, "t", "h").compliance == COMPLIANCE


@pytest.mark.parametrize("kind", OTHERS)
@pytest.mark.parametrize("name", ["List-Unsubscribe", "List-Unsubscribe-Post", "List-Id", "list-help"])
def test_other_mail_with_a_list_header_is_not_made(kind, name):
    with pytest.raises(ValueError, match=f"carries {name}"):
        message(kind, [(name, "x")], "t", "h")


@pytest.mark.parametrize("kind", OTHERS)
@pytest.mark.parametrize("bodies", [(TEXT, "h"), ("t", HTML)])
def test_other_mail_that_offers_to_unsubscribe_is_not_made(kind, bodies):
    with pytest.raises(ValueError, match="offers to unsubscribe"):
        message(kind, (), *bodies)


def test_a_message_needs_an_aware_date():
    with pytest.raises(ValueError, match="aware"):
        message(date=datetime(2026, 3, 2))

"""The captured inbox over real SMTP, and the reading of what it kept."""

import mailbox
import smtplib
import socket
import time

import pytest

from nurture.domain.errors import ConfigError
from nurture.local.inbox.maildir import html_with_pictures, list_mail, read_mail
from nurture.local.inbox.smtp_server import LARGEST_MAIL, serve_inbox
from tests.local.conftest import a_mail, open_inbox


def latest(inbox):
    return max(list_mail(inbox.directory), key=lambda mail: mail.key)


def test_a_mail_is_kept_with_the_envelope_it_came_in(inbox):
    inbox.receive(a_mail("Grüße"), "ann@example.com", "ben@example.com")
    mail = latest(inbox)
    assert mail.headers[:2] == (
        ("X-Envelope-From", "bounce@clinic.example"),
        ("X-Envelope-To", "ann@example.com, ben@example.com"),
    )
    assert mail.recipients == ("ann@example.com", "ben@example.com")
    assert (mail.subject, mail.text, mail.html, mail.message_id) == (
        "Grüße",
        "Hello Ann,\r\n",
        None,
        "<1@clinic.example>",
    )
    assert mail.sent_at.isoformat() == "2026-12-01T16:00:00+00:00"


def test_its_log_names_nobody(inbox):
    inbox.receive(a_mail())
    assert "@" not in (inbox.directory / "log").read_text()


def test_any_program_that_reads_maildirs_reads_it(inbox):
    inbox.receive(a_mail())
    assert mailbox.Maildir(inbox.directory, create=False)[latest(inbox).key]["Subject"] == "Your report"
    assert not list((inbox.directory / "tmp").iterdir())


def test_an_address_beyond_ascii_is_taken(inbox):
    with smtplib.SMTP("127.0.0.1", inbox.port) as client:
        client.sendmail("a@b.example", ["josé@exämple.com"], b"Subject: Hi\r\n\r\nHello\r\n", ["SMTPUTF8"])
    assert latest(inbox).recipient == "josé@exämple.com"


def test_a_mail_of_more_than_ten_megabytes_is_refused(inbox):
    with smtplib.SMTP("127.0.0.1", inbox.port) as client:
        assert client.ehlo()[0] == 250
        assert client.esmtp_features["size"] == str(LARGEST_MAIL)
        assert client.docmd(f"MAIL FROM:<a@b.example> SIZE={LARGEST_MAIL + 1}")[0] == 552


def test_taking_a_mail_is_quick(inbox):
    content, count = a_mail().as_bytes(), 30
    with smtplib.SMTP("127.0.0.1", inbox.port) as client:
        client.sendmail("a@b.example", "c@d.example", content)
        began = time.perf_counter()
        for _ in range(count):
            client.sendmail("a@b.example", "c@d.example", content)
    # A mail takes about 2 ms; the rest is for a disk that others use as well.
    assert (time.perf_counter() - began) / count < 0.02


def test_the_latest_date_comes_first_whatever_arrived_first(tmp_path):
    inbox = open_inbox(tmp_path)
    for day in (2, 3, 1):
        inbox.receive(a_mail(day=day))
    assert [mail.message_id[1] for mail in list_mail(tmp_path)] == ["3", "2", "1"]
    assert inbox.stop() == 0


def test_after_a_restart_it_is_found_at_the_same_port(tmp_path):
    first = open_inbox(tmp_path)
    port, _ = first.port, first.stop()
    again = open_inbox(tmp_path)
    assert again.port == port
    again.stop()


def test_a_port_in_use_is_said_in_one_sentence(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=f"cannot listen on port {port}"):
            serve_inbox(tmp_path, port)


def test_pictures_travel_inside_and_files_beside(inbox):
    mail = a_mail(html='<img src="cid:logo"><img src="cid:none">')
    mail.get_payload()[1].add_related(b"PNG", "image", "png", cid="<logo>")
    mail.add_attachment(b"BEGIN:VCALENDAR", maintype="text", subtype="calendar", filename="appointment.ics")
    inbox.receive(mail)
    kept = latest(inbox)
    assert kept.attachments == (("appointment.ics", "text/calendar", b"BEGIN:VCALENDAR"),)
    assert html_with_pictures(kept).strip() == '<img src="data:image/png;base64,UE5H"><img src="cid:none">'


def test_an_invitation_is_listed_once_whether_or_not_it_is_a_file_too(inbox):
    mail = a_mail(html="<p>Hello</p>")
    mail.add_alternative("BEGIN:VCALENDAR\r\n", subtype="calendar", params={"method": "REQUEST"})
    inbox.receive(mail)
    assert [name for name, _, _ in latest(inbox).attachments] == ["file"]
    mail.add_attachment(b"BEGIN:VCALENDAR\r\n", maintype="application", subtype="ics", filename="appointment.ics")
    inbox.receive(mail)
    kept = latest(inbox)
    assert kept.attachments == (("appointment.ics", "application/ics", b"BEGIN:VCALENDAR\r\n"),)
    assert (kept.text.strip(), kept.html.strip()) == ("Hello Ann,", "<p>Hello</p>")


@pytest.mark.parametrize(
    "source", [b"", b"\r\n", b"Date: never\r\n\r\nx", b"Content-Type: text/plain; charset=no\r\n\r\nx"]
)
def test_a_mail_that_is_hardly_one_is_shown_all_the_same(inbox, source):
    with smtplib.SMTP("127.0.0.1", inbox.port) as client:
        client.sendmail("a@b.example", "c@d.example", source)
    mail = latest(inbox)
    assert mail.sent_at.year == 1970
    assert mail.text.strip() in {"", "x"}


def test_a_key_cannot_climb_out_of_the_inbox(inbox):
    inbox.receive(a_mail())
    key = latest(inbox).key
    assert read_mail(inbox.directory, key).key == key
    for bad in ("../port", f"../new/{key}", f"{key}\n", key.replace("inbox", "other"), "", ".."):
        assert read_mail(inbox.directory, bad) is None


def test_an_inbox_that_was_never_opened_is_empty(tmp_path):
    assert list_mail(tmp_path / "none") == []

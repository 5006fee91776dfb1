"""A relay that is secured and wants a login: a real aiosmtpd with a certificate made for the test."""

import shutil
import ssl
import subprocess

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from nurture.domain.retry import Failure
from nurture.transport.outcome import Accepted, Failed, Outgoing
from nurture.transport.smtp import SmtpTransport
from nurture.transport.smtp_url import parse_smtp_url
from tests.real_installation import free_port

MAIL = Outgoing("care@clinic.example", "ann@example.com", b"Subject: x\r\n\r\nhello\r\n")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    if shutil.which("openssl") is None:
        pytest.skip("no openssl to make a certificate with")
    folder = tmp_path_factory.mktemp("tls")
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    names = ["-addext", "subjectAltName=DNS:localhost", "-keyout", "key.pem", "-out", "cert.pem"]
    subprocess.run([*command, *names], cwd=folder, check=True, capture_output=True)
    return folder


class Keeper:
    def __init__(self):
        self.mails = []

    async def handle_DATA(self, _server, session, envelope):  # noqa: N802 - aiosmtpd's name
        self.mails.append((session.ssl is not None, session.authenticated, envelope.rcpt_tos))
        return "250 kept"


@pytest.fixture
def relay(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    keeper = Keeper()

    def login(_server, _session, _envelope, _mechanism, data):
        return AuthResult(success=(data.login, data.password) == (b"front desk", b"p@ss:word"), handled=False)

    options = {"tls_context": context, "require_starttls": True, "authenticator": login, "auth_required": True}
    controller = Controller(keeper, hostname="127.0.0.1", port=free_port(), **options)
    controller.start()
    yield controller, keeper
    controller.stop()


def hand_over(relay, login):
    transport = SmtpTransport(parse_smtp_url(f"smtp://{login}@localhost:{relay[0].port}?tls=starttls"))
    outcome = transport.hand_over(MAIL, lambda: True)
    transport.close()
    return outcome


def test_a_trusted_relay_is_secured_and_logged_in_to(relay, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate / "cert.pem"))
    assert isinstance(hand_over(relay, "front%20desk:p%40ss%3Aword"), Accepted)
    assert relay[1].mails == [(True, True, ["ann@example.com"])]


def test_a_wrong_password_is_our_fault_and_not_the_leads(relay, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate / "cert.pem"))
    outcome = hand_over(relay, "front%20desk:wrong")
    assert isinstance(outcome, Failed)
    assert outcome.failure is Failure.SENDER_REFUSED


def test_a_certificate_that_nobody_vouches_for_gets_no_password(relay):
    outcome = hand_over(relay, "front%20desk:p%40ss%3Aword")
    assert isinstance(outcome, Failed)
    assert outcome.failure is Failure.NO_RELAY
    assert "certificate" in outcome.reply
    assert relay[1].mails == []

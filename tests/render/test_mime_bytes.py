"""Any mail, read back by two parsers that know nothing of each other: the standard library's and a strict one."""

from email import message_from_bytes
from email.header import decode_header, make_header
from email.policy import default

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nurture.domain.compliance import Compliance
from nurture.domain.message import Attachment, Content, Envelope, Mailbox, MailKind, Message, Unsubscribe, kind_headers
from nurture.render.mime import serialise
from tests.conftest import MONDAY
from tests.render.strict_mime import read

WAY_OUT = Unsubscribe("https://clinic.example/unsubscribe/" + "x" * 43, "desk@clinic.example")
HEADERS = kind_headers(MailKind.NURTURE, "nurture.clinic.example", WAY_OUT)
CLINIC = Mailbox("MOSS Rehabilitation Center", "care@clinic.example")
COMPLIANCE = Compliance("1 Main Street", WAY_OUT.url)
FOOT_TEXT = f"\n{COMPLIANCE.address}\n{WAY_OUT.url}\n"
FOOT_HTML = f'<p>{COMPLIANCE.address} <a href="{WAY_OUT.url}">stop</a></p>\n'
ONCE = {"From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type", "Reply-To"}

printable = st.characters(blacklist_categories=("Cc", "Cs", "Zl", "Zp", "Zs"), blacklist_characters="\x85") | st.just(
    " "
)
lines = st.text(printable, max_size=60).map(lambda text: " ".join(text.split())).filter(lambda text: "=?" not in text)
bodies = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\r"), max_size=400)


def mail(name="Ann Lee", *, address="ann@example.com", subject="Hi", text="Hello\n", html="<p>Hi</p>\n", files=()):
    envelope = Envelope(CLINIC, Mailbox(name, address), "desk@clinic.example", "<1@clinic.example>", MONDAY, HEADERS)
    content = Content(subject, text + FOOT_TEXT, html + FOOT_HTML)
    return Message(MailKind.NURTURE, envelope, content, tuple(files), COMPLIANCE)


@given(lines, lines.filter(bool), bodies, bodies)
@example('Ann "the \\ knee" O\'Brien', "a" * 300, ".\n..\nFrom me\n", "x" * 5000 + "\n")
@example("Łukasz Ściana-Żółw" * 5, "é" * 90, "trailing \ntab\t\n", "--=_alternative\n--=_alternative--\n")
def test_both_parsers_read_what_was_written(name, subject, text, html):
    data = serialise(mail(name, subject=subject, text=text, html=html))
    strict, library = read(data), message_from_bytes(data, policy=default)
    assert {header for header, _ in strict.headers} == ONCE | {header for header, _ in HEADERS}
    assert len(strict.headers) == len(ONCE) + len(HEADERS)
    assert library["Subject"] == subject
    assert _recipient(data, library) == (name, "ann@example.com")
    assert not library.defects
    for kind, body in (("plain", text + FOOT_TEXT), ("html", html + FOOT_HTML)):
        [part] = strict.find(f"text/{kind}")
        assert part.body.decode().replace("\r\n", "\n") == body
        assert library.get_body((kind,)).get_content().replace("\r\n", "\n").rstrip("\n") == body.rstrip("\n")
    for header, value in HEADERS:
        assert strict.header(header) == value


def _recipient(data, library):
    [recipient] = library["To"].addresses
    if recipient.display_name.isascii():
        return recipient.display_name, recipient.addr_spec
    # The newer parser puts a space between two encoded-words of a name, which RFC 2047 6.2 forbids; the older does not.
    whole = str(make_header(decode_header(message_from_bytes(data)["To"])))
    return whole.partition(" <")[0], recipient.addr_spec


def test_an_international_domain_travels_as_punycode_and_never_as_an_encoded_word():
    data = serialise(mail("Zoë", address="zoe@bücher.example"))
    assert b"zoe@xn--bcher-kva.example" in data
    assert read(data).header("To").endswith("<zoe@xn--bcher-kva.example>")


@pytest.mark.parametrize("address", ["zoë@example.com", "a@b.example\r\nBcc: x@y.example", "a b@\x00"])
def test_an_address_that_mail_cannot_carry_is_refused(address):
    with pytest.raises(ValueError, match=r"header|idna"):
        serialise(mail(address=address))


def test_a_picture_is_shown_by_its_id_and_a_file_is_attached():
    picture = Attachment("photo.png", "image/png", b"\x89PNG" * 40, "photo")
    file = Attachment("visit.ics", "text/calendar; method=REQUEST; charset=utf-8", b"BEGIN:VCALENDAR\r\n")
    strict = read(serialise(mail(html='<img src="cid:photo" alt="">\n', files=(picture, file))))
    [related], [mixed] = strict.find("multipart/related"), strict.find("multipart/mixed")
    assert [part.header("Content-Type").partition(";")[0] for part in related.parts] == ["text/html", "image/png"]
    assert related.parts[1].header("Content-ID") == "<photo>"
    assert related.parts[1].body == picture.content
    # RFC 6047 2.4: the invitation is the last of the bodies, and no attachment.
    [alternative] = strict.find("multipart/alternative")
    assert alternative.parts[1:] == [related, *strict.find("text/calendar")]
    assert alternative.parts[-1].headers == [
        ("Content-Type", "text/calendar; method=REQUEST; charset=utf-8"),
        ("Content-Transfer-Encoding", "base64"),
    ]
    assert mixed.parts[-1].header("Content-Type") == 'application/ics; name="visit.ics"'
    assert mixed.parts[-1].header("Content-Disposition") == 'attachment; filename="visit.ics"'
    assert [part.body for part in (alternative.parts[-1], mixed.parts[-1])] == [file.content] * 2
    assert message_from_bytes(serialise(mail(files=(file,))), policy=default).is_multipart()


def test_nothing_is_kept_that_belongs_to_one_reader():
    first = serialise(mail("Ann", text="Dear Ann\n"))
    assert b"Dear Bob" in serialise(mail("Bob", text="Dear Bob\n"))
    assert serialise(mail("Ann", text="Dear Ann\n")) == first

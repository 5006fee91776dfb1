"""What every mail owes its reader: a short subject, a whole document, an address, and a way out. Judges no style."""

import re
from collections.abc import Iterator

from nurture.domain.message import MailKind
from nurture.lint.page import squeezed
from nurture.lint.rendered_mail import SUBJECT, TEXT, RenderedMail, Violation

LONGEST_SUBJECT = 60
# Gmail cuts a mail off there.
LARGEST_HTML = 102_000
_WAY_OUT = "/unsubscribe/"
# A heading of the same rank that is not the frame's, in HTML or in an article.
_SECOND = r"(?m)<h1(?!>\{% block)|^# "
_LINK = r"links\.unsubscribe"


def essentials(mail: RenderedMail) -> Iterator[Violation]:
    """What subject, size, doctype, postal address and the way to unsubscribe lack."""
    subject, html = mail.content.subject, mail.content.html
    if len(subject) > LONGEST_SUBJECT:
        yield Violation("subject", f"{len(subject)} characters, more than {LONGEST_SUBJECT}: {subject}", SUBJECT)
    size = len(html.encode())
    if size > LARGEST_HTML:
        yield Violation("size", f"the HTML is {size} bytes, and Gmail cuts it off at {LARGEST_HTML}")
    if not html.startswith("<!DOCTYPE html>"):
        yield Violation("doctype", "the HTML must begin with <!DOCTYPE html>", needle="<!doctype")
    if not mail.page.hidden:
        detail = "the mail has no preheader, so inboxes show the first words of the letterhead"
        yield Violation("preheader", detail, needle=r"block preheader|class=.preheader")
    titles = sum(heading.rank == 1 and heading.words != "" for heading in mail.page.headings)
    if titles != 1:
        detail = f"the HTML has {titles} headings <h1>, and needs one"
        yield Violation("heading", detail, needle=_SECOND if titles else "block heading")
    yield from _address(mail)
    yield from _way_out(mail)


def _address(mail: RenderedMail) -> Iterator[Violation]:
    address = squeezed(mail.context.address)
    if address not in squeezed(mail.content.text):
        yield Violation("address", "the text does not show the clinic's postal address", TEXT)
    if address not in mail.page.words:
        yield Violation("address", "the HTML does not show the clinic's postal address", needle=r"clinic\.address")


def _way_out(mail: RenderedMail) -> Iterator[Violation]:
    in_text = _WAY_OUT in mail.content.text
    shown = [link.is_visible for link in mail.page.links if _WAY_OUT in link.href]
    if mail.is_of_drip:
        if not in_text:
            yield Violation("unsubscribe", "the text of a mail of a drip shows its unsubscribe link", TEXT, _LINK)
        if not any(shown):
            detail = "a mail of a drip shows its unsubscribe link where every reader can see it"
            yield Violation("unsubscribe", detail, needle=_LINK)
    if mail.kind in {MailKind.VISIT, MailKind.STAFF} and (in_text or shown):
        part = TEXT if in_text else "body.html"
        needle = f"{_LINK}|{re.escape(_WAY_OUT)}"
        yield Violation("unsubscribe", "a mail about an appointment does not offer to unsubscribe", part, needle)

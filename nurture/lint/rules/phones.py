"""Whether every phone number of a mail is the clinic's, or one that the clinic has named. Calls nobody."""

import re
from collections.abc import Iterator

from nurture.contact.phone import numbers_in
from nurture.domain.message import MailKind
from nurture.lint.rendered_mail import HTML, SUBJECT, TEXT, RenderedMail, Violation
from nurture.lint.rules.addresses import WRITTEN


def phones(mail: RenderedMail) -> Iterator[Violation]:
    """Numbers at which somebody else answers; staff are given those of leads."""
    if mail.kind is MailKind.STAFF:
        return
    calls = " , ".join(link.href.removeprefix("tel:") for link in mail.page.links if link.href.startswith("tel:"))
    parts = ((SUBJECT, mail.content.subject), (HTML, f"{mail.page.words} , {calls}"), (TEXT, mail.content.text))
    for part, words in parts:
        strangers: dict[str, str] = {}
        for typed, e164 in numbers_in(WRITTEN.sub("", words), mail.context.country):
            if e164 not in mail.context.phones:
                strangers.setdefault(e164, typed)
        for typed in strangers.values():
            detail = f"{typed} is not the clinic's phone number, nor one that nurture.toml names under other_phones"
            # However a template breaks or writes it.
            yield Violation("phone", detail, part, r"[\s().-]*".join(re.findall(r"\d", typed)))

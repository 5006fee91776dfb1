"""Nurture mails as bytes without running their templates: each is filled into what the first of its sort became.

Two readers of one article get mails that differ in a name and a few links. So the first mail of a sort is rendered with
markers in the place of these values, and everything between the markers is kept as it travels, encoded:

    b'...<p>Hello =\r\n'  first_name, escaped  b'=\r\n,</p> ... href=3D"=\r\n'  unsubscribe  b'=\r\n">...'

The next mail puts its own values in, each on a soft-broken line of its own, so that no piece depends on how long a
value is. A sort is a step of a campaign, and which values are empty.

The promise: what a reader sees is what rendering would have made. It holds where templates only print these values, or
ask whether they are empty (`Traced` notes everything else); where nothing else differs from reader to reader (a decoy's
context is compared); where the HTML has one skeleton for all its mails; and where the first mail, filled in, is to the
letter what was rendered, and keeps its kind's promises. Where one of these does not hold, every mail of the sort is
rendered, as `compose` does it, and so is one whose values might be written otherwise where they stand.

Rejected: to list the values that templates may print (the list would have to be kept true by hand for every template);
keeping Jinja and encoding faster (its three templates are half of what a mail costs).
"""

import binascii
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from markupsafe import escape

from nurture.domain.errors import TemplateError
from nurture.domain.message import Content, MailKind, Message
from nurture.mail.compose import build_message, compose, envelope_of, folder_of
from nurture.mail.context import mail_context
from nurture.mail.kit import MailKit
from nurture.mail.request import MailRequest
from nurture.render.mime import body, head, quoted_text, serialise
from nurture.render.traced import Traced

Value = Callable[[MailKit, MailRequest], str]
# All that differs between two nurture mails of one step, by where it stands in a template's context.
_VALUES: dict[tuple[str, str], Value] = {
    ("lead", "name"): lambda _kit, request: request.lead.name,
    ("lead", "first_name"): lambda _kit, request: request.lead.first_name,
    ("lead", "number"): lambda _kit, request: str(request.lead.id),
    ("links", "unsubscribe"): lambda kit, request: kit.links.unsubscribe(request.lead.public_id),
    ("report", "url"): lambda kit, request: kit.links.report(request.enrolment_public_id),
    ("report", "pdf_url"): lambda kit, request: kit.links.report_pdf(request.enrolment_public_id),
}
_PLACES = tuple(_VALUES)
# What libxml2 would write otherwise in an address, and what would end a line.
_PLAIN, _ONE_LINE = re.compile(r"[!-~]*"), re.compile(r"[^\x00-\x1f\x7f\x85\u2028\u2029]*")
# Attributes whose values libxml2 encodes.
_ADDRESS = re.compile(r"""\b(?:href|src|action|name)=(?:"[^"]*"|'[^']*')""")
_HOLE = re.compile(rb"\0(\w+)\0")
# No text says this in quoted-printable, which escapes the equals sign.
_HTML = b'Content-Type: text/html; charset="utf-8"'
MOST_SORTS = 512


@dataclass(frozen=True, slots=True)
class _Sort:
    """What mails of one sort have in common: pieces of the body with a value after each but the last, and a subject."""

    pieces: tuple[bytes, ...]
    holes: tuple[tuple[int, bool], ...]
    subject: tuple[str, ...]
    in_addresses: frozenset[int]


def rendered(kit: MailKit, request: MailRequest, identity: str, at: datetime) -> bytes:
    """The mail under that Message-ID, dated `at`, as bytes; raises as `compose` does when it cannot be made."""
    return serialise(compose(replace(kit, clock=lambda: at), request, identity))


class Filler:
    """Writes the mails of one runtime; not made for several threads."""

    def __init__(self, kit: MailKit) -> None:
        self._kit = kit
        # Letters and digits stay as they are everywhere, and nobody can guess these.
        self._prefix = f"v{secrets.token_hex(6)}n"
        self._marker = re.compile(f"{self._prefix}([0-9]+)e")
        self._sorts: dict[tuple[object, ...], _Sort | None] = {}

    def write(self, request: MailRequest, identity: str, at: datetime) -> bytes:
        """As `rendered`, and sooner."""
        kit = replace(self._kit, clock=lambda: at)
        sort = self._sort_of(kit, request)
        filled = _filled(kit, request, identity, sort) if sort else None
        return filled if filled is not None else rendered(kit, request, identity, at)

    def _sort_of(self, kit: MailKit, request: MailRequest) -> _Sort | None:
        if request.step.kind is not MailKind.NURTURE or request.enrolment.visit or request.is_stopped:
            return None
        key = (request.campaign.name, request.step.name, request.lead.name != "")
        if key not in self._sorts:
            if len(self._sorts) >= MOST_SORTS:
                self._sorts.clear()
            self._sorts[key] = self._first(kit, request)
        return self._sorts[key]

    def _first(self, kit: MailKit, request: MailRequest) -> _Sort | None:
        """The sort of this mail; None when its mails are rendered, each whole."""
        context, inspected = mail_context(kit, request), list[str]()
        if _without_values(context) != _without_values(mail_context(kit, _decoy(request))):
            return None
        folder = folder_of(request.step, request.campaign.name)
        traced = self._traced(context, inspected)
        try:
            marked = kit.renderer.mail(folder, traced)
            is_one = kit.renderer.skeleton(folder, traced)[1] and kit.renderer.is_transparent(folder)
        except TemplateError:
            return None
        if inspected or not is_one:
            return None
        return self._compiled(kit, request, marked)

    def _compiled(self, kit: MailKit, request: MailRequest, marked: Content) -> _Sort | None:
        """What the mail was made of, once it is sure that the mail comes out of it again."""
        message = build_message(kit, request, "<first@mail>", self._with_values(kit, request, marked))
        if message.content != compose(kit, request, "<first@mail>").content:
            return None
        cut = _HOLE.split(body(_to_be_cut(message, marked), self._marker))
        is_html = [_HTML in b"".join(cut[:at]) for at in range(1, len(cut), 2)]
        addresses = self._marker.findall(" ".join(_ADDRESS.findall(marked.html)))
        holes = tuple((int(number), html) for number, html in zip(cut[1::2], is_html, strict=True))
        sort = _Sort(tuple(cut[::2]), holes, tuple(self._marker.split(marked.subject)), frozenset(map(int, addresses)))
        return sort if _comes_out(kit, request, sort, message) else None

    def _traced(self, context: dict[str, Any], inspected: list[str]) -> dict[str, Any]:
        traced = dict(context)
        for number, (owner, name) in enumerate(_PLACES):
            if context[owner] is not None:
                value = Traced(f"{self._prefix}{number}e", inspected, is_full=bool(context[owner][name]))
                traced[owner] = traced[owner] | {name: value}
        return traced

    def _with_values(self, kit: MailKit, request: MailRequest, marked: Content) -> Content:
        def text(match: re.Match[str]) -> str:
            return _VALUES[_PLACES[int(match[1])]](kit, request)

        return Content(
            self._marker.sub(text, marked.subject),
            self._marker.sub(text, marked.text),
            self._marker.sub(lambda match: str(escape(text(match))), marked.html),
        )


def _filled(kit: MailKit, request: MailRequest, identity: str, sort: _Sort) -> bytes | None:
    """The mail out of its sort's pieces; None when one of its values might be written otherwise where it stands."""
    values: dict[int, str] = {}
    for number in {*(number for number, _ in sort.holes), *map(int, sort.subject[1::2])}:
        value = values[number] = _VALUES[_PLACES[number]](kit, request)
        if not (_PLAIN if number in sort.in_addresses else _ONE_LINE).fullmatch(value):
            return None
    subject = "".join(values[int(each)] if at % 2 else each for at, each in enumerate(sort.subject))
    parts = [head(envelope_of(kit, request, identity), " ".join(subject.split())), sort.pieces[0]]
    for (number, is_html), piece in zip(sort.holes, sort.pieces[1:], strict=True):
        parts += (quoted_text(str(escape(values[number])) if is_html else values[number]), piece)
    return b"".join(parts)


def _comes_out(kit: MailKit, request: MailRequest, sort: _Sort, message: Message) -> bool:
    """Tell whether the mail, filled in, says to the letter what was rendered."""
    filled, wanted = _filled(kit, request, message.envelope.message_id, sort), serialise(message)
    return filled is not None and _decoded(filled) == _decoded(wanted)


def _without_values(context: dict[str, Any]) -> dict[str, Any]:
    """The context without what may differ from reader to reader."""
    left = dict(context)
    for owner, name in _PLACES:
        if left[owner] is not None:
            left[owner] = {key: value for key, value in left[owner].items() if key != name}
    return left


def _decoy(request: MailRequest) -> MailRequest:
    """The same mail for somebody else in every respect, who came at another time."""
    lead, enrolment, later = request.lead, request.enrolment, timedelta(days=40, hours=5, minutes=7)
    named = replace(lead, id=lead.id + 1, public_id=lead.public_id[::-1], name="De Coy", email="decoy@example.net")
    reached = replace(named, phone="+1 555 0100", phone_e164="+15550100", zone=ZoneInfo("Asia/Tokyo"))
    other = replace(reached, topics=frozenset({"decoy"}), source="decoy", created_at=lead.created_at + later)
    begun = replace(enrolment, id=enrolment.id + 1, enrolled_at=enrolment.enrolled_at + later)
    return replace(request, lead=other, enrolment=begun, enrolment_public_id=request.enrolment_public_id[::-1])


def _to_be_cut(message: Message, content: Content) -> Message:
    """The message with other texts, and no promise to keep: it is cut to pieces and not sent."""
    return Message(MailKind.VISIT, replace(message.envelope, headers=()), content, message.attachments)


def _decoded(mail: bytes) -> bytes:
    """The mail with its soft breaks and escapes undone, wherever they are; for comparing, and nothing else."""
    return binascii.a2b_qp(mail)

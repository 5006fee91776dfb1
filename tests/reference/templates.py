"""The names that a mail's templates may use, the blocks that they may fill, and the parts that they may build with."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nurture.domain.message import MailKind
from nurture.mail.context import mail_context
from nurture.mail.personas import PERSONAS, sample_request, variants
from tests.conftest import ROOT
from tests.reference.installation import shipped
from tests.reference.markdown import code, page, table

EMAILS = ROOT / "templates" / "emails"
HEAD = """\
Each mail is three Jinja templates in a folder, `templates/emails/CAMPAIGN/STEP/`: `subject.txt`, `body.txt` and `body.html`. The
text is written, not stripped from the HTML. Templates run in a sandbox and are strict: a name that no mail knows is a fault, also
where nobody looked yet (`nurture template check`). Files are UTF-8."""
NAMES_HEAD = """\
`picture("map.png")` is the address of a picture (png, jpg or gif) in `templates/images/`, for an `<img>`. It travels inside the
mails that show it: opening one tells nobody. Where a name below is of some kinds alone, it is empty in others."""
BLOCKS_HEAD = """\
A body begins with `{% extends "emails/_base/mail.html" %}` (or `mail.txt`) and fills blocks of that frame; words outside every
block are a fault. Mail to the front desk extends `emails/_base/desk.html` and `desk.txt`, and its subject `desk-subject.txt`."""
PARTS_HEAD = """\
A part with a signature is a macro: `{% from "emails/_parts/button.html" import button %}`, then `{{ button(url, label) }}`; one
that has a body is called with `{% call panel("Title") %} ... {% endcall %}`. The others are included:
`{% include "emails/_parts/safety.html" %}`."""
PERSONAS_HEAD = (
    "`nurture template check` and `preview` render every mail for these readers, and `template send --persona` for one."
)
NAMES = {
    "clinic.name": "as in `nurture.toml`, like the next",
    "clinic.phone": "",
    "clinic.phone_url": "the `tel:` link of it",
    "clinic.clinician": "who signs, with titles",
    "clinic.clinician_first": "who signs, as people say it",
    "clinic.address": "the postal address",
    "clinic.site_url": "the front page",
    "clinic.zone": "the clinic's time zone",
    "brand.primary": "a color, like the next three",
    "brand.accent": "",
    "brand.paper": "",
    "brand.ink": "",
    "brand.logo": "an address for an `<img>`, or empty; like the next",
    "brand.photo": "",
    "lead.name": "as the lead gave it; may be empty",
    "lead.first_name": "what to greet with; may be empty",
    "lead.number": "what staff know the lead by",
    "kind": "`requested`, `nurture`, `visit` or `staff`",
    "links.unsubscribe": "the way out, where the mail owes its reader one; else empty",
    "links.resubscribe": "the way back, in a report's mail to whoever had stopped the articles; else empty",
    "links.site": "the front page",
    "links.articles": "the list of articles",
    "links.visit_offer": "what a Discovery Visit is, and how to get one",
    "news[].what": "the campaign's `title`",
    "news[].then": "the campaign's `why`: what to do",
    "news[].when": "in words, on the clinic's clock",
    "news[].number": "of the lead, as are the next four",
    "news[].name": "",
    "news[].email": "",
    "news[].phone": "as it was given",
    "news[].phone_url": "the `tel:` link of it, or empty",
    "news[].visit": "when the visit was to be, or empty",
    "news[].remarks": "what was noted when it came to be",
    "news[].command": "the command that tells all of the lead",
    "why": "the campaign's `why`",
    "red_flags": "the signs that should not wait, of the report or the topic: each has `do` and `signs`",
    "what_follows": "the campaign's `what_follows`, filled in; empty where nothing follows",
    "visit.when": "day and time in words, on the clinic's clock",
    "visit.when_short": "the same in at most 21 letters, for a subject",
    "visit.day": "the day in words",
    "visit.time": "the hour in words",
    "visit.zone_name": "such as CST",
    "visit.minutes": "how long it takes",
    "visit.place": "the clinic's postal address",
    "visit.status": "see [states](states.md)",
    "visit.confirmed": "whether it is confirmed",
    "visit.moved": "whether this mail is about a new time",
    "visit.folded": "whether it was booked so late that a reminder fell away: say here what that would have said",
    "visit.url": "its page",
    "visit.ics_url": "its calendar file",
    "report.name": "",
    "report.title": "",
    "report.subtitle": "",
    "report.page_url": "the page that offers it to anybody",
    "report.url": "this reader's own page of it",
    "report.pdf_url": "this reader's own PDF",
    "article.name": "",
    "article.title": "",
    "article.summary": "",
    "article.minutes": "how long it takes to read",
    "article.url": "its page",
    "article.html": "the whole of it",
    "article.text": "the whole of it, as text",
    "article.subject": "",
    "article.preheader": "",
}


def templates() -> str:
    known = names()
    assert known.keys() == NAMES.keys(), f"not explained, or not known any longer: {known.keys() ^ NAMES.keys()}"
    rows = (
        [code(name), "every mail" if len(known[name]) == len(MailKind) else ", ".join(known[name]), NAMES[name]]
        for name in NAMES
    )
    bases, parts = sorted((EMAILS / "_base").iterdir()), sorted((EMAILS / "_parts").iterdir())
    return page(
        "Template names and blocks",
        HEAD,
        f"## Names\n\n{NAMES_HEAD}",
        table(("name", "in mails of kind", "what it says"), rows),
        f"## Blocks\n\n{BLOCKS_HEAD}",
        table(("frame", "blocks", "what it is for"), ([code(_name(file)), *_blocks(file)] for file in bases)),
        f"## Parts\n\n{PARTS_HEAD}",
        table(("part", "macros", "what it is for"), ([code(_name(file)), *_macros(file)] for file in parts)),
        f"## Readers\n\n{PERSONAS_HEAD}",
        "\n".join(f"- {persona}" for persona in PERSONAS),
    )


def names() -> dict[str, list[str]]:
    """Every name that some mail is given, with the kinds of mail that are given it."""
    found: dict[str, dict[str, None]] = {}
    with shipped() as runtime:
        for campaign in runtime.catalogue.campaigns.values():
            for step in campaign.steps:
                for each in variants(sample_request(campaign, step, "Ann", runtime.clock())).values():
                    for name in _names_in(mail_context(runtime.mail_kit, each), ""):
                        found.setdefault(name, {})[step.kind.value] = None
    # What is nothing in some mails and has parts in others is known by its parts.
    whole = {name for name in found if any(other.startswith((f"{name}.", f"{name}[")) for other in found)}
    return {name: [kind for kind in MailKind if kind in found[name]] for name in found if name not in whole}


def _names_in(value: Any, name: str) -> Iterator[str]:
    match value:
        case dict():
            for key, each in value.items():
                yield from _names_in(each, f"{name}.{key}".lstrip("."))
        case [dict() as first, *_]:
            yield from _names_in(first, f"{name}[]")
        case _:
            yield name


def _name(file: Path) -> str:
    return file.relative_to(EMAILS).as_posix()


def _blocks(file: Path) -> tuple[str, str]:
    text = file.read_text()
    return ", ".join(code(block) for block in re.findall(r"{% block (\w+)", text)), _remark(text)


def _macros(file: Path) -> tuple[str, str]:
    text = file.read_text()
    return ", ".join(code(macro) for macro in re.findall(r"{% macro ([^%]+?) %}", text)), _remark(text)


def _remark(text: str) -> str:
    """The file's first remark, where it stands at the head."""
    found = re.search(r"\A(?:<!DOCTYPE html>\s*)?{#\s*(.*?)\s*#}", text, re.DOTALL)
    return found[1] if found else ""

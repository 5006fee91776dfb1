"""What a report's Typst template is given: its words as Typst markup, and whose it is. Reads and writes no file."""

import re
from dataclasses import asdict, dataclass
from typing import Any

from nurture.render.markdown import Section, opening_bold, sections, to_typst

_NUMBERED = re.compile(r"(\d+)\.\s+(.+)")
# A heading that begins so has a shape of its own in the booklet; every other section is plain.
_KINDS = {
    "when to see a doctor": "urgent",
    "three steps": "steps",
    "how to book": "booking",
    "about this report": "about",
}


@dataclass(frozen=True, slots=True)
class ReportSource:
    """What a report says: its name, the words on its cover, and its body as Markdown."""

    name: str
    title: str
    subtitle: str
    summary: str
    body: str


@dataclass(frozen=True, slots=True)
class Imprint:
    """Who hands the report out, and the colors (#rrggbb) that it is printed in."""

    clinic: str
    phone: str
    clinician: str
    address: str
    primary: str
    accent: str
    paper: str
    ink: str


def booklet(report: ReportSource, imprint: Imprint) -> dict[str, Any]:
    """Everything the template shows: strings it prints as they are, and Markdown turned into Typst."""
    introduction, *parts = sections(report.body)
    return {
        "title": report.title,
        "subtitle": report.subtitle,
        "summary": report.summary,
        "introduction": to_typst(introduction.body),
        "parts": [_part(part) for part in parts],
        "brand": asdict(imprint),
    }


def _part(section: Section) -> dict[str, str]:
    numbered = _NUMBERED.fullmatch(section.heading)
    number, heading = numbered.groups() if numbered else ("", section.heading)
    answer, detail = opening_bold(section.body) if numbered else ("", section.body)
    kind = "question" if numbered else _kind(heading)
    return {
        "kind": kind,
        "number": number,
        "heading": heading,
        "answer": to_typst(answer),
        "detail": to_typst(detail),
    }


def _kind(heading: str) -> str:
    return next((kind for start, kind in _KINDS.items() if heading.casefold().startswith(start)), "plain")

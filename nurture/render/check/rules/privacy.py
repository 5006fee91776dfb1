"""What a glance at a phone, a shared calendar or a server's log must not learn of a reader. Looks at no body."""

import re
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from nurture.render.check.finding import HTML, SUBJECT, TEXT, Ground, Objection, Specimen
from nurture.render.check.rules.addresses import written

# Conditions and parts of the body, who treats, and how: a subject, a preheader, an address and a calendar's title are
# seen by people and machines the reader did not choose. Patterns of whole words, in their every form; a blank may also
# be a hyphen. "Back" alone stays: mail comes back.
PRIVATE_WORDS = (
    *(r"lumba\w*", r"sciatic\w*", r"pain(?!t)\w*", r"(?:back|head|leg|stomach|tooth)?ach(?:es?|ed|ing|y)"),
    *(r"sore(?:s|ness)?", "numb(?:ness)?", r"tingl\w+", "spasms?"),
    *("(?:low|lower|upper|my|your|bad|sore|stiff) backs?", "back (?:trouble|problem|injury|injuries|surgery)s?"),
    *("(?:inter ?vertebral )?dis[ck]s?", r"herni\w+", "stenosis", r"arthrit\w+", r"scolio\w+", "spin(?:e|es|al)"),
    *(r"vertebra\w*", "nerves?", "necks?", "shoulders?", "hips?", "knees?", "elbows?", "ankles?", "muscles?"),
    *(r"injur(?:y|ies|ed)", r"surg(?:ery|eries|ical|eons?)", r"diagnos\w+", r"symptom\w*", r"migraines?"),
    *(r"(?:physio)?therap(?:y|ies|ists?|eutic)", "physios?", "clinicians?", "doctors?", r"rehab\w*", "patients?"),
    *("discovery visits?", "evaluations?", "assessments?", "consultations?", "treatments?", "dry needl(?:es?|ing)"),
    *("needl(?:es?|ing)", "mris?", "x ?rays?", "(?:ct|mri) scans?"),
)
_PRIVATE = re.compile(rf"\b(?:{'|'.join(PRIVATE_WORDS).replace(' ', '[ -]')})\b", re.IGNORECASE)
# A signed token says nothing, whatever letters it happens to hold.
_TOKEN = re.compile(r"/[\w-]{20}\.[\w-]{22}(?![\w-])", re.ASCII)
# An article may be called by the method it explains: that tells nothing of what its reader has.
_METHOD = re.compile(r"(?<=/articles/)(?:dry-)?needling\b")


def privacy(mail: Specimen) -> Iterator[Objection]:
    """Objections to private words where others can see them."""
    yield from _words(mail, "subject", mail.content.subject, SUBJECT)
    yield from _words(mail, "preheader", mail.page.hidden, HTML)
    yield from _words(mail, "calendar title", mail.calendar_title, HTML)
    for part, hrefs in ((HTML, [link.href for link in mail.page.links]), (TEXT, written(mail.content.text))):
        for href in dict.fromkeys(hrefs):
            yield from _words(mail, f"address {href}", _told(href), part, re.escape(href))


def _told(href: str) -> str:
    """The words of an address that a server or a mail program is told."""
    try:
        parts = urlsplit(href)
    except ValueError:
        return ""
    path = _METHOD.sub("", _TOKEN.sub("/", unquote(parts.path))) if parts.scheme in {"http", "https", ""} else ""
    return re.sub(r"[^\w/-]|_", " ", f"{path} {unquote(parts.query)} {unquote(parts.fragment)}")


def _words(mail: Specimen, where: str, text: str, part: str, needle: str = "") -> Iterator[Objection]:
    # The clinic's own name may say what it does: it stands in From as well.
    text = re.sub(re.escape(mail.ground.clinic), "", text, flags=re.IGNORECASE)
    found = [*_names(mail.ground, text), *(match[0] for match in _PRIVATE.finditer(text))]
    for word in dict.fromkeys(found):
        yield Objection("privacy", f"the {where} says “{word}”", part, needle or re.escape(word))


def _names(ground: Ground, text: str) -> list[str]:
    """The clinician by any name; the surname alone only as a name is written, for some are words as well."""
    whole = [name for name in ground.clinicians if name and name.lower() in text.lower()]
    surname = re.escape(ground.clinicians[-1].split()[-1])
    title = re.search(rf"\b(?i:dr|doctor)\b[. -]*(?i:{surname})\b|\b{surname}\b", text)
    return whole or ([title[0]] if title else [])

"""What a glance at a phone, a shared calendar or a server's log must not learn of a reader. Looks at no body."""

import re
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from nurture.render.check.finding import HTML, SUBJECT, Objection, Specimen

# Conditions and parts of the body, who treats, and what kind of visit it is: a subject, a preheader, an address and a
# calendar's title are seen by people and machines the reader did not choose. "Back" alone stays: mail comes back.
PRIVATE_WORDS = (
    *("lumbar", "sciatic", "sciatica", "lumbago", "pain", "pains", "painful", "ache", "aches", "sore", "numbness"),
    *("low back", "lower back", "your back", "bad back", "disc", "discs", "disk", "herniated", "herniation"),
    *("stenosis", "arthritis", "scoliosis", "spine", "spinal", "vertebra", "vertebrae", "nerve", "nerves"),
    *("neck", "shoulder", "hip", "knee", "injury", "injuries", "surgery", "diagnosis", "symptom", "symptoms"),
    *("therapist", "therapy", "physiotherapy", "physical therapy", "clinician", "doctor", "rehab", "rehabilitation"),
    *("discovery visit", "evaluation", "assessment", "consultation", "treatment", "patient"),
)
_PRIVATE = re.compile(rf"\b({'|'.join(word.replace(' ', '[ -]') for word in PRIVATE_WORDS)})\b", re.IGNORECASE)
# A signed token says nothing, whatever letters it happens to hold.
_TOKEN = re.compile(r"/[\w.-]{40,}")


def privacy(mail: Specimen) -> Iterator[Objection]:
    """Objections to private words where others can see them."""
    yield from _words(mail, "subject", mail.content.subject, SUBJECT)
    yield from _words(mail, "preheader", mail.page.hidden, HTML)
    yield from _words(mail, "calendar title", mail.calendar_title, HTML)
    for href in dict.fromkeys(link.href for link in mail.page.links):
        parts = urlsplit(href) if href.startswith("http") else None
        if parts:
            path = _TOKEN.sub("/", unquote(f"{parts.path} {parts.query} {parts.fragment}"))
            yield from _words(mail, f"address {href}", path.replace("_", " "), HTML, re.escape(href))


def _words(mail: Specimen, where: str, text: str, part: str, needle: str = "") -> Iterator[Objection]:
    # The clinic's own name may say what it does: it stands in From as well.
    text = text.replace(mail.ground.clinic, "")
    names = [name for name in mail.ground.clinicians if name and name.lower() in text.lower()]
    for word in dict.fromkeys([*names, *(match[0] for match in _PRIVATE.finditer(text))]):
        yield Objection("privacy", f"the {where} says “{word}”", part, needle or re.escape(word))

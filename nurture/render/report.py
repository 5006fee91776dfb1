"""The report as a PDF booklet, typeset by Typst and kept by content. Knows nothing of leads, mails or the network."""

import hashlib
import json
import re
import secrets
import tempfile
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import typst

from nurture.domain.errors import TemplateError
from nurture.render.markdown import Section, opening_bold, sections, to_typst

_MAIN = "report.typ"
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


def build_pdf(report: ReportSource, imprint: Imprint, cache: Path, base: Path | None = None) -> Path:
    """The finished PDF lies in the cache, under a name made of its content; it is built only when it is not there yet.

    Raises TemplateError when Typst refuses the content.
    `base` is the folder of the Typst template; without it, the one that ships with Nurture.
    """
    template = _files(base or _shipped_base())
    booklet = json.dumps(_booklet(report, imprint), ensure_ascii=False, sort_keys=True)
    target = cache / f"{report.name}-{_fingerprint(booklet, template)}.pdf"
    if not target.exists():
        _write_whole(target, _typeset(booklet, template))
    return target


def _booklet(report: ReportSource, imprint: Imprint) -> dict[str, Any]:
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


def _shipped_base() -> Path:
    """The template inside an installed copy, or the checkout's."""
    package = Path(__file__).parents[1]
    homes = (package / "_home", package.parent)
    return next(base for home in homes if (base := home / "templates" / "reports" / "_base").is_dir())


def _files(base: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(base.iterdir()) if path.is_file()}


def _fingerprint(booklet: str, template: dict[str, bytes]) -> str:
    """One short name for one exact result: what is said, how it looks and which Typst set it."""
    parts = [version("typst").encode(), booklet.encode()]
    parts += [part for name, content in template.items() for part in (name.encode(), content)]
    return hashlib.sha256(b"".join(b"%d:%s" % (len(part), part) for part in parts)).hexdigest()[:16]


def _typeset(booklet: str, template: dict[str, bytes]) -> bytes:
    """The PDF, the same bytes on every machine; Typst sees the template and nothing else of the disk."""
    with tempfile.TemporaryDirectory(prefix="nurture-report-") as folder:
        root = Path(folder)
        for name, content in template.items():
            (root / name).write_bytes(content)
        try:
            return typst.compile(
                root / _MAIN,
                root=root,
                format="pdf",
                ignore_system_fonts=True,
                sys_inputs={"booklet": booklet},
                pdf_standards="ua-1",
                timestamp=0,
            )
        except typst.TypstError as error:
            raise TemplateError(f"Typst refuses it: {error}") from error


def _write_whole(target: Path, content: bytes) -> None:
    """The target holds all of the content, or does not exist: a reader never meets half a file."""
    target.parent.mkdir(parents=True, exist_ok=True)
    # Two may build at once. Unlike a temporary file, this one is for everybody whom the umask lets read it.
    draft = target.with_name(f".building-{secrets.token_hex(8)}.pdf")
    try:
        with draft.open("xb") as file:
            file.write(content)
        draft.replace(target)
    except OSError:
        draft.unlink(missing_ok=True)
        raise

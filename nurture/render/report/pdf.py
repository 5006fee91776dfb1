"""The report as a PDF booklet, typeset by Typst and kept by content. Knows nothing of leads, mails or the network."""

import hashlib
import json
import secrets
import tempfile
from importlib.metadata import version
from pathlib import Path

import typst

from nurture.domain.errors import TemplateError
from nurture.render.report.booklet import Imprint, ReportSource, booklet

_MAIN = "report.typ"


def build_pdf(report: ReportSource, imprint: Imprint, cache: Path, base: Path | None = None) -> Path:
    """The finished PDF lies in the cache, under a name made of its content; it is built only when it is not there yet.

    Raises TemplateError when Typst refuses the content.
    `base` is the folder of the Typst template; without it, the one that ships with Nurture.
    """
    template = _files(base or _shipped_base())
    words = json.dumps(booklet(report, imprint), ensure_ascii=False, sort_keys=True)
    target = cache / f"{report.name}-{_fingerprint(words, template)}.pdf"
    if not target.exists():
        _write_whole(target, _typeset(words, template))
    return target


def _shipped_base() -> Path:
    """The template inside an installed copy, or the checkout's."""
    package = Path(__file__).parents[2]
    homes = (package / "_home", package.parent)
    return next(base for home in homes if (base := home / "templates" / "reports" / "_base").is_dir())


def _files(base: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(base.iterdir()) if path.is_file()}


def _fingerprint(words: str, template: dict[str, bytes]) -> str:
    """One short name for one exact result: what is said, how it looks and which Typst set it."""
    parts = [version("typst").encode(), words.encode()]
    parts += [part for name, content in template.items() for part in (name.encode(), content)]
    return hashlib.sha256(b"".join(b"%d:%s" % (len(part), part) for part in parts)).hexdigest()[:16]


def _typeset(words: str, template: dict[str, bytes]) -> bytes:
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
                sys_inputs={"booklet": words},
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

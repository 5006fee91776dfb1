"""Pictures that travel inside a mail: files of templates/images, sent along only where a template asks for one.

Fetches nothing, and reads no file whose name is more than a name.
"""

import re
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path

from nurture.domain.errors import TemplateError
from nurture.domain.message import Attachment
from nurture.domain.picture import PICTURE_TYPES, is_picture_name

# A phone on a bad line waits for all of it.
LARGEST_PICTURE = 200_000
# RFC 2392 2: a content id is an addr-spec, so it has two sides.
_PLACE = "images"
_ASKED = re.compile(rf"\bcid:([A-Za-z0-9._-]+)@{_PLACE}\b")
_CID = re.compile(r"cid:([^\s\"'<>)]+)", re.IGNORECASE)


def picture(name: str) -> str:
    """The address under which a mail's HTML shows the picture of that name (RFC 2392)."""
    return f"cid:{name}@{_PLACE}"


def folder(templates: Path) -> Path:
    """Where the pictures are kept."""
    return templates / "images"


def asked_for(html: str) -> list[str]:
    """The names of the pictures that the HTML shows, each once, in order."""
    return list(dict.fromkeys(_ASKED.findall(html)))


def picture_files(templates: Path, html: str) -> tuple[Attachment, ...]:
    """The pictures that the HTML shows, as parts of its mail; raises TemplateError naming one that is not there."""
    # Most mails show none, and every mail is asked.
    return tuple(_file(folder(templates) / name) for name in asked_for(html)) if "cid:" in html else ()


def with_pictures(html: str, pictures: Mapping[str, tuple[str, bytes]]) -> str:
    """The HTML with its pictures written into it, for a page; `pictures` maps content ids to (type, bytes)."""

    def inline(match: re.Match[str]) -> str:
        found = pictures.get(match[1])
        return f"data:{found[0]};base64,{b64encode(found[1]).decode()}" if found else match[0]

    return _CID.sub(inline, html)


def _file(file: Path) -> Attachment:
    # A link out of the folder would let a template send any file of this machine.
    if not is_picture_name(file.name) or not file.is_file() or file.is_symlink():
        raise TemplateError(f"the picture {file.name} is not in templates/images (png, jpg or gif)")
    return Attachment(file.name, PICTURE_TYPES[file.suffix.lower()], file.read_bytes(), f"{file.name}@{_PLACE}")

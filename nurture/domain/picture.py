"""What a picture that travels inside a mail may be called. Reads no file."""

import re

#: What every mail program shows, by the end of its name; SVG and WebP are not among it.
PICTURE_TYPES = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif"}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def is_picture_name(text: str) -> bool:
    """Tell whether this can be the name of a picture: no folder, and a type that mail programs show."""
    return bool(_NAME.fullmatch(text)) and f".{text.rpartition('.')[2].lower()}" in PICTURE_TYPES

"""CSS colors as a reader sees them: one laid over another, `#rrggbb`, or nothing where nobody can tell."""

import logging
import re
from functools import lru_cache
from xml.dom import SyntaxErr

import cssutils
from cssutils.css import ColorValue, PropertyValue

# rgb(0 0 0), which cssutils knows with commas alone.
_SPACED = re.compile(r"(?<=[\d.%])\s+(?=[\d.])")
_BARE_HEX = re.compile(r"[0-9a-f]{6}")


def laid_over(value: str, background: str) -> str:
    """The first color that a CSS value names, over the background where it is clear; nothing when it names none."""
    found = _parsed(value.lower())
    if found is None:
        return ""
    *parts, alpha = found
    return mixed("#" + "".join(f"{round(part):02x}" for part in parts), background, alpha)


def mixed(color: str, background: str, alpha: float) -> str:
    """The color at that opacity (0 to 1) over the background."""
    if alpha >= 1 or not color:
        return color
    if not background:
        return ""
    pairs = ((int(color[at : at + 2], 16), int(background[at : at + 2], 16)) for at in (1, 3, 5))
    return "#" + "".join(f"{round(above * alpha + below * (1 - alpha)):02x}" for above, below in pairs)


@lru_cache(maxsize=1024)
def _parsed(value: str) -> tuple[float, float, float, float] | None:
    cssutils.log.setLevel(logging.CRITICAL)
    written = f"#{value}" if _BARE_HEX.fullmatch(value) else _SPACED.sub(",", value) if "(" in value else value
    try:
        parts = [part for part in PropertyValue(written) if isinstance(part, ColorValue)]
    except SyntaxErr:
        return None
    return (parts[0].red, parts[0].green, parts[0].blue, parts[0].alpha) if parts else None

"""The computed style of an element: its own declarations, and what it inherits. Knows no rule for whole documents."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nurture.lint.colors import laid_over, mixed
from nurture.render.contrast import WHITE, contrast

#: Letters smaller than this, or closer to their background than that, are there for machines.
LEAST_SIZE, LEAST_CONTRAST = 8, 1.2
_LENGTH = re.compile(r"(?<![\w.#])(\d*\.?\d+)(px|pt|em|rem|%)|^0$")
_BLUE, _BLACK = "#0000ee", "#000000"
# What programs do by themselves (HTML 15.3): sizes as parts of the surrounding one, and words of CSS in pixels.
_OWN_SIZE = {"h1": 2, "h2": 1.5, "h3": 1.17, "h5": 0.83, "h6": 0.67, "small": 0.83, "sub": 0.83, "sup": 0.83}
_NAMED_SIZE = {"xx-small": 9, "x-small": 10, "small": 13, "medium": 16, "large": 18, "x-large": 24, "xx-large": 32}
_BOLD_TAGS = {"b", "strong", "th", "h1", "h2", "h3", "h4", "h5", "h6"}

Style = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ComputedStyle:
    """How the words of an element are shown. Colors are empty where nobody can tell: over a picture.

    `contrast_source` is the property, and its value as written, that decided last on how far the letters stand out,
    `size_source` the value that set their size.
    """

    is_hidden: bool = False
    size: float = 16
    is_bold: bool = False
    color: str = _BLACK
    background: str = WHITE
    opacity: float = 1
    contrast_source: tuple[str, str] = ("", "")
    size_source: str = ""

    @property
    def blended_color(self) -> str:
        """The color of the letters as they are seen, through their opacity."""
        return mixed(self.color, self.background, self.opacity)

    @property
    def contrast(self) -> float | None:
        """How well the letters stand out from their background (WCAG 2.2), 1 to 21; None when nobody can tell."""
        return contrast(self.blended_color, self.background) if self.blended_color and self.background else None

    @property
    def is_invisible(self) -> bool:
        """Whether no reader sees the words."""
        ratio = self.contrast
        return self.is_hidden or self.size < LEAST_SIZE or (ratio is not None and ratio < LEAST_CONTRAST)


def computed_style(element: Any, style: Style, parent: ComputedStyle) -> ComputedStyle:
    """How the element's own words are shown in that style, within the parent's."""
    background = _background(element, style, parent.background)
    return ComputedStyle(
        is_hidden=parent.is_hidden or "hidden" in element.attrib or hides(style),
        size=size_of(style, parent.size, _OWN_SIZE.get(element.tag, 1)),
        is_bold=_is_bold(style, default=parent.is_bold or element.tag in _BOLD_TAGS),
        color=_color(element, style, parent, background),
        background=background,
        opacity=parent.opacity * _opacity(style),
        contrast_source=next((each for each in _contrast_sources(element, style) if each[1]), parent.contrast_source),
        size_source=style.get("font-size") or style.get("font") or parent.size_source,
    )


def hides(style: Style) -> bool:
    """Tell whether an element in that style shows nothing."""
    gone = style.get("display") == "none" or style.get("visibility") == "hidden" or style.get("color") == "transparent"
    return gone or _opacity(style) < 0.1 or (style.get("overflow") == "hidden" and _is_flat(style))


def _is_flat(style: Style) -> bool:
    return any(re.fullmatch(r"0(px)?", style.get(name, "")) for name in ("max-height", "height", "max-width", "width"))


def size_of(style: Style, inherited: float, own: float = 1) -> float:
    """The size of the letters in pixels; `own` is what the element does to the inherited one by itself."""
    written = style.get("font-size") or style.get("font", "")
    found = _LENGTH.search(written)
    if found is None:
        named = next((_NAMED_SIZE[word] for word in written.split() if word in _NAMED_SIZE), None)
        return named or inherited * own
    units = {"px": 1, "pt": 4 / 3, "em": inherited, "rem": 16, "%": inherited / 100}
    return float(found[1]) * units[found[2]] if found[1] else 0


def _contrast_sources(element: Any, style: Style) -> tuple[tuple[str, str], ...]:
    """What may decide on the contrast of the element's words: properties, and attributes of that name."""
    return (
        ("opacity", style.get("opacity", "")),
        ("color", style.get("color") or element.attrib.get("color", "")),
        ("background-color", _painted(element, style)),
    )


def _color(element: Any, style: Style, parent: ComputedStyle, background: str) -> str:
    written = style.get("color") or element.attrib.get("color", "")
    if written in {"", "inherit", "currentcolor"}:
        return _BLUE if element.tag == "a" and not written else parent.color
    return laid_over(written, background)


def _painted(element: Any, style: Style) -> str:
    return style.get("background-color") or style.get("background") or element.attrib.get("bgcolor", "")


def _background(element: Any, style: Style, inherited: str) -> str:
    written = _painted(element, style)
    painted = style.get("background-image") or written
    picture = "background" in element.attrib or "url(" in painted or "gradient(" in painted
    return laid_over(written, inherited) or ("" if picture else inherited)


def _opacity(style: Style) -> float:
    if "opacity" not in style:
        return 1
    found = re.fullmatch(r"(\d*\.?\d+)(%?)", style["opacity"])
    return float(found[1]) / (100 if found[2] else 1) if found else 1


def _is_bold(style: Style, *, default: bool) -> bool:
    weight = style.get("font-weight") or style.get("font", "")
    if re.search(r"\bbold(er)?\b|\b[7-9]00\b", weight):
        return True
    return default and not re.search(r"\bnormal\b|\blighter\b|\b[1-6]00\b", weight)

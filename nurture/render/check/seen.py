"""What of a finished HTML mail a reader can see: by each element's own style, and by rules kept for some programs."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lxml.cssselect import SelectorError

from nurture.render.check.css import declarations, rules
from nurture.render.contrast import WHITE, contrast

# Letters smaller than this, or closer to their ground than that, are there for machines.
_LEAST_SIZE, _LEAST_CONTRAST = 8, 1.2
_LENGTH = re.compile(r"(?<![\w.#])(\d*\.?\d+)(px|pt|em|rem|%)|^0$")
_COLOR = re.compile(r"#([0-9a-f]{6}|[0-9a-f]{3})\b|rgb\(\s*(\d+)\s*,\s*(\d+)\s*,\s*(\d+)\s*\)|\b(white|black)\b")
_NAMED = {"white": WHITE, "black": "#000000"}
_BLUE = "#0000ee"


@dataclass(frozen=True, slots=True)
class Look:
    """How the words of an element look. Colors are empty where nobody can tell: over a picture, or see-through."""

    is_hidden: bool = False
    size: float = 16
    letters: str = "#000000"
    ground: str = WHITE

    @property
    def is_unseen(self) -> bool:
        """Whether no reader sees the words."""
        faint = self.letters and self.ground and contrast(self.letters, self.ground) < _LEAST_CONTRAST
        return self.is_hidden or self.size < _LEAST_SIZE or bool(faint)


class Seen:
    """Which elements of a mail are seen: `looks` is how each looks, `vanishing` is what some mail program hides."""

    def __init__(self, root: Any, sheets: list[str]) -> None:
        self.looks, self.vanishing = _looks(root), _vanishing(root, sheets)

    def by_all(self, element: Any) -> bool:
        """Whether every reader sees the element's words."""
        return not self.looks[element].is_unseen and element not in self.vanishing


def _looks(root: Any) -> dict[Any, Look]:
    """The look of every element, by their own styles: a finished mail has its rules inlined."""
    found: dict[Any, Look] = {}
    for element in root.iter():
        if isinstance(element.tag, str):
            found[element] = _look(element, found.get(element.getparent(), Look()))
    return found


def _vanishing(root: Any, sheets: list[str]) -> set[Any]:
    """What some kept rule hides, with all that stands in it: a mail program may follow the rule."""
    hidden: set[Any] = set()
    for sheet in sheets:
        for selectors, style in rules(sheet):
            if _hides(dict(declarations(style))) or _size(dict(declarations(style)), 16) < _LEAST_SIZE:
                hidden |= {each for one in selectors.split(",") for top in _selected(root, one) for each in top.iter()}
    return hidden


def _selected(root: Any, selector: str) -> list[Any]:
    """What the rule is for, also where it is for a surrounding that only a mail program makes: `[data-ogsc] .foot`."""
    last = re.split(r"[\s>+~]+", selector.strip())[-1]
    for one in (selector.strip(), last if "." in last or "#" in last else ""):
        try:
            found = root.cssselect(one) if one else []
        except SelectorError:
            continue
        if found:
            return list(found)
    return []


def _look(element: Any, parent: Look) -> Look:
    style = dict(declarations(element.attrib.get("style", "")))
    letters = _color(style["color"]) if "color" in style else _BLUE if element.tag == "a" else parent.letters
    see_through = style.get("color") == "transparent"
    return Look(
        is_hidden=parent.is_hidden or "hidden" in element.attrib or see_through or _hides(style),
        size=_size(style, parent.size),
        letters=letters,
        ground=_ground(element, style, parent.ground),
    )


def _ground(element: Any, style: Mapping[str, str], inherited: str) -> str:
    written = style.get("background-color") or style.get("background") or element.attrib.get("bgcolor", "").lower()
    picture = "background" in element.attrib or "url(" in style.get("background-image", written)
    return _color(written) or ("" if picture else inherited)


def _hides(style: Mapping[str, str]) -> bool:
    flat = any(re.fullmatch(r"0(px)?", style.get(name, "")) for name in ("max-height", "height", "max-width", "width"))
    clear = re.fullmatch(r"0?(\.0\d*)?%?", style["opacity"]) if "opacity" in style else None
    gone = style.get("display") == "none" or style.get("visibility") == "hidden"
    return gone or bool(clear) or (flat and style.get("overflow") == "hidden")


def _size(style: Mapping[str, str], inherited: float) -> float:
    """The size of the letters in pixels."""
    found = _LENGTH.search(style.get("font-size") or style.get("font", ""))
    if found is None:
        return inherited
    units = {"px": 1, "pt": 4 / 3, "em": inherited, "rem": 16, "%": inherited / 100}
    return float(found[1]) * units[found[2]] if found[1] else 0


def _color(value: str) -> str:
    found = _COLOR.search(value)
    if found is None:
        return ""
    if found[1]:
        return f"#{found[1]}"
    return _NAMED[found[5]] if found[5] else "#" + "".join(f"{min(int(part), 255):02x}" for part in found.groups()[1:4])

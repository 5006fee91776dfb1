"""How well a color can be read on another (WCAG 2.2, 1.4.3), and which of a brand's colors meet in mails and pages."""

from collections.abc import Mapping
from functools import lru_cache

#: Level AA for letters of any size.
LEAST = 4.5
WHITE = "#ffffff"
#: (letters, background) that the templates lay on one another, by the brand's own names.
PAIRS = (
    *(("ink", "white"), ("ink", "paper"), ("primary", "white"), ("primary", "paper")),
    *(("white", "primary"), ("white", "accent"), ("accent", "white"), ("accent", "paper")),
)


# A brand has a dozen colors, and a mail some hundred elements.
@lru_cache(maxsize=1024)
def contrast(one: str, other: str) -> float:
    """The ratio of the two colors (#rgb or #rrggbb), from 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def too_faint(brand: Mapping[str, str]) -> list[str]:
    """A sentence for every pair of the brand's colors that is hard to read."""
    colors = {"white": WHITE, **brand}
    ratios = {pair: contrast(colors[pair[0]], colors[pair[1]]) for pair in PAIRS}
    return [
        f"{letters} on {background} has a contrast of {ratio:.1f}, and {LEAST} is the least that reads well"
        for (letters, background), ratio in ratios.items()
        if ratio < LEAST
    ]


def _luminance(color: str) -> float:
    digits = color.lstrip("#")
    parts = [part * 2 for part in digits] if len(digits) == 3 else [digits[at : at + 2] for at in (0, 2, 4)]
    red, green, blue = (_linear(int(part, 16) / 255) for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(level: float) -> float:
    return level / 12.92 if level <= 0.04045 else ((level + 0.055) / 1.055) ** 2.4

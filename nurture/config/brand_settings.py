"""The table [brand] of config/nurture.toml: the clinic's colors and pictures."""

import re
from dataclasses import dataclass
from pathlib import Path

from nurture.config.toml_table import TomlTable
from nurture.domain.picture import is_picture_name


@dataclass(frozen=True, slots=True)
class Brand:
    """The clinic's look: CSS colours, and a logo and a portrait for the signature.

    Each picture is the name of a file in templates/images, an https address, or nothing.
    """

    primary: str
    accent: str
    paper: str
    ink: str
    logo: str
    photo: str

    @property
    def colors(self) -> dict[str, str]:
        """The four colors by name."""
        return {"primary": self.primary, "accent": self.accent, "paper": self.paper, "ink": self.ink}


def read_brand(table: TomlTable, images: Path) -> Brand:
    """The table's values, the pictures in `images`; raises ConfigError naming file and key."""
    colors = ("primary", "accent", "paper", "ink")
    for name in colors:
        if not re.fullmatch(r"#[0-9a-fA-F]{6}", table.text(name)):
            raise table.error(name, "must be a color such as #0f4c5c")
    pictures = {key: _picture(table, key, images) for key in ("logo", "photo")}
    return Brand(table.text("primary"), table.text("accent"), table.text("paper"), table.text("ink"), **pictures)


def _picture(table: TomlTable, key: str, images: Path) -> str:
    named = table.text(key, "", empty=True)
    if not named or re.fullmatch(r"https://[^\s\"'<>()]+", named):
        return named
    if not is_picture_name(named):
        raise table.error(key, "must name a png, jpg or gif in templates/images, be an https address, or be empty")
    if not (images / named).is_file():
        raise table.error(key, f"names {named}, which is not in templates/images")
    return named

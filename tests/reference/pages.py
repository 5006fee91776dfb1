"""Every page of docs/reference by its file's name. Knows no subject itself."""

from tests.conftest import ROOT
from tests.reference.campaign_file import campaign_file
from tests.reference.cli import cli
from tests.reference.facts import facts
from tests.reference.http import http
from tests.reference.lint_rules import lint_rules
from tests.reference.map import program_map
from tests.reference.settings import settings
from tests.reference.states import states
from tests.reference.templates import templates

FOLDER = ROOT / "docs" / "reference"


def pages() -> dict[str, str]:
    """The text of each page, by the name of its file."""
    return {
        "cli.md": cli(),
        "settings.md": settings(),
        "campaign-file.md": campaign_file(),
        "facts.md": facts(),
        "templates.md": templates(),
        "lint-rules.md": lint_rules(),
        "http.md": http(),
        "states.md": states(),
        "map.md": program_map(),
    }

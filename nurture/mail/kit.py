"""All that making a mail takes, as one value. Knows no database, no broker and no relay."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from nurture.config.catalogue import Catalogue
from nurture.config.settings import Settings
from nurture.render.html.renderer import Renderer
from nurture.render.links import Links


@dataclass(frozen=True, slots=True)
class MailKit:
    """Who writes, what can be sent, where its links lead, how it is rendered, and the instant that dates it."""

    settings: Settings
    catalogue: Catalogue
    links: Links
    renderer: Renderer
    clock: Callable[[], datetime]

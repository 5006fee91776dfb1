"""Whether the clinic's own addresses are set: by post, by mail, and on the web. Asks nobody."""

from collections.abc import Iterator

from nurture.check.answer import Answer
from nurture.config.settings import Settings

EXAMPLE_ADDRESS, EXAMPLE_DOMAIN = "Example Street", ".example"


def addresses(settings: Settings) -> Iterator[Answer]:
    """Each address in turn. The examples do while no mail leaves the machine."""
    needed = not settings.is_captured
    desk, sender = settings.desk_address, settings.mail.from_address
    set_so_far = {
        "postal address": ("clinic.address", EXAMPLE_ADDRESS in settings.clinic.address),
        "sender address": ("mail.from_address", sender.endswith(EXAMPLE_DOMAIN)),
        "desk address": ("desk.address", desk.endswith(EXAMPLE_DOMAIN)),
    }
    for subject, (key, is_example) in set_so_far.items():
        words = f"still the example: set {key} in config/nurture.toml" if is_example else "set"
        if subject == "desk address" and not desk:
            words = "none: nobody is told who wants a call. Set desk.address in config/nurture.toml"
        yield Answer(subject, not (is_example and needed), words)
    local = "//127.0.0.1" in settings.public_url or "//localhost" in settings.public_url
    words = "only this machine: set NURTURE_PUBLIC_URL" if local else settings.public_url
    yield Answer("public address", not (local and needed), words)

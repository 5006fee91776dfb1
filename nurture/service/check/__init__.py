"""Looks over an installation: what works, what does not, and what to do about it. Changes nothing."""

from collections.abc import Iterator

from nurture.runtime import Runtime
from nurture.service.check.addresses import addresses
from nurture.service.check.answer import Answer
from nurture.service.check.key import secret_key
from nurture.service.check.ledger import ledger_state, not_sent, sending, signups
from nurture.service.check.machine import broker_state, files, relay_state
from nurture.service.check.mails import colors, templates
from nurture.service.check.pulse import signs_of_life


def check_installation(runtime: Runtime, broker: str) -> Iterator[Answer]:
    """Each part of the installation in turn."""
    yield ledger_state(runtime)
    yield from sending(runtime)
    yield from not_sent(runtime)
    yield from signs_of_life(runtime)
    yield from signups(runtime)
    yield files(runtime)
    yield broker_state(broker)
    yield relay_state(runtime)
    if runtime.settings.rehearsal:
        yield Answer("rehearsal", is_good=True, words=runtime.settings.rehearsal)
    yield from addresses(runtime.settings)
    yield secret_key(runtime)
    yield colors(runtime)
    yield templates(runtime)

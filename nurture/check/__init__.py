"""Looks over an installation: what works, what does not, and what to do about it. Changes nothing."""

from collections.abc import Iterator

from nurture.check.addresses import addresses
from nurture.check.answer import Answer
from nurture.check.key import secret_key
from nurture.check.ledger import ledger_state, not_sent, sending, signups
from nurture.check.machine import broker_state, files, relay_state
from nurture.check.mails import colors, templates
from nurture.check.pulse import signs_of_life
from nurture.runtime import Runtime


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

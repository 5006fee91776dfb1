"""All rules for a rendered mail, in the order in which their objections are read. Adds no rule of its own."""

from collections.abc import Iterator
from itertools import chain

from nurture.render.check.finding import Objection, Specimen
from nurture.render.check.rules.addresses import links, pictures
from nurture.render.check.rules.letter import owed
from nurture.render.check.rules.manners import manners
from nurture.render.check.rules.parity import parity
from nurture.render.check.rules.privacy import privacy
from nurture.render.check.rules.support import support

_RULES = (owed, privacy, parity, links, pictures, support, manners)


def objections(mail: Specimen) -> Iterator[Objection]:
    """Everything that any rule says against the mail."""
    return chain.from_iterable(rule(mail) for rule in _RULES)

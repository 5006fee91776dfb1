"""Every fact that a campaign file can name."""

from nurture.domain.facts import MEANINGS, OUTCOMES, Fact
from tests.reference.markdown import code, page, table

HEAD = """\
A fact is something true of a lead or of a visit. A campaign file names facts in `ends_on`, `resume_on`, and in a step's
`only_if` and `unless`; any other word is refused, with the nearest right one. The engine reads facts from the ledger, at every
decision anew: nobody has to remember to stop anything."""

TAIL = f"""\
Facts that begin with `this_` are about the visit that the enrolment is about, so they never hold in a campaign that does not
start on one.

As long as nobody has recorded what became of a visit, {" and ".join(code(each) for each in sorted(OUTCOMES))} are unknown, which
is not false: a step that waits for one of them waits, until it is stale."""


def facts() -> str:
    return page("Facts", HEAD, table(("fact", "what it means"), ([code(fact), MEANINGS[fact]] for fact in Fact)), TAIL)

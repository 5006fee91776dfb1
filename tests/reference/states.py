"""Where a delivery, a visit and a lead's news may stand, and which way each state can be left."""

from nurture.domain.delivery_state import TRANSITIONS, DeliveryState
from nurture.domain.event import EventKind
from nurture.domain.message import MailKind
from nurture.domain.visit import VisitStatus
from tests.reference.markdown import code, page, remarks, table

DRAWN = """\
    queued ---> claimed ---> handed ---> sent          the relay said 250
      ^  |       |   |        |  |
      |  |       |   |        |  +-----> uncertain     no answer came, and it must not go twice
      |  |       |   +--------+--------> failed        refused for good
      |  +-------|------------|--------> skipped       decided against, with the reason
      +----------+------------+                        relay away or "later"; worker lost before the dot;
                                                       cannot be made yet; or in doubt, and of a kind that goes once more"""

# What takes a delivery out of each state.
BY = {
    "queued": "a later hour; a worker; a fact; in doubt for too long, or a restored backup",
    "claimed": "a failure or a lapsed lease; the dot; a refusal; the same of a mail in doubt",
    "handed": '250; "later" or one more try; a refusal; silence',
    "sent": "",
    "skipped": "",
    "failed": "`retry`",
    "uncertain": "`settle sent`; `settle unsent`; `retry`",
}

VISITS = {
    "booked": "to come; not confirmed",
    "confirmed": "to come; the visitor said so",
    "cancelled": "called off, by the visitor or by staff",
    "attended": "the lead came",
    "no_show": "the lead did not come",
}


def states() -> str:
    said = remarks(DeliveryState)
    ways = (
        [code(each), ", ".join(map(code, sorted(TRANSITIONS[each]))) or "nothing", BY[each]] for each in DeliveryState
    )
    return page(
        "States",
        "## A delivery\n\nOne (enrolment, step) in the ledger. `nurture delivery list --state S` shows those in a state.",
        table(("state", "what it means"), ([code(each), said[each]] for each in DeliveryState)),
        "It goes these ways and no others. The store refuses the rest, by a compare-and-set on the state and on a fencing number "
        "that rises with every claim.",
        DRAWN,
        table(("from", "to", "by"), ways),
        "## A mail's kind\n\nWhat a mail is to its reader. It fixes headers, hours and what happens when the mail is in doubt.",
        table(("kind", "what it is"), ([code(kind), words] for kind, words in remarks(MailKind).items())),
        "## A visit",
        table(("status", "what it means"), ([code(each), VISITS[each]] for each in VisitStatus)),
        "## News of a lead\n\nWhat `nurture lead show` lists as having happened.",
        table(("event", "what happened"), ([code(event), words] for event, words in remarks(EventKind).items())),
    )

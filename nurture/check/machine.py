"""What stands around an installation on its machine and beyond: files, broker and relay."""

from nurture.check.answer import Answer
from nurture.own_folder import open_to_others
from nurture.runtime import Runtime, smtp_url
from nurture.service.broker_probe import broker_trouble
from nurture.transport.outcome import LONGEST_WORDS, Accepted, Failed
from nurture.transport.smtp import SmtpTransport


def files(runtime: Runtime) -> Answer:
    """Whether other users of this machine can read what is the clinic's and its leads' alone."""
    found = open_to_others(runtime.settings.var)
    if not found:
        return Answer("files", is_good=True, words="closed to other users of this machine")
    others = f" and {len(found) - 1} more" if len(found) > 1 else ""
    words = f"{found[0]}{others}: open to other users of this machine. The next start closes what is yours"
    return Answer("files", is_good=False, words=f"{words}; the rest needs its owner: chmod -R go= {found[0]}")


def broker_state(url: str) -> Answer:
    """Whether workers can be told at once of what is to go."""
    trouble = broker_trouble(url, 2)
    if trouble:
        words = f"does not answer ({trouble}): mail waits in the ledger. Start it, or nurture up"
        return Answer("broker", is_good=False, words=words)
    return Answer("broker", is_good=True, words="answers")


def relay_state(runtime: Runtime) -> Answer:
    """Whether the relay would take mail from us."""
    if runtime.settings.is_captured:
        return Answer("relay", is_good=True, words="none configured: mail stays in the local inbox (NURTURE_SMTP_URL)")
    outcome = SmtpTransport(smtp_url(runtime.settings)).check()
    match outcome:
        case Accepted():
            return Answer("relay", is_good=True, words="reached, secured and logged in")
        case Failed(_, reply):
            return Answer(
                "relay", is_good=False, words=f"cannot be used: {reply[:LONGEST_WORDS]}. Mail waits in the ledger"
            )
        case _:
            return Answer("relay", is_good=False, words="gave no clear answer. Mail waits in the ledger")

"""The secret key: whether it is the one that links already mailed stand on, and whether it can be guessed."""

from nurture.check.answer import Answer
from nurture.domain.errors import NurtureError
from nurture.domain.secret_key import HOW_TO_MAKE_ONE, weakness_of
from nurture.runtime import Runtime
from nurture.secret_keys import key_problem, own_key


def secret_key(runtime: Runtime) -> Answer:
    """Whether the key is the ledger's own, and hard to guess."""
    settings = runtime.settings
    try:
        problem = key_problem(settings, runtime.database, runtime.signing)
    except NurtureError:
        # Whether it is the right one cannot be told; the ledger's own answer says why.
        problem = None
    if problem:
        return Answer("secret key", is_good=False, words=problem.rstrip("."))
    where = "from the environment" if settings.secret_keys else f"made by this installation, in {own_key(settings)}"
    words = f"{where}; it belongs into your backup, beside the database: without it no link already mailed opens"
    weakness = next(filter(None, map(weakness_of, settings.secret_keys)), None)
    if weakness:
        words = f"{words}. It {weakness}, and is refused once mail leaves this machine. Make one: {HOW_TO_MAKE_ONE}"
    return Answer("secret key", is_good=True, words=words)

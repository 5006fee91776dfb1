"""What can go wrong, as one value for what we foresaw and a few exceptions for what we did not."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Refusal:
    """A request that was understood and not carried out; nothing has changed.

    `reason` is a stable word for machines, `sentence` says to a person what happened and what to do next. Where the
    refusal is a question, `suggestion` is what was probably meant.
    """

    reason: str
    sentence: str
    suggestion: str = ""


class NurtureError(Exception):
    """Something Nurture cannot carry on from; the message is one clear sentence for a person."""


class ConfigError(NurtureError):
    """A file or variable that configures Nurture cannot be used."""


class TemplateError(NurtureError):
    """A mail or page cannot be rendered from its template."""


class MachineError(NurtureError):
    """The machine is in the way, and not what was asked for: a full disk, a port that is taken, a file out of reach."""


class StoreError(MachineError):
    """The database cannot be reached or is not of this version."""


class AwayError(StoreError):
    """The database does not answer; whoever goes on running says so once for all of an outage."""

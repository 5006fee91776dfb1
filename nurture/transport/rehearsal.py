"""A rehearsal on real data: only the addresses that are named get mail, everyone else's is kept on this machine."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from nurture.contact.address import parse_address
from nurture.domain.retry import Failure
from nurture.transport.mailbox import keep, open_mailbox
from nurture.transport.one_by_one import OneByOne
from nurture.transport.outcome import Captured, Failed, Journal, Outcome, Outgoing, Transport, Withdrawn


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """Hands to the relay what is for `only_to` (in the form of `parse_address`), and the rest to the mailbox."""

    relay: Transport
    only_to: frozenset[str]
    mailbox: Path

    def hand_over(self, mail: Outgoing, before_dot: Callable[[], bool]) -> Outcome:
        """What came of it. The envelope decides, not what stands in the mail."""
        if parse_address(mail.recipient) in self.only_to:
            return self.relay.hand_over(mail, before_dot)
        if not before_dot():
            return Withdrawn()
        try:
            open_mailbox(self.mailbox)
            keep(self.mailbox, mail.sender, [mail.recipient], mail.data)
        except OSError as error:
            return Failed(Failure.NO_RELAY, f"the mailbox of the rehearsal cannot be written ({error.strerror})")
        return Captured()

    def pool(self, _connections: int, journal: Journal) -> OneByOne:
        """A rehearsal is no hurry: its mails go one by one."""
        return OneByOne(self, journal)

    def close(self) -> None:
        """The relay's connection is let go."""
        self.relay.close()

"""Which queues a worker takes from now: prompt mail finds a process free, whatever bulk and sweeps are in hand.

Takes nothing itself; kombu asks for the order of the queues before each look at the broker, and this leaves some out.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import ClassVar

from kombu.utils.scheduling import priority_cycle

# In order of urgency: what a person waits for, the look at who is due, and what can wait a minute.
QUEUES = PROMPT_QUEUE, SWEEP_QUEUE, DRIP_QUEUE = "prompt", "sweep", "drip"
# With two, a mail at a slow relay keeps nobody else's waiting; a clinic has a few signups a minute.
_PROMPT_PROCESSES, _SWEEP_PROCESSES = 2, 1


class OpenQueues(priority_cycle):
    """The queues in their order, without those of which a worker has as many hints in hand as it may."""

    most: ClassVar[Mapping[str, int]] = {}
    asked: Iterable[str] = ()

    @staticmethod
    def in_hand() -> Iterable[str]:
        """The queue of each hint in hand."""
        return ()

    def consume(self, count: int) -> list[str]:
        """The queues that the next look at the broker asks."""
        self.asked = [queue for queue in super().consume(count) if self.is_open(queue)]
        return self.asked

    def is_open(self, queue: str) -> bool:
        """Tell whether one more hint may be taken from that queue."""
        return queue not in self.most or Counter(self.in_hand())[queue] < self.most[queue]


def processes(bulk: int) -> int:
    """How many processes a worker has in all, when so many may deliver in bulk."""
    return bulk + _PROMPT_PROCESSES + _SWEEP_PROCESSES


def shared_out(bulk: int, in_hand: Callable[[], Iterable[str]]) -> type[OpenQueues]:
    """For a worker with so many processes for bulk; `in_hand` tells the queue of each hint that it has in hand."""
    members = {"most": {SWEEP_QUEUE: _SWEEP_PROCESSES, DRIP_QUEUE: bulk}, "in_hand": staticmethod(in_hand)}
    return type("SharedOut", (OpenQueues,), members)

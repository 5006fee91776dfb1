"""The oracle: a relay that writes down each mail, and fsyncs, before it answers 250; the ledger is held against it."""

import hashlib
import os
import re
import threading
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select

from nurture.domain.delivery_state import SETTLED, DeliveryState
from nurture.domain.message import MailKind
from nurture.runtime import Runtime
from nurture.service.message_id import message_id
from nurture.store.queries.delivery_list import gone_twice
from nurture.store.schema import deliveries, enrolments
from tests.transport.scripted_relay import ScriptedRelay

_MESSAGE_ID = re.compile(rb"^Message-ID: *(<[^>]*>)\r?$", re.MULTILINE | re.IGNORECASE)


@dataclass
class Oracle(ScriptedRelay):
    """A scripted relay with a journal: (Message-ID, recipient, digest) a line."""

    journal: Path = field(default_factory=Path)

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._file = self.journal.open("ab", buffering=0)
        super().__post_init__()

    def take(self, recipient: str, body: bytes) -> None:
        identity = _MESSAGE_ID.search(body)[1].decode()
        line = f"{identity} {recipient} {hashlib.sha256(body).hexdigest()[:16]}\n".encode()
        with self._lock:
            self._file.write(line)
            os.fsync(self._file.fileno())

    def count(self) -> int:
        return self.journal.read_bytes().count(b"\n")

    def copies(self) -> Counter[str]:
        """How often each Message-ID was taken."""
        return Counter(line.split()[0] for line in self.journal.read_text().splitlines())

    def faces(self) -> dict[str, set[str]]:
        """To whom each Message-ID went, and what the mail said (its digest)."""
        found: dict[str, set[str]] = defaultdict(set)
        for line in self.journal.read_text().splitlines():
            identity, _, face = line.partition(" ")
            found[identity].add(face)
        return found

    def close(self) -> None:
        super().close()
        self._file.close()


@dataclass(frozen=True)
class Verdict:
    """The journal held against the ledger. `in_doubt` (A) is what was handed over without a reply on record."""

    settled: int
    in_doubt: int
    lost: list[int]
    twice: list[int]
    unforeseen: list[str]

    def holds(self, times: int, each: int = 1) -> bool:
        """Whether nothing was lost, doubled or unforeseen, and no more is in doubt than so many each time."""
        return not (self.lost or self.twice or self.unforeseen) and self.in_doubt <= times * each


def judge(runtime: Runtime, oracle: Oracle) -> Verdict:
    """`lost` and `twice` are the deliveries that break the promise of their kind."""
    with runtime.database.read() as connection:
        attempted = select(deliveries, enrolments.c.public_id).join(enrolments).where(deliveries.c.attempts > 0)
        rows = connection.execute(attempted).all()
        named = {each.delivery.id for each in gone_twice(connection, limit=max(1, len(rows)))}
    copies, lost, twice = oracle.copies(), [], []
    for row in rows:
        taken = copies.pop(message_id(runtime, row.public_id, row.step), 0)
        may_miss = row.kind == MailKind.NURTURE and row.state == DeliveryState.UNCERTAIN
        if taken == 0 and not may_miss:
            lost.append(row.id)
        # Each copy but one needs a time in doubt on record, and the one an answer; and staff find it by name.
        foreseen = row.kind != MailKind.NURTURE and taken <= row.times_in_doubt + (row.state == DeliveryState.SENT)
        if taken > 1 and not (foreseen and row.id in named):
            twice.append(row.id)
        assert row.state in SETTLED, f"delivery {row.id} is still {row.state}"
    # A second copy is the first to the byte, and goes where it went.
    unlike = [identity for identity, faces in oracle.faces().items() if len(faces) > 1]
    return Verdict(len(rows), sum(row.times_in_doubt > 0 for row in rows), lost, twice, [*copies, *unlike])

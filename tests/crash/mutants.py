"""Shows that the crash proofs can fail: each promise is broken in a copy of the source, and a named test must notice.

Run by `make mutants`; ends with code 1 when a mutant survives.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.crash.breaking import break_source

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Mutant:
    """What is broken, where, and the test that must fail; some tests run at full length only.

    `whole` and `broken` are code, one expression or one statement of that function (of the module when it is empty).
    """

    name: str
    file: str
    function: str
    whole: str
    broken: str
    test: str
    at_full_length: bool = False


MUTANTS = [
    Mutant(
        "a lapsed handed mail is queued again, whatever its kind",
        "domain/retry.py",
        "",
        "_REPEATED = frozenset({MailKind.REQUESTED, MailKind.VISIT, MailKind.STAFF})",
        "_REPEATED = frozenset(MailKind)",
        "test_failpoints.py",
    ),
    Mutant(
        "a mail in doubt is never sent again",
        "domain/retry.py",
        "resend_at",
        "return now if kind in _REPEATED and times_in_doubt < MOST_RESENDS else None",
        "return None",
        "test_failpoints.py",
    ),
    Mutant(
        "`handed` is written down after the dot",
        "transport/smtp.py",
        "SmtpTransport._body",
        "is_ours = before_dot()",
        "return (is_ours := True) and [self._dot(smtp), before_dot()][0]",
        "test_failpoints.py",
    ),
    Mutant(
        "in bulk, dots go whatever the ledger says",
        "transport/group_commit.py",
        "GroupCommit.commit",
        "may_go = self.journal.commit(answered, ready)",
        "may_go = set(ready)",
        "test_failpoints.py -k bulk",
    ),
    Mutant(
        "in bulk, what is handed is written down as answered",
        "service/delivery/journal.py",
        "Journal.commit",
        "sent = [self._handed[each] for each in answered]",
        "sent = [self._built[each].delivery for each in ready]",
        "test_failpoints.py -k bulk",
    ),
    Mutant(
        "in bulk, an answer that never came is taken for a yes",
        "transport/slot.py",
        "Slot.lost",
        'yield self.dotted, InDoubt(f"no answer after the final dot ({words})")',
        "yield self.dotted, Accepted(words)",
        "test_relay.py -k bulk",
    ),
    Mutant(
        "lapsed leases are not looked for",
        "service/delivery/recover.py",
        "recover",
        "deliveries.lapsed(connection, BATCH)",
        "deliveries.lapsed(connection, 0)",
        "test_failpoints.py",
    ),
    Mutant(
        "a delivery is dispatched once and never again",
        "store/outbox.py",
        "undispatched",
        "or_(deliveries.c.dispatched_at.is_(None), hint_is_lost)",
        "deliveries.c.dispatched_at.is_(None)",
        "test_broker.py -k flushed",
    ),
    Mutant(
        "a hint that could not be acknowledged keeps its slot",
        "worker/kombu_patches.py",
        "ReturnedSlots.ack",
        "virtual.QoS.ack(self, delivery_tag)",
        "pass",
        "test_broker.py -k busy",
    ),
    Mutant(
        "what is no message ends the worker",
        "worker/kombu_patches.py",
        "SteadyChannel._brpop_read",
        "raise Empty from error",
        "raise",
        "test_broker.py -k no_hint",
    ),
    Mutant(
        "a worker acts on whatever stands where the ids of a hint do",
        "worker/hint.py",
        "_are_arguments",
        "0 < len(ids) <= MOST_IDS and all(type(each) is int and 0 < each < _ABOVE_IDS for each in ids)",
        "any(True for each in ids)",
        "test_broker.py -k no_hint",
    ),
    Mutant(
        "a dropped line after the dot is a safe retry",
        "transport/smtp.py",
        "SmtpTransport._dot",
        'return InDoubt(f"no answer after the final dot ({error_text(error)})")',
        "return Failed(Failure.UNREACHABLE, error_text(error))",
        "test_relay.py -k drops",
    ),
    Mutant(
        'a relay\'s "later" is taken for "never"',
        "transport/refusals.py",
        "refused",
        "if code // 100 == 4:\n    return Failed(Failure.DEFERRED, text)",
        "pass",
        "test_relay.py -k grey",
    ),
    Mutant(
        "a wait has no end as long as bytes come",
        "transport/conversation.py",
        "Conversation.hear",
        "self.remaining()",
        "self.timeouts.command",
        "test_relay.py -k loris",
    ),
    Mutant(
        "a claim does not compare the state it read",
        "store/claims.py",
        "",
        "_AS_READ = \"deliveries.fence = taken.fence AND state = 'queued'\"",
        "_AS_READ = 'TRUE'",
        "test_claims.py",
    ),
    Mutant(
        "the claim does not ask again under the lead's lock",
        "service/delivery/verdict.py",
        "Verdicts._decided",
        "ask(campaign, enrolment, step, self.now)",
        "Send(step)",
        "test_races.py",
    ),
    Mutant(
        "what was heard of a lead since the claim counts for nothing",
        "store/hand_over.py",
        "",
        '_NOTHING_HEARD = "ready.events_seen = '
        '(SELECT count(*) FROM events WHERE events.lead_id = deliveries.lead_id)"',
        '_NOTHING_HEARD = "TRUE"',
        "../service/test_withdrawn.py",
    ),
    Mutant(
        "the second mail of a set to one lead goes on the same day",
        "service/delivery/verdict.py",
        "Verdicts.reach",
        "delivery.lead_id in self._mailed",
        "False",
        "../service/test_claim.py -k tomorrow",
    ),
    Mutant(
        "a transaction is as isolated as the database's default says",
        "store/postgresql.py",
        "open_postgresql",
        "_ISOLATION",
        "None",
        "test_races.py -k lock_wins",
    ),
    Mutant(
        "a lease is taken from a worker that lives",
        "store/deliveries.py",
        "lapsed",
        "deliveries.c.leased_until < database_now()",
        "deliveries.c.leased_until.is_not(None)",
        "test_clocks.py -k jump",
    ),
    Mutant(
        "a window is read in UTC",
        "domain/engine.py",
        "due_at",
        "zone, window = enrolment.zone, step.window",
        "zone, window = __import__('zoneinfo').ZoneInfo('UTC'), step.window",
        "test_clocks.py -k year",
    ),
    Mutant(
        "a lead may get two nurture mails a day",
        "domain/engine.py",
        "_send_when_open",
        "mailed_on >= now.astimezone(zone).date()",
        "False",
        "test_beats.py -k burst",
    ),
    Mutant(
        "a worker asked to end goes on with its batch",
        "service/delivery/pipeline.py",
        "deliver_all",
        "must_stop()",
        "False",
        "test_shutdown.py -k finished",
    ),
    Mutant(
        "a worker asked to end waits for its relay for ever",
        "worker/shutdown.py",
        "stop_in_time.end",
        "last.start()",
        "pass",
        "test_shutdown.py -k never",
        at_full_length=True,
    ),
    Mutant(
        "an attempt that could not be recorded never happened",
        "service/delivery/recover.py",
        "_release",
        "delivery.state is DeliveryState.CLAIMED",
        "True",
        "test_postgres.py -k commit",
    ),
    Mutant(
        "what could not be made is not tried again when its files are mended",
        "store/unmade.py",
        "is_mended",
        "deliveries.c.unmade_with != sources",
        "deliveries.c.unmade_with == sources",
        "test_unmade.py",
    ),
    Mutant(
        "a mail that cannot be made uses up its attempts",
        "service/delivery/build.py",
        "_wait",
        "delivery.attempts - 1",
        "delivery.attempts",
        "../service/test_unmade.py -k counted",
    ),
    Mutant(
        "who asks twice and then starts the articles again gets them twice",
        "store/enrolment_snapshot.py",
        "_is_repeated",
        "_EARLIER.c.id < enrolments.c.id",
        "_EARLIER.c.id < 0",
        "../journeys/test_the_way_back.py -k exactly",
    ),
    Mutant(
        "a mail in doubt may end as skipped or failed, and nobody hears of it",
        "domain/retry.py",
        "ending",
        "times_in_doubt == 0",
        "True",
        "../service/test_in_doubt.py -k name",
    ),
    Mutant(
        "a mail that was sent twice is in no list",
        "store/queries/delivery_list.py",
        "gone_twice",
        "or_(deliveries.c.times_in_doubt > 1, and_(deliveries.c.times_in_doubt > 0, was_taken))",
        "deliveries.c.times_in_doubt > 1",
        "test_relay.py -k drops",
    ),
    Mutant(
        "a mail in doubt goes again when the relay has forgotten its key",
        "domain/retry.py",
        "may_repeat",
        "keyed and now - since < KEY_MEMORY",
        "True",
        "../service/test_in_doubt.py -k forgotten",
    ),
    Mutant(
        "two mails may share a Message-ID",
        "service/message_id.py",
        "message_id",
        'f"delivery {enrolment_public_id} {step}"',
        'f"delivery {step}"',
        "../service/test_restore_guard.py -k anew",
    ),
    Mutant(
        "a ledger that was restored is taken for the one before",
        "service/high_water_mark.py",
        "HighWaterMark.is_ahead_of",
        "system.sweeps < self.sweeps",
        "False",
        "../service/test_restore_guard.py -k twice",
    ),
    Mutant(
        "what a restored copy forgot is held in one transaction",
        "service/restore_guard.py",
        "",
        "BATCH, BREATH = 25, 0.12",
        "BATCH, BREATH = 10**6, 0.12",
        "test_restore_guard.py -k signs_up",
    ),
    Mutant(
        "a part of what a restored copy forgot counts as the whole",
        "service/restore_guard.py",
        "_hold",
        "last = leads[-1]",
        "return",
        "test_restore_guard.py -k killed",
    ),
    Mutant(
        "a delivery is locked before its lead",
        "store/in_doubt.py",
        "lock_forgotten",
        "select(leads.c.id).where(leads.c.id.in_(ids)).order_by(leads.c.id).with_for_update()",
        "select(leads.c.id).where(leads.c.id.in_(ids)).order_by(leads.c.id)",
        "test_restore_guard.py -k in_hand",
    ),
]


def main() -> None:
    wanted = " ".join(sys.argv[1:])
    chosen = [mutant for mutant in MUTANTS if wanted in mutant.name]
    # A test that fails in any case notices nothing.
    for test, at_full_length in sorted({(mutant.test, mutant.at_full_length) for mutant in chosen}):
        with source_copied() as folder:
            if not passes(folder, test, at_full_length):
                raise SystemExit(f"{test} fails with nothing broken; mend it first")
    alive = [mutant for mutant in chosen if survives(mutant)]
    sys.exit(1 if alive else 0)


def survives(mutant: Mutant) -> bool:
    """Whether its test passes all the same; says so in a line."""
    with source_copied() as folder:
        file = folder / "nurture" / mutant.file
        file.write_text(mutated(mutant, file.read_text()))
        lives = passes(folder, mutant.test, mutant.at_full_length)
    print(f"{'SURVIVED' if lives else 'noticed '}  {mutant.name} ({mutant.test})", flush=True)
    return lives


def mutated(mutant: Mutant, source: str) -> str:
    """The source of its file, broken; raises LookupError when what it breaks is no longer there."""
    return break_source(source, mutant.function, mutant.whole, mutant.broken)


@contextmanager
def source_copied() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        for name in ("nurture", "tests", "config", "templates", "pyproject.toml"):
            copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
            copy(ROOT / name, Path(folder) / name)
        yield Path(folder)


def passes(folder: Path, test: str, at_full_length: bool) -> bool:
    """Whether the test holds against the source in `folder`."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", *f"tests/crash/{test}".split(" ")]
    environment = os.environ | {"PYTHONPATH": str(folder), "CRASH_TESTS": "full" if at_full_length else ""}
    try:
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, timeout=300, check=False)
    except subprocess.TimeoutExpired:
        # Waiting without an end is what some of them break.
        return False
    if done.returncode not in {0, 1}:
        raise SystemExit(done.stdout.decode() + done.stderr.decode())
    return done.returncode == 0


if __name__ == "__main__":
    main()

"""Takes what may still go, right before it does: the engine is asked again, under the leads' locks. Mails nothing.

A set is claimed in one transaction, and each of its mails is decided by itself. What breaks a set's transaction is one
row's fault and nobody else's, so the set is then claimed one by one, and that row is put aside.

A claim is a lease with a *fencing token*. A lease alone does not keep two workers apart: one that stands still for
longer than its lease wakes up, and takes for its own what another has long had. So every claim raises the delivery's
fence, and every later change names the number that it was given (store/deliveries.py, `transition`):

    worker A claims delivery 7       claimed, fence 3, for five minutes
    A stands still                   the lease lapses, and a sweep queues 7 again
    worker B claims it               claimed, fence 4
    A wakes and is about to send     ... WHERE state = 'claimed' AND fence = 3: no such row, and A sends nothing

The last change that asks is `hand_over`, right before the final dot. What leaves then is beyond any token, because no
relay compares one: hence the state `handed`, and mail in doubt. Leases go by the database's clock.

Rejected: a lock held while the relay answers (a transaction open for minutes, and lost with its connection); a lock in
the broker (two may hold it after a failover, and no row knows of it); the worker's name for a token (a worker that
comes back to a row it had before could not be told apart from itself).
"""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from nurture.domain.delivery_state import DeliveryState
from nurture.domain.errors import StoreError
from nurture.mail.request import MailRequest
from nurture.runtime import Runtime
from nurture.service.advance import RETRY_LATER
from nurture.service.delivery.mail_request import mail_request
from nurture.service.delivery.verdict import Verdicts
from nurture.service.high_water_mark import is_behind
from nurture.store import claims, deliveries
from nurture.store.deliveries import Delivery
from nurture.store.enrolment_snapshot import load_enrolments
from nurture.store.leads import lock_leads_of
from nurture.store.system_state import read_system_state

log = logging.getLogger("nurture.delivery")


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that is ours, with what its claim saw: who it is for and about what, and how many events of them."""

    delivery: Delivery
    request: MailRequest
    events_seen: int


def claim(runtime: Runtime, ids: Sequence[int]) -> list[Claimed]:
    """Those of the deliveries that may go now, claimed, in this order; the others are settled, wait or are not ours."""
    try:
        return _claimed(runtime, ids)
    except StoreError:
        raise
    except Exception:
        if len(ids) > 1:
            log.warning("a set of %d deliveries cannot be claimed as one, so they are claimed one by one", len(ids))
            return [claimed for each in ids for claimed in claim(runtime, [each])]
        log.exception("delivery %d cannot be decided", ids[0])
        _put_aside(runtime, ids[0])
        return []


def release(runtime: Runtime, claimed: Iterable[Delivery]) -> None:
    """These deliveries, of which nothing has left, are free again at once, and were not tried."""
    with runtime.database.begin() as connection:
        for each in claimed:
            deliveries.requeue(connection, replace(each, attempts=each.attempts - 1), runtime.clock())


def _claimed(runtime: Runtime, ids: Sequence[int]) -> list[Claimed]:
    """The deliveries, claimed, for which the engine still says so this very moment under their leads' locks."""
    with runtime.database.begin() as connection:
        leads = lock_leads_of(connection, ids)
        now = runtime.clock()
        system = read_system_state(connection)
        if not leads or system.is_stopped(now) or is_behind(runtime, system):
            return []
        free = {each.delivery.id: each for each in claims.free(connection, ids, now)}
        verdicts = Verdicts(connection, runtime, now)
        loaded = load_enrolments(connection, {each.delivery.enrolment_id for each in free.values()})
        enrolments = {each.id: each for each in loaded}
        for each in free.values():
            verdicts.reach(each.delivery, enrolments[each.delivery.enrolment_id])
        claims.put_off(connection, verdicts.waiting, runtime.sources)
        taken = claims.claim(connection, [delivery for delivery, _ in verdicts.going], now)
        about = {delivery.id: enrolled for delivery, enrolled in verdicts.going}
        return [
            Claimed(each, mail_request(leads[each.lead_id], *about[each.id]), free[each.id].events_seen)
            for each in taken
        ]


def _put_aside(runtime: Runtime, delivery_id: int) -> None:
    """What cannot be decided waits an hour; what a relay may have stays in doubt, for staff to see."""
    with runtime.database.begin() as connection:
        delivery = deliveries.delivery_by_id(connection, delivery_id)
        if delivery is None or delivery.state is not DeliveryState.QUEUED:
            return
        now, reason = runtime.clock(), "it cannot be decided"
        if delivery.times_in_doubt:
            deliveries.settle(connection, delivery, DeliveryState.UNCERTAIN, reason=f"in doubt, and {reason}", now=now)
        else:
            deliveries.requeue(connection, replace(delivery, unmade_with=None), now + RETRY_LATER, reason=reason)

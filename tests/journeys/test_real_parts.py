"""The promises that only real processes can keep: how fast the report is there, and what a dead broker changes."""

import time
from concurrent.futures import ThreadPoolExecutor
from statistics import median, quantiles

import pytest

from tests.real_installation import open_real_installation, stop_broker, wait_until

SIGNUPS = 200


@pytest.fixture(scope="module")
def real(home, tmp_path_factory):
    installation = open_real_installation(home, tmp_path_factory.mktemp("real"))
    installation.sign_up("first@example.com")
    wait_until(lambda: len(installation.mails()) == 1, 20)
    yield installation
    installation.stop()


@pytest.mark.alone
def test_from_the_page_to_the_relay_in_a_moment(real, record_property):
    began = {}

    def ask(n):
        began[f"lead{n}@example.com"] = time.time()
        real.sign_up(f"lead{n}@example.com")

    # Two visitors at a time: whoever signs up is answered in whole tenths of a second.
    with ThreadPoolExecutor(2) as visitors:
        list(visitors.map(ask, range(SIGNUPS)))
    wait_until(lambda: len(real.mails()) == SIGNUPS + 1, 60)
    arrived = real.arrivals()
    took = [arrived[email] - at for email, at in began.items()]
    p50, p99 = median(took), quantiles(took, n=100)[98]
    print(f"\nsignup to accepted: p50 {p50 * 1000:.0f} ms, p99 {p99 * 1000:.0f} ms over {SIGNUPS}")
    assert p50 < 0.1
    assert p99 < 1


def test_a_dead_broker_never_fails_a_signup_and_every_report_follows_once(real):
    before = len(real.mails())
    stop_broker(real)
    slowest = max(real.sign_up(f"dead{n}@example.com") for n in range(20))
    assert slowest < 1
    assert len(real.mails()) == before
    time.sleep(15)  # long enough for everyone's patience with the broker to have grown
    real.supervisor.tend()
    took = wait_until(lambda: len(real.mails()) == before + 20, 15)
    time.sleep(3)
    mails = real.mails()
    print(f"\nslowest signup {slowest * 1000:.0f} ms; last report {took:.1f} s after the broker's return")
    assert len(mails) == before + 20
    assert len({mail.message_id for mail in mails}) == len(mails)

"""A template that breaks under a running worker: its mails wait, others go, and all go when it is mended.

Fails when the sweep does not look for files that have changed.
"""

import shutil
import time

import pytest

from nurture.config.sources_digest import FOLDERS
from nurture.domain.message import MailKind
from nurture.store.unmade import unmade_reasons
from tests.crash.cluster import Cluster, times
from tests.crash.oracle import judge
from tests.real_installation import wait_until


@pytest.fixture
def home(home, tmp_path):
    for name in FOLDERS:
        shutil.copytree(home / name, tmp_path / "home" / name)
    return tmp_path / "home"


def test_mail_goes_by_itself_when_its_template_is_mended(cluster: Cluster, home, figures):
    leads = times(500, 8)
    body = home / "templates" / "emails" / "lumbar-sciatica" / "report" / "body.txt"
    good = body.read_text()
    cluster.start("broker", "beat", "worker")
    body.write_text("{{ lead.shoe_size }}")
    cluster.enrol(leads, (MailKind.REQUESTED, MailKind.VISIT))
    wait_until(lambda: cluster.oracle.count() == leads // 2 and waiting(cluster) == leads // 2, times(300, 60))
    body.write_text(good)
    began = time.monotonic()
    cluster.drain(60)
    figures(f"{leads // 2} mails waited and went within {time.monotonic() - began:.1f} s")
    verdict = judge(cluster.runtime, cluster.oracle)
    assert verdict.settled == leads
    assert verdict.holds(0), verdict


def waiting(cluster: Cluster) -> int:
    with cluster.runtime.database.read() as connection:
        return sum(count for _, count in unmade_reasons(connection))

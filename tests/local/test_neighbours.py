"""Two installations on one machine, and two runs in one folder: neither touches what is the other's."""

import json
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from nurture.config.settings import load_settings
from nurture.domain.errors import MachineError, NurtureError
from nurture.local.one_at_a_time import hold
from nurture.local.port import listen, neighbour, port_of
from nurture.runtime import build_runtime
from tests.local.conftest import wait_until
from tests.real_installation import free_port, open_real_installation

COMMAND = [sys.executable, "-m", "nurture"]


@pytest.fixture
def start(home, tmp_path):
    """Starts a command in a folder of that name, and ends it with whatever it started."""
    running = []

    def command(name, *words):
        environment = os.environ | {"NURTURE_HOME": str(home), "NURTURE_VAR": str(tmp_path / name)}
        process = subprocess.Popen([*COMMAND, *words], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        running.append(process)
        return process

    yield command
    for process in running:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=40)


def said(process):
    """What a command that could not start says, and its exit code."""
    out, err = process.communicate(timeout=60)
    assert out == b""
    assert err.count(b"\n") == 1
    return err.decode(), process.returncode


def test_the_port_belongs_to_whoever_listens_and_a_program_that_is_no_nurture_has_no_name():
    with listen("127.0.0.1", 0) as ours, pytest.raises(MachineError) as refused:
        listen("127.0.0.1", port_of(ours))
    assert " is taken by another program, so nothing was started or changed. " in str(refused.value)
    with pytest.raises(MachineError, match=r"no-such-host\.invalid cannot be used"):
        listen("no-such-host.invalid", 0)


def test_the_folder_belongs_to_one_run_at_a_time(tmp_path):
    first = hold(tmp_path / "var")
    with pytest.raises(NurtureError, match=rf"already runs in .* \(process {os.getpid()}\), so nothing was"):
        hold(tmp_path / "var")
    first.close()
    hold(tmp_path / "var").close()


def test_an_installation_is_known_by_a_name_that_tells_nothing(home, tmp_path):
    def name(folder, key):
        places = {"NURTURE_HOME": str(home), "NURTURE_VAR": str(tmp_path / folder), "NURTURE_SECRET_KEY": key}
        return build_runtime(load_settings(places)).installation

    assert name("a", "key") == name("a", "key key2") != name("b", "key")
    assert name("a", "key") != name("a", "other")
    assert len(name("a", "key")) == 16


def test_beside_another_installation_nothing_is_touched_and_it_is_named(start, tmp_path):
    port = free_port()
    site = f"http://127.0.0.1:{port}"
    up = start("first", "up", "--port", str(port))
    wait_until(lambda: neighbour(site) is not None, 60)
    theirs = neighbour(site).installation

    for words in (("up",), ("demo", "--exit"), ("web",)):
        sentence, code = said(start("second", *words, "--port", str(port)))
        assert f"Port {port} is taken by another Nurture (version" in sentence
        assert f"installation {theirs}), so nothing was started or changed" in sentence
        assert code == 3
    assert not list((tmp_path / "second").rglob("inbox"))
    # The same folder, at another port: it would share the broker.
    sentence, code = said(start("first", "up", "--port", str(free_port())))
    assert f"(process {up.pid})" in sentence
    assert code == 1
    leads = start("first", "lead", "list", "--json").communicate(timeout=60)[0]
    assert json.loads(leads) == []


def test_a_second_demo_leaves_the_first_ones_data(start, tmp_path):
    first = start("var", "demo", "--days", "365", "--json")
    ledger = tmp_path / "var" / "demo" / "nurture.db"
    wait_until(lambda: ledger.is_file() and ledger.stat().st_size > 0, 60)
    before = ledger.stat().st_ino
    sentence, _ = said(start("var", "demo", "--exit"))
    assert f"demo already runs in {ledger.parent} (process {first.pid})" in sentence
    assert ledger.stat().st_ino == before
    assert first.poll() is None


def test_visitors_wait_while_the_pages_start_anew(home, tmp_path):
    installation = open_real_installation(home, tmp_path / "var")
    try:
        installation.supervisor.kill("web", signal.SIGKILL)
        with ThreadPoolExecutor() as visitor:
            waits = visitor.submit(installation.sign_up, "ann@example.com")
            wait_until(lambda: installation.supervisor.tend() is not None, 10)
            assert waits.result(20) > 0
    finally:
        installation.stop()

"""The supervisor with real children: what it starts, restarts and leaves behind, which is nothing."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from nurture.domain.errors import NurtureError
from nurture.local.supervisor import Process, Supervisor
from tests.local.conftest import wait_until

# Writes its own id and that of a child of its own to the file, and stays.
FAMILY = """
import os, pathlib, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
pathlib.Path(sys.argv[1] + ".new").write_text(f"{os.getpid()} {child.pid}")
os.rename(sys.argv[1] + ".new", sys.argv[1])
time.sleep(60)
"""


def python(name, code, *arguments, **environment):
    return Process(name, [sys.executable, "-c", code, *map(str, arguments)], environment)


def is_alive(pid):
    """A process that has ended and was not yet fetched by whoever inherits it is dead."""
    answer = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], check=False, capture_output=True, text=True)
    state = answer.stdout.strip()
    return bool(state) and not state.startswith("Z")


def pids(file):
    return [int(word) for word in file.read_text().split()]


def family(tmp_path, *, restart=False):
    file = tmp_path / "pids"
    supervisor = Supervisor([python("family", FAMILY, file)], tmp_path / "log", restart=restart)
    supervisor.start({"family": file.is_file})
    return supervisor, file


def test_leaving_it_ends_children_and_grandchildren(tmp_path):
    supervisor, file = family(tmp_path)
    with supervisor:
        assert supervisor.alive() == ["family"]
        assert all(map(is_alive, pids(file)))
    assert not any(map(is_alive, pids(file)))


def test_when_it_is_killed_nobody_outlives_it(tmp_path):
    code = """
import pathlib, sys, time
from tests.local.test_supervisor import family
supervisor, file = family(pathlib.Path(sys.argv[1]))
time.sleep(60)
"""
    process = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], cwd=Path(__file__).parents[2])
    wait_until((tmp_path / "pids").is_file, 10)
    process.kill()
    process.wait()
    wait_until(lambda: not any(map(is_alive, pids(tmp_path / "pids"))), 5)


def test_a_child_may_finish_what_it_has_in_hand(tmp_path):
    code = """
import pathlib, signal, sys, time
def finish(*_):
    time.sleep(0.3)
    pathlib.Path(sys.argv[1]).write_text("done")
    sys.exit()
signal.signal(signal.SIGTERM, finish)
print("ready", flush=True)
time.sleep(60)
"""
    log = tmp_path / "log" / "slow.log"
    with Supervisor([python("slow", code, tmp_path / "out")], tmp_path / "log", restart=False) as supervisor:
        supervisor.start({"slow": lambda: "ready" in log.read_text()})
    assert (tmp_path / "out").read_text() == "done"


def test_what_died_is_started_again_and_its_orphans_are_ended(tmp_path):
    supervisor, file = family(tmp_path, restart=True)
    with supervisor:
        before = pids(file)
        os.kill(before[0], signal.SIGKILL)
        wait_until(lambda: supervisor.tend() is not None, 5)
        wait_until(lambda: pids(file) != before, 5)
        assert supervisor.alive() == ["family"]
        assert not any(map(is_alive, before))


def test_what_dies_at_once_is_started_less_and_less_often(tmp_path):
    with Supervisor([python("brief", "print('Hello')")], tmp_path, restart=True) as supervisor:
        began = time.monotonic()
        supervisor.start()
        wait_until(lambda: supervisor.tend() is not None, 5)
        assert time.monotonic() - began >= 1
        # The second pause is 2 s.
        time.sleep(1.2)
        assert supervisor.tend() is None


def test_without_restart_a_death_is_told_with_its_code_and_last_words(tmp_path):
    code = "import os, sys; print(os.environ['WORD'], flush=True); print('No such port', file=sys.stderr); sys.exit(3)"
    with Supervisor([python("web", code, WORD="Listening")], tmp_path, restart=False) as supervisor:
        supervisor.start()
        wait_until(lambda: supervisor.tend() is not None, 5)
        death = supervisor.first_death()
        assert (death.name, death.code, death.last_words) == ("web", 3, "Listening\nNo such port")
        assert supervisor.alive() == []


def test_a_child_that_dies_by_a_signal_has_the_code_a_shell_would_give(tmp_path):
    with Supervisor([python("a", "import os; os.kill(os.getpid(), 9)")], tmp_path, restart=False) as supervisor:
        supervisor.start()
        wait_until(lambda: supervisor.first_death() is not None, 5)
        assert supervisor.first_death().code == 137


def test_a_child_that_dies_before_it_is_ready_is_an_error_and_the_next_never_starts(tmp_path):
    specs = [python("broker", "raise SystemExit('No memory')"), python("web", "import time; time.sleep(60)")]
    with Supervisor(specs, tmp_path, restart=True) as supervisor:
        with pytest.raises(NurtureError, match="broker ended with code 1 at the start:\nNo memory"):
            supervisor.start({"broker": lambda: False})
        assert not (tmp_path / "web.log").exists()

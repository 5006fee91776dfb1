"""The real `nurture web` among thousands who never finish what they say."""

import http.client
import json
import os
import re
import resource
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.real_installation import free_port, wait_until

CROWD = 2000
HALVES = [b"", b"GET / HTTP/1.1\r\nHost: x\r\nX-Half: ", b"POST /signup HTTP/1.1\r\nContent-Length: 9000\r\n\r\nemail="]
GIGABYTE = 2**30


@dataclass
class Web:
    """A running `nurture web`."""

    port: int
    process: subprocess.Popen
    log: Path | None = None

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=10)

    def sign_up(self, email: str) -> float:
        """The seconds that the answer took."""
        url, began = f"http://127.0.0.1:{self.port}/signup", time.monotonic()
        request = urllib.request.Request(
            url, json.dumps({"email": email}).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            assert answer.status == 200
        return time.monotonic() - began

    def open_sockets(self) -> int:
        """How many connections it holds."""
        return sum(each.startswith("socket:") for each in self.open_files())

    def unfinished_files(self) -> list[str]:
        """The files it has open that have no name any more: where bodies that are too long for memory go."""
        return [each for each in self.open_files() if each.endswith("(deleted)")]

    def open_files(self) -> Iterator[str]:
        """What it has open, but for what it closes while we look."""
        for each in Path(f"/proc/{self.process.pid}/fd").iterdir():
            with suppress(FileNotFoundError):
                yield str(each.readlink())


@pytest.fixture(scope="module")
def web(home, tmp_path_factory):
    """Started with the few files that a login shell allows."""
    var, port = tmp_path_factory.mktemp("web"), free_port()
    environment = os.environ | {"NURTURE_HOME": str(home), "NURTURE_VAR": str(var)}
    command = [
        "sh",
        "-c",
        'ulimit -Sn 256; exec "$@"',
        "sh",
        sys.executable,
        "-m",
        "nurture",
        "web",
        "--port",
        str(port),
    ]
    with (var / "log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    yield from until_done(Web(port, process, var / "log"))


def until_done(web):
    """The server, answering; it is ended afterwards."""
    try:
        wait_until(lambda: answers(web), 20)
        yield web
    finally:
        web.process.terminate()
        web.process.wait(10)


def answers(web):
    try:
        web.connect().close()
    except OSError:
        return False
    return True


@pytest.fixture
def crowd(web):
    """Two thousand visitors who say nothing, half a header or half a body."""
    given, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if 0 <= most < CROWD + 100:
        pytest.skip(f"this machine allows {most} open files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(given, CROWD + 100), most))
    with ExitStack() as stack:
        visitors = [stack.enter_context(web.connect()) for _ in range(CROWD)]
        for number, visitor in enumerate(visitors):
            visitor.sendall(HALVES[number % len(HALVES)])
        yield visitors
    resource.setrlimit(resource.RLIMIT_NOFILE, (given, most))


@pytest.mark.alone
def test_two_thousand_who_never_finish_keep_nobody_waiting(web, crowd):
    web.sign_up("first@example.com")
    took = [web.sign_up(f"lead{n}@example.com") for n in range(5)]
    print(f"\nsignup among {CROWD} unfinished connections: {[f'{each * 1000:.0f} ms' for each in took]}")
    assert min(took) < 1
    # Nobody was turned away to make room.
    assert all(is_open(visitor) for visitor in crowd)


def is_open(visitor):
    visitor.setblocking(False)
    try:
        return visitor.recv(1) != b""
    except BlockingIOError:
        return True


BROKEN = [
    b"GET /\xff HTTP/1.1",
    b"\xff\xff",
    b"GET / HTTP/9",
    b"G\x00T / HTTP/1.1",
    b"\xff / HTTP/1.1",
    b"GET http://[ HTTP/1.1",
    b"GET http://]/ HTTP/1.1",
    b"POST / HTTP/1.1\r\nContent-Length: " + b"9" * 5000,
]


@pytest.mark.parametrize("asked", BROKEN, ids=lambda asked: repr(asked[:40]))
def test_a_request_that_cannot_be_read_is_answered_and_closed(web, asked):
    for _ in range(100):
        with web.connect() as visitor:
            visitor.sendall(asked + b"\r\nHost: localhost\r\n\r\n")
            assert re.match(rb"HTTP/1\.[01] (400|404|405) ", heard(visitor))
    wait_until(lambda: web.open_sockets() < 50, 10)
    assert not re.search("traceback|exception", web.log.read_text(), re.IGNORECASE)


@pytest.mark.parametrize(
    "announced", [f"Content-Length: {GIGABYTE}", "Content-Length: 65537", "Transfer-Encoding: chunked"]
)
def test_a_body_that_is_too_long_is_refused_while_it_arrives(web, announced):
    with web.connect() as visitor:
        visitor.sendall(
            f"POST /signup HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n{announced}\r\n\r\n".encode()
        )
        sent = 0
        while not has_answer(visitor):
            assert sent < 80_000
            visitor.sendall(b"1000\r\n" + b"x" * 0x1000 + b"\r\n")
            sent += 0x1000
        head, _, body = heard(visitor).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 413 ")
    assert b"Connection: close" in head
    assert json.loads(body)["error"] == "too_large"


@pytest.mark.parametrize("chunked", [False, True])
def test_whoever_has_more_to_say_hears_the_refusal_all_the_same(web, chunked):
    for _ in range(20):
        with closing(http.client.HTTPConnection("127.0.0.1", web.port, timeout=10)) as visitor:
            parts = [b"x" * 2**16] * 64
            visitor.request("POST", "/signup", parts if chunked else b"".join(parts), encode_chunked=chunked)
            answer = visitor.getresponse()
            assert (answer.status, answer.read() != b"") == (413, True)


def has_answer(visitor):
    visitor.settimeout(0.05)
    try:
        return visitor.recv(1, socket.MSG_PEEK) != b""
    except TimeoutError:
        return False


def heard(visitor):
    """All that was answered; hanging up on somebody who is still talking is a reset."""
    visitor.settimeout(10)
    parts = []
    with suppress(ConnectionResetError):
        while part := visitor.recv(10_000):
            parts.append(part)
    return b"".join(parts)


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="needs Linux to see another process's files")
def test_bodies_that_are_never_finished_stay_off_the_disk(web):
    with ExitStack() as stack:
        for _ in range(20):
            visitor = stack.enter_context(web.connect())
            visitor.sendall(b"POST /signup HTTP/1.1\r\nContent-Length: 65536\r\n\r\n" + b"x" * 65_000)
        web.sign_up("quick@example.com")
        assert web.unfinished_files() == []


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + b"x" * 20_000, 431),
        (b"GET / HTTP/1.1\r\nno colon\r\n\r\n", 400),
        (b"\xff\xfe\r\n\r\n", 400),
        (b"POST /signup HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
        (b"POST /signup HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
    ],
)
def test_what_is_no_request_gets_a_page_like_everything_that_goes_wrong(web, said, status):
    with web.connect() as visitor:
        visitor.sendall(said)
        answer = heard(visitor)
    assert answer.startswith((b"HTTP/1.0 %d " % status, b"HTTP/1.1 %d " % status))
    assert b"Content-Security-Policy: default-src 'self'" in answer
    assert b"<h1>" in answer


HASTY = """
import sys
from flask import Flask
from nurture.local.port import listen
from nurture.web import server
server._SETTINGS |= {"channel_timeout": 2, "cleanup_interval": 1}
app = Flask("hasty")
app.add_url_rule("/", view_func=lambda: "here")
server.serve(app, listen("127.0.0.1", int(sys.argv[1])))
"""


@pytest.fixture
def hasty():
    """The same server with two seconds' patience instead of thirty."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-c", HASTY, str(port)], cwd=ROOT)
    yield from until_done(Web(port, process))


def test_a_refused_visitor_is_not_listened_to_for_ever(hasty):
    with hasty.connect() as visitor:
        visitor.sendall(b"POST / HTTP/1.1\r\nContent-Length: 1073741824\r\n\r\n")
        began = time.monotonic()
        with suppress(ConnectionError):
            while time.monotonic() - began < 20:
                # What comes with the refused request itself is the beginning of another one.
                time.sleep(0.1)
                visitor.sendall(b"x")
    assert 1.5 < time.monotonic() - began < 15


@pytest.mark.parametrize("half", HALVES[1:])
def test_a_byte_now_and_then_does_not_keep_a_request_open(hasty, half):
    regular = http.client.HTTPConnection("127.0.0.1", hasty.port, timeout=10)
    with hasty.connect() as slow, closing(regular):
        slow.sendall(half)
        began = time.monotonic()
        while is_open(slow):
            assert time.monotonic() - began < 10
            time.sleep(0.25)
            with suppress(OSError):
                slow.sendall(b"x")
            regular.request("GET", "/")
            assert regular.getresponse().read() == b"here"
    assert time.monotonic() - began >= 1.5

"""Drives one headless Chromium over a pipe by the Chrome DevTools Protocol, to measure pages and take pictures."""

import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pytest

_FLAGS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--hide-scrollbars", "--remote-debugging-pipe"),
]
_PATIENCE = 60.0
_PAINTED = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done())))"
_LOADED = "new Promise(done => document.readyState === 'complete' ? done() : addEventListener('load', () => done()))"


def chromium() -> str:
    """The program; its absence skips a test on a laptop and fails it in CI."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        if os.environ.get("CI"):
            raise FileNotFoundError("Chromium is not installed")
        pytest.skip("no Chromium on this machine")
    return program


class Browser:
    """One browser with one page; a context manager that leaves no process behind."""

    def __init__(self) -> None:
        self._profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        (theirs_in, self._to), (self._from, theirs_out) = os.pipe(), os.pipe()
        # The protocol is spoken on descriptors 3 and 4, each message ended by a zero.
        words = [chromium(), *_FLAGS, f"--user-data-dir={self._profile.name}", "about:blank"]
        self._process = subprocess.Popen(
            # By way of high numbers, because ours may themselves be 3 and 4.
            ["bash", "-c", f'exec "$@" 13<&{theirs_in} 14>&{theirs_out} 3<&13 4>&14', "bash", *words],
            pass_fds=(theirs_in, theirs_out),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        self._heard, self._number, self._session = b"", 0, ""
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]

    def __enter__(self) -> "Browser":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._to)
        os.close(self._from)
        self._profile.cleanup()

    def open(self, url: str, *, width: int, height: int = 812, dark: bool = False) -> None:
        """The page is loaded, `width` by `height` CSS pixels, in the light or the dark scheme."""
        self._resize(width, height)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self._call("Emulation.setEmulatedMedia", features=[scheme])
        self._call("Page.navigate", url=url)
        self.evaluate(_LOADED)

    def evaluate(self, script: str) -> Any:
        """What the script comes to, as JSON."""
        answer = self._call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise ValueError(answer["exceptionDetails"])
        return answer["result"].get("value")

    def picture(self, target: Path, *, whole: bool = False) -> None:
        """A PNG of what is to be seen, or of the whole page however long."""
        if whole:
            # A frame that lies beyond what is seen stays blank, so all of the page is.
            width, height = self.evaluate("[innerWidth, document.documentElement.scrollHeight]")
            self._resize(width, height)
            self.evaluate(_PAINTED)
        answer = self._call("Page.captureScreenshot", optimizeForSpeed=whole)
        target.write_bytes(base64.b64decode(answer["data"]))

    def _resize(self, width: int, height: int) -> None:
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self._call("Emulation.setDeviceMetricsOverride", **size)

    def _call(self, method: str, **params: Any) -> dict[str, Any]:
        self._number += 1
        message = {"id": self._number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._read()
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise ValueError(f"{method}: {answer['error']['message']}")
                result: dict[str, Any] = answer["result"]
                return result

    def _read(self) -> dict[str, Any]:
        while b"\0" not in self._heard:
            if not select.select([self._from], [], [], _PATIENCE)[0]:
                raise TimeoutError(f"Chromium said nothing for {_PATIENCE:.0f} s")
            more = os.read(self._from, 1 << 20)
            if not more:
                raise ConnectionError("Chromium ended")
            self._heard += more
        message, _, self._heard = self._heard.partition(b"\0")
        answer: dict[str, Any] = json.loads(message)
        return answer

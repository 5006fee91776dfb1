"""Takes pictures of pages in a headless Chromium; widths below its own least are framed."""

import html
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

# Chromium draws no window narrower than this.
NARROWEST = 500
_FLAGS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--hide-scrollbars", "--virtual-time-budget=2000"),
]


def chromium() -> str:
    """The program; its absence skips a test on a laptop and fails it in CI."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        if os.environ.get("CI"):
            raise FileNotFoundError("Chromium is not installed")
        pytest.skip("no Chromium on this machine")
    return program


def picture(url: str, target: Path, *, width: int, height: int, dark: bool = False) -> None:
    """A picture of the page, `width` by `height` CSS pixels, in the light or the dark scheme."""
    with tempfile.TemporaryDirectory() as folder:
        flags = [*_FLAGS, f"--user-data-dir={folder}/profile"]
        if dark:
            flags.append("--blink-settings=preferredColorScheme=0")
        if width < NARROWEST:
            frame = Path(folder) / "frame.html"
            style = f"border:8px solid #222;border-radius:28px;width:{width}px;height:{height - 60}px;background:#fff"
            page = "margin:0;padding:22px 0;text-align:center;background:#d8dedd"
            body = f'<body style="{page}"><iframe src="{html.escape(url)}" style="{style}"></iframe>'
            frame.write_text(f"<!DOCTYPE html>{body}")
            url = frame.as_uri()
        size = f"--window-size={max(width, NARROWEST)},{height}"
        command = [chromium(), *flags, size, f"--screenshot={target}", url]
        subprocess.run(command, check=True, capture_output=True, timeout=90)

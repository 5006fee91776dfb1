"""The shipped home, read as it is: what the reference is made of. Its ledger is never opened."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from nurture.config.settings import load_settings
from nurture.runtime import Runtime, build_runtime
from tests.conftest import MONDAY, ROOT


@contextmanager
def shipped() -> Iterator[Runtime]:
    with tempfile.TemporaryDirectory() as var:
        environment = {"NURTURE_HOME": str(ROOT), "NURTURE_VAR": var, "NURTURE_SECRET_KEY": "reference"}
        yield replace(build_runtime(load_settings(environment)), clock=lambda: MONDAY)


def copy_of(text: str, folder: str, file: Path) -> Path:
    """A file of that name with that text, in the folder."""
    copy = Path(folder) / file.name
    copy.write_text(text)
    return copy

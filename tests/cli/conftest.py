import logging
import shutil

import pytest
from click.testing import CliRunner

from nurture.cli import nurture


@pytest.fixture
def run(home, tmp_path, monkeypatch, put_verdicts, sqlite_tables):
    """Runs a command in an installation of its own; nobody runs a broker there, so mail waits in the ledger."""
    monkeypatch.setenv("NURTURE_HOME", str(home))
    monkeypatch.setenv("NURTURE_VAR", str(tmp_path / "var"))
    put_verdicts(tmp_path / "var")
    shutil.copy2(sqlite_tables, tmp_path / "var")
    monkeypatch.setenv("COLUMNS", "80")
    logging.getLogger("nurture").setLevel(logging.CRITICAL)

    def command(*words, code=0, env=None, typed=None):
        result = CliRunner(env=env).invoke(nurture, words, input=typed)
        assert result.exit_code == code, (result.output, result.exception)
        return result

    yield command
    logging.getLogger("nurture").setLevel(logging.NOTSET)

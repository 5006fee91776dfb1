"""The benchmark of bulk measures what it says: each mail settled, each once."""

import pytest

from benchmarks.bulk import Bulk, measure_bulk
from benchmarks.installation import Plan
from benchmarks.parts.relay import smtp_tool
from benchmarks.parts.running import NotMeasuredError


def test_each_of_two_hundred_mails_is_sent_once() -> None:
    try:
        smtp_tool("smtp-sink")
    except NotMeasuredError as error:
        pytest.skip(str(error))
    assert measure_bulk(Bulk(200, Plan("sqlite")))["states"] == {"sent": 200}

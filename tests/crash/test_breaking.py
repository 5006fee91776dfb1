"""A mutant finds what it breaks however that is laid out, and only in its own function."""

import pytest

from tests.crash.breaking import break_source

SOURCE = """
def other(a, b):
    return a + b

class Ledger:
    def total(self, a, b):
        if (a  # the first
                + b):
            note(a)
        return 0
"""


def test_layout_and_comments_make_no_difference_and_other_functions_stay_whole():
    broken = break_source(SOURCE, "Ledger.total", "a+b", "True")
    assert "if True:" in broken
    assert "return a + b" in broken


def test_a_statement_is_dropped_or_replaced():
    assert "note" not in break_source(SOURCE, "Ledger.total", "note( a )", "pass")
    assert "return a + b" not in break_source(SOURCE, "other", "return a + b", "raise")


@pytest.mark.parametrize(("function", "whole"), [("other", "a - b"), ("Ledger.other", "a + b"), ("", "a + b")])
def test_what_is_not_there_once_is_said(function, whole):
    with pytest.raises(LookupError):
        break_source(SOURCE, function, whole, "0")

"""Every mail, every answer in JSON and every page is what was recorded: a change of names or seams changes no word."""

import pytest

from tests.golden.record import ALL, FILES


@pytest.mark.parametrize("kind", ALL)
def test_what_the_product_says_is_what_was_recorded(kind):
    made = dict(ALL[kind]())
    recorded = {file.relative_to(FILES).as_posix(): file.read_bytes().decode() for file in FILES.glob(f"{kind}/*")}
    assert made.keys() == recorded.keys()
    differing = [name for name in made if made[name] != recorded[name]]
    assert differing == []

import pytest

from nurture.web.app import create_web


@pytest.fixture
def web(house):
    """A browser on the pages of a house."""
    return create_web(house.runtime).test_client()

import pytest

from nurture.web.app import create_web


@pytest.fixture
def web(installation):
    """A browser on the pages of an installation."""
    return create_web(installation.runtime).test_client()

"""X-Forwarded-For is a visitor's own word, except where a proxy that we trust has written it."""

from dataclasses import replace
from ipaddress import ip_network

import pytest
from flask import request

from nurture.config.settings import load_settings
from nurture.domain.errors import ConfigError
from nurture.web.app import create_web

CHAIN = ("10.0.0.0/8", "2001:db8:1::/48")


def visitor(installation, trusted, peer, told):
    """The address that the pages see."""
    web = replace(installation.runtime.settings.web, trusted_proxies=tuple(map(ip_network, trusted)))
    app = create_web(replace(installation.runtime, settings=replace(installation.runtime.settings, web=web)))
    app.add_url_rule("/where", view_func=lambda: str(request.remote_addr))
    headers = {"X-Forwarded-For": told} if told else {}
    return app.test_client().get("/where", headers=headers, environ_base={"REMOTE_ADDR": peer}).text


@pytest.mark.parametrize("told", ["", "1.2.3.4", "1.2.3.4, 10.0.0.1"])
@pytest.mark.parametrize("trusted", [(), CHAIN])
def test_a_visitor_who_is_no_proxy_of_ours_is_where_it_is(installation, trusted, told):
    assert visitor(installation, trusted, "203.0.113.9", told) == "203.0.113.9"


@pytest.mark.parametrize(
    ("peer", "told", "where"),
    [
        ("10.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "1.2.3.4, 198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "1.2.3.4, 198.51.100.7, 10.0.0.2", "198.51.100.7"),
        ("10.0.0.1", '1.2.3.4, "x, 198.51.100.7, 10.0.0.2', "198.51.100.7"),
        ("2001:db8:1::5", "2001:db8:2::9", "2001:db8:2::9"),
        ("::ffff:10.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", " , ", "10.0.0.1"),
        ("10.0.0.1", "unknown", "unknown"),
    ],
)
def test_what_a_proxy_of_ours_added_last_is_believed(installation, peer, told, where):
    assert visitor(installation, CHAIN, peer, told) == where


@pytest.mark.parametrize("network", ["10.0.0.1/8", "proxy.example", "", "10.0.0.0/33"])
def test_what_is_no_network_is_refused_by_file_and_key(home, tmp_path, network):
    (tmp_path / "config").mkdir()
    shipped = (home / "config" / "nurture.toml").read_text()
    written = shipped.replace("trusted_proxies = []", f'trusted_proxies = ["{network}"]')
    (tmp_path / "config" / "nurture.toml").write_text(written)
    with pytest.raises(ConfigError, match=r"nurture\.toml: web\.trusted_proxies holds .* is not an address"):
        load_settings({"NURTURE_HOME": str(tmp_path)})

"""The table [web] of config/nurture.toml: what the public page offers, and whom it believes."""

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network

from nurture.tables import Tables


@dataclass(frozen=True, slots=True)
class Web:
    """The report of the front page, and the networks whose word is taken on where a visitor is (none, by default)."""

    report: str
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...]


def read_web(table: Tables) -> Web:
    """The table's values; raises ConfigError naming file and key."""
    return Web(table.text("report"), tuple(_network(table, each) for each in table.texts("trusted_proxies")))


def _network(table: Tables, text: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(text.strip())
    except ValueError as error:
        wanted = "an address or a network such as 127.0.0.1 or 10.0.0.0/8"
        raise table.error("trusted_proxies", f"holds {text!r}, which is not {wanted}") from error

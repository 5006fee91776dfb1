"""The table [web] of config/nurture.toml: what the public page offers, and whom it believes."""

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network

from nurture.config.toml_table import TomlTable
from nurture.domain.limits import Limits


@dataclass(frozen=True, slots=True)
class Web:
    """The report of the front page, whose word is taken on where a visitor is, and how much asking is too much."""

    report: str
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...]
    limits: Limits


def read_web(table: TomlTable) -> Web:
    """The table's values; raises ConfigError naming file and key."""
    proxies = tuple(_network(table, each) for each in table.texts("trusted_proxies"))
    return Web(table.text("report"), proxies, _limits(table.table("limits")))


def _limits(table: TomlTable) -> Limits:
    numbers = ("report_a_day", "mails_a_day", "network_an_hour", "domain_an_hour", "all_an_hour")
    limits = Limits(
        **{name: table.whole(name, least=1, most=1_000_000_000) for name in numbers},
        great_providers=frozenset(domain.casefold() for domain in table.texts("great_providers")),
    )
    table.refuse_unknown()
    return limits


def _network(table: TomlTable, text: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(text.strip())
    except ValueError as error:
        wanted = "an address or a network such as 127.0.0.1 or 10.0.0.0/8"
        raise table.error("trusted_proxies", f"holds {text!r}, which is not {wanted}") from error

"""Where on the internet somebody asks from: addresses as proxies write them, and what counts as one asker."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

_PREFIXES = {4: 24, 6: 64}


def parse_ip(text: str) -> IPv4Address | IPv6Address | None:
    """The address, also with brackets, a port or a zone, as proxies write it; None when it is none."""
    host = text.strip()
    if host.startswith("["):
        host = host[1:].partition("]")[0]
    elif host.count(":") == 1:
        host = host.partition(":")[0]
    try:
        found = ip_address(host.partition("%")[0])
    except ValueError:
        return None
    # RFC 4291 2.5.5.2: a socket that listens to both kinds shows an IPv4 visitor like this.
    return (isinstance(found, IPv6Address) and found.ipv4_mapped) or found


def network_of(address: str) -> str:
    """The /24 or /64 that the address belongs to; one and the same for all that are no address."""
    found = parse_ip(address)
    return "none" if found is None else str(ip_network((found, _PREFIXES[found.version]), strict=False))

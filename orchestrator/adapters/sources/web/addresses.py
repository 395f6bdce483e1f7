"""Which addresses are the public Internet's."""

from collections.abc import Iterable, Iterator
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

Address = IPv4Address | IPv6Address

PORTS = frozenset({80, 443})

# What Python's tables call global, or did in some release, and what is not the public Internet all the same.
_CLOSED: tuple[IPv4Network | IPv6Network, ...] = tuple(
    map(
        ip_network,
        (
            "100.64.0.0/10",  # carriers' NAT, and a cloud's metadata at 100.100.100.200
            "168.63.129.16/32",  # Azure's host, metadata and all
            "192.0.0.0/24",  # protocol assignments
            "192.88.99.0/24",  # 6to4 relays
            "198.18.0.0/15",  # benchmarks
            "240.0.0.0/4",  # reserved
            "64:ff9b:1::/48",  # local NAT64
            "100::/64",  # discarded
            "2001::/23",  # protocol assignments, Teredo
            "2001:db8::/32",  # documentation
            "3fff::/20",
            "5f00::/16",  # segment routing
            "fec0::/10",  # site-local, of old
        ),
    )
)
_NAT64 = IPv6Network("64:ff9b::/96")
_COMPATIBLE = IPv6Network("::/96")


def is_public(address: Address) -> bool:
    """Whether an address is one of the public Internet's, and so is each IPv4 address wrapped in it."""
    translated = address.version == 6 and address in _NAT64
    return (translated or _is_public(address)) and all(map(_is_public, _wrapped(address)))


class Allowed:
    """Hosts and networks that may be reached, on any port, though they are private.

    An entry is a host's name, `.suffix` for all hosts below it, an address or a network (CIDR). Raises
    ValueError for what is none.
    """

    def __init__(self, entries: Iterable[str] = ()) -> None:
        self._networks: list[IPv4Network | IPv6Network] = []
        self._hosts: set[str] = set()
        self._suffixes: tuple[str, ...] = ()
        for entry in entries:
            name = entry.strip().lower().strip("[]")
            try:
                self._networks.append(ip_network(name))
            except ValueError:
                if not name or any(letter in name for letter in "/:@* "):
                    raise ValueError(f"{entry!r} is no host, address or network") from None
                if name.startswith("."):
                    self._suffixes += (name,)
                else:
                    self._hosts.add(name)

    def holds_host(self, host: str) -> bool:
        """Whether a host is allowed by its name, whatever its addresses."""
        name = host.lower().rstrip(".")
        return name in self._hosts or name.endswith(self._suffixes or ("\0",))

    def holds_address(self, address: Address) -> bool:
        """Whether an address lies in an allowed network."""
        return any(address in network for network in self._networks if network.version == address.version)


def parse_address(text: str) -> Address:
    """The address of a socket's name: without an IPv6 scope."""
    return ip_address(text.partition("%")[0])


def _is_public(address: Address) -> bool:
    return (
        address.is_global
        and not address.is_multicast
        and not address.is_reserved
        and not address.is_loopback
        and not address.is_link_local
        and not address.is_unspecified
        and not any(address in network for network in _CLOSED if network.version == address.version)
    )


def _wrapped(address: Address) -> Iterator[IPv4Address]:
    """IPv4 addresses that an IPv6 address leads to through a translator or tunnel."""
    if not isinstance(address, IPv6Address):
        return
    if address.ipv4_mapped is not None:
        yield address.ipv4_mapped
    if address.sixtofour is not None:
        yield address.sixtofour
    if address.teredo is not None:
        yield from address.teredo
    if address in _NAT64 or address in _COMPATIBLE:
        yield IPv4Address(int(address) & 0xFFFFFFFF)

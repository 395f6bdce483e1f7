"""What is the public Internet, and what is not."""

from ipaddress import ip_address

import pytest

from orchestrator.adapters.sources.web.addresses import Allowed, is_public, parse_address


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "64:ff9b::808:808"])
def test_the_public_internet(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        *("0.0.0.0", "10.1.2.3", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.255.255.254"),
        *("169.254.169.254", "168.63.129.16", "172.16.0.1", "192.0.0.8", "192.0.2.1", "192.88.99.1"),
        *("192.168.0.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "240.0.0.1"),
        *("255.255.255.255", "::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:10.0.0.1"),
        *("::ffff:169.254.169.254", "64:ff9b::7f00:1", "64:ff9b:1::1", "100::1", "2001::1"),
        *("2001:0:7f00:1::", "2002:7f00:1::", "2002:a9fe:a9fe::1", "2001:db8::1", "fc00::1", "fd00:ec2::254"),
        *("fe80::1", "fec0::1", "ff02::1", "3fff::1", "5f00::1"),
    ],
)
def test_everything_else(address: str) -> None:
    assert not is_public(ip_address(address))


def test_a_scope_is_no_part_of_an_address() -> None:
    assert not is_public(parse_address("fe80::1%eth0"))


def test_hosts_and_networks_are_allowed_by_name() -> None:
    allowed = Allowed(["Intranet", ".corp.example", "10.0.0.0/8", "::1", "[fd00::2]"])
    for host in ("intranet", "INTRANET.", "a.corp.example", "a.b.Corp.example"):
        assert allowed.holds_host(host)
    for host in ("corp.example", "evilcorp.example", "intranet.example", "", "10.0.0.1"):
        assert not allowed.holds_host(host)
    for address in ("10.1.2.3", "::1", "fd00::2"):
        assert allowed.holds_address(ip_address(address))
    for address in ("11.0.0.1", "::2", "::ffff:10.0.0.1"):
        assert not allowed.holds_address(ip_address(address))
    assert not Allowed().holds_host("")


@pytest.mark.parametrize("entry", ["", "http://x", "10.0.0.0/33", "a b", "*.x", "user@x", "x:80"])
def test_what_is_no_host_or_network_is_refused(entry: str) -> None:
    with pytest.raises(ValueError, match="is no host"):
        Allowed([entry])

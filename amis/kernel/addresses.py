"""Which addresses on the network a message may go to: those of the public Internet and no other.

The special blocks are those of the IANA registries for IPv4 and IPv6 (RFC 6890). Whatever carries an IPv4 address
inside an IPv6 one (mapped, NAT64, 6to4, Teredo) is refused as such: what lies behind it is decided elsewhere.
"""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

Address = IPv4Address | IPv6Address

_NOT_PUBLIC_4 = tuple(
    IPv4Network(block)
    for block in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",
    )
)
_PUBLIC_6 = IPv6Network("2000::/3")
"""The only block of which IANA gives out addresses of the public Internet (RFC 4291 section 2.4)."""
_NOT_PUBLIC_6 = tuple(IPv6Network(block) for block in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"))


def is_public(address: Address) -> bool:
    """Whether this is an address of one machine on the public Internet.

    >>> is_public(IPv4Address("1.1.1.1")), is_public(IPv4Address("169.254.169.254"))
    (True, False)
    """
    if isinstance(address, IPv4Address):
        return not any(address in block for block in _NOT_PUBLIC_4)
    return address in _PUBLIC_6 and not any(address in block for block in _NOT_PUBLIC_6)

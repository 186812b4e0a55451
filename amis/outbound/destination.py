"""Where a webhook goes: an https address with a host name of the public Internet, and whether it is on the list."""

import re
from collections.abc import Iterable
from ipaddress import ip_address
from urllib.parse import urlsplit

from amis.kernel.way_out import LOOPBACK, Destination
from amis.outbound.errors import WebhookAddressRefused
from amis.web.i18n import mark

LONGEST_URL = 500
_HTTPS = 443
_LOWEST_FREE_PORT = 1024
"""Ports below belong to other services than the web's, and whoever may name an address could make us knock there."""
_LABEL = r"(?!-)[a-z0-9-]{1,63}(?<!-)"
# The last label has a letter, so that no writing of a number is taken for a name.
_NAME = re.compile(rf"(?:{_LABEL}\.)+(?=[a-z0-9-]*[a-z]){_LABEL}")
_PRINTABLE = re.compile(r"[!-~]+")
READING = mark("Enter an address such as https://hooks.example.lv/amis")
ONLY_HTTPS = mark("The address must begin with https://")
ONLY_NAMES = mark("The address must name a host of the public Internet")
PORT = mark("The port must be 443 or above 1023")


def read_destination(url: str, *, development: bool) -> Destination:
    """Takes an address apart; `development` also lets it lead to this machine, over plain http too.

    Raises:
        WebhookAddressRefused: with what is wrong.
    """
    if len(url) > LONGEST_URL or not _PRINTABLE.fullmatch(url) or "\\" in url:
        raise WebhookAddressRefused(READING, pointer="/url")
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        raise WebhookAddressRefused(READING, pointer="/url") from None
    if not host or "@" in parts.netloc or parts.fragment:
        raise WebhookAddressRefused(READING, pointer="/url")
    loopback = development and host in LOOPBACK
    _refuse(parts.scheme, host, port, loopback)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Destination(parts.scheme, host, port or (_HTTPS if parts.scheme == "https" else 80), target, loopback)


def is_listed(host: str, hosts: Iterable[str]) -> bool:
    """Whether a host is on a list of names, of which `*.example.lv` stands for all below that one.

    >>> is_listed("a.example.lv", ["*.example.lv"]), is_listed("example.lv", ["*.example.lv"])
    (True, False)
    """
    return any(host == name or (name.startswith("*.") and host.endswith(name[1:])) for name in hosts)


def _refuse(scheme: str, host: str, port: int | None, loopback: bool) -> None:
    if scheme not in (("http", "https") if loopback else ("https",)):
        raise WebhookAddressRefused(ONLY_HTTPS, pointer="/url")
    if loopback:
        return
    if _is_number(host) or len(host) > 253 or not _NAME.fullmatch(host):
        raise WebhookAddressRefused(ONLY_NAMES, pointer="/url")
    if port is not None and port != _HTTPS and port < _LOWEST_FREE_PORT:
        raise WebhookAddressRefused(PORT, pointer="/url")


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True

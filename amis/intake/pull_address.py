"""Addresses at which a source may be asked."""

import re
from urllib.parse import quote, urlsplit

from amis.intake.errors import PullAddressRefused
from amis.kernel.way_out import LOOPBACK, Destination

_LONGEST = 500
_HTTPS, _HTTP = 443, 80
_LOWEST_FREE_PORT = 1024
"""Ports below belong to other services than the web's."""
_PRINTABLE = re.compile(r"[!-~]+")
# the last label has a letter, so that no writing of a number is taken for a name
_NAME = re.compile(r"(?:[a-z0-9-]{1,63}\.)+(?=[a-z0-9-]*[a-z])[a-z0-9-]{1,63}")


def read_address(url: str, *, development: bool) -> Destination:
    """Takes the address of a source apart; `development` also lets it be this machine, over plain http too.

    Raises:
        PullAddressRefused
    """
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        raise PullAddressRefused(pointer="/url") from None
    unclear = "@" in parts.netloc or parts.fragment or "\\" in url or not _PRINTABLE.fullmatch(url)
    loopback = development and host in LOOPBACK
    if len(url) > _LONGEST or unclear or not (loopback or _is_public(parts.scheme, host, port)):
        raise PullAddressRefused(pointer="/url")
    if parts.scheme not in ("https", "http"):
        raise PullAddressRefused(pointer="/url")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Destination(parts.scheme, host, port or (_HTTPS if parts.scheme == "https" else _HTTP), target, loopback)


def since(target: str, cursor: str) -> str:
    """The path and query that ask for what came after the cursor."""
    return f"{target}{'&' if '?' in target else '?'}since={quote(cursor, safe='')}"


def _is_public(scheme: str, host: str, port: int | None) -> bool:
    usual = port is None or port == _HTTPS or port >= _LOWEST_FREE_PORT
    return scheme == "https" and usual and bool(_NAME.fullmatch(host))

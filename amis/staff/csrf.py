"""Requests that another site made a browser send (OWASP ASVS 5.0 section 3.5): told by Sec-Fetch-Site, else Origin."""

from collections.abc import Mapping
from urllib.parse import urlsplit

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def is_own(headers: Mapping[str, str], public_url: str, *, has_session: bool) -> bool:
    """Whether our own page, or no page at all, made this unsafe request.

    A request that says nothing of where it comes from passes only when it carries no session to misuse.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = headers.get("origin")
    if origin is None:
        return not has_session
    return origin in (_origin(public_url), f"{urlsplit(public_url).scheme}://{headers.get('host', '')}")


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"

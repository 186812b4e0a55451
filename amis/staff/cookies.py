"""The session cookie: `__Host-` and Secure over TLS; a plain name only where a developer listens on loopback http."""

from collections.abc import Mapping

from starlette.responses import Response

from amis.kernel.settings import Settings


def cookie_name(settings: Settings) -> str:
    """The cookie's name; the prefix `__Host-` (RFC 6265bis) ties it to this host and to TLS."""
    return "__Host-amis" if settings.secure else "amis"


def session_secret(cookies: Mapping[str, str], settings: Settings) -> str | None:
    """The session secret that the browser sent, if any."""
    return cookies.get(cookie_name(settings))


def give(response: Response, secret: str, settings: Settings) -> None:
    """Puts the session into the browser; it forgets it on closing."""
    response.set_cookie(cookie_name(settings), secret, path="/", httponly=True, samesite="lax", secure=settings.secure)


def take_back(response: Response, settings: Settings) -> None:
    """Ends the session in the browser and clears what it keeps of our pages."""
    response.delete_cookie(cookie_name(settings), path="/", httponly=True, samesite="lax", secure=settings.secure)
    response.headers["clear-site-data"] = '"cache", "storage"'

"""The holder's page as files: one page with its scripts, which a browser keeps for use without a connection."""

from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from amis.kernel.permission import PUBLIC, permission

FOLDER = Path(__file__).with_name("app")
TYPES: Mapping[str, str] = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
}
_INDEX = "index.html"
_ASK_AGAIN = "no-cache"


@cache
def contents() -> Mapping[str, tuple[bytes, str]]:
    """Each file by name with its entity tag (RFC 9110 section 8.8.3)."""
    found = (path for path in sorted(FOLDER.iterdir()) if path.suffix in TYPES)
    return {path.name: (content := path.read_bytes(), f'"{sha256(content).hexdigest()[:32]}"') for path in found}


@permission(PUBLIC)
async def enter(request: Request) -> Response:
    """The address as people type it."""
    return RedirectResponse("/my/", 308)


@permission(PUBLIC)
async def serve(request: Request) -> Response:
    """One file; the page itself under the folder's own address. A browser asks each time whether it has changed."""
    name = request.path_params.get("name", _INDEX)
    if name not in contents():
        raise HTTPException(404)
    content, tag = contents()[name]
    headers = {"cache-control": _ASK_AGAIN, "etag": tag}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=TYPES[Path(name).suffix], headers=headers)


def routes() -> list[BaseRoute]:
    """The routes of the holder's page."""
    return [
        Route("/my", enter, methods=["GET"]),
        Route("/my/", serve, methods=["GET"]),
        Route("/my/{name}", serve, methods=["GET"]),
    ]

"""The vendored files of the pages, under an address that changes with their content."""

from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from amis.kernel.permission import PUBLIC, permission

FOLDER = Path(__file__).with_name("assets")
TYPES: Mapping[str, str] = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
}
_FOREVER = "public, max-age=31536000, immutable"


@cache
def contents() -> Mapping[str, bytes]:
    """The served files by name: those directly in the folder whose type is known."""
    return {path.name: path.read_bytes() for path in sorted(FOLDER.iterdir()) if path.suffix in TYPES}


@cache
def version() -> str:
    """Eight hex digits over all names and contents.

    One version for all, not one a file: a relative address in a style sheet or module then stays right.
    """
    digest = sha256()
    for name, content in contents().items():
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:8]


def url(name: str) -> str:
    """The address of the asset `name`. Raises KeyError for a name that is not there."""
    if name not in contents():
        raise KeyError(name)
    return f"/assets/{version()}/{name}"


@permission(PUBLIC)
async def serve(request: Request) -> Response:
    """One asset. An address of another version is 404, never other content under an address kept for ever."""
    name = request.path_params["name"]
    if request.path_params["version"] != version() or name not in contents():
        raise HTTPException(404)
    headers = {"cache-control": _FOREVER, "x-content-type-options": "nosniff"}
    return Response(contents()[name], media_type=TYPES[Path(name).suffix], headers=headers)


def routes() -> list[BaseRoute]:
    """The routes that serve the assets."""
    return [Route("/assets/{version}/{name}", serve, methods=["GET"], name="asset")]

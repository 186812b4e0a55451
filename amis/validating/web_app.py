"""The validator for phones and tablets: the files of terminals/web under /validator/, with a policy of their own.

They hold no data. The page may use the camera and compile WebAssembly; all other pages stay as strict as they are.
"""

import json
from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

import terminals
from amis.kernel.permission import PUBLIC, permission

FOLDER = Path(terminals.__file__).with_name("web")
ADDRESS = "/validator/"
START, WORKER, LISTING = "index.html", "sw.js", "files.js"
TYPES: Mapping[str, str] = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
}
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'wasm-unsafe-eval'",
        "worker-src 'self'",
        "img-src 'self' data:",
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "form-action 'none'",
    )
)
HEADERS: Mapping[str, str] = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "permissions-policy": "camera=(self), geolocation=(), microphone=(), payment=(), usb=()",
    # The service worker keeps the files, each checked against the listing; a browser's own cache would mix versions.
    "cache-control": "no-cache",
}


@cache
def contents() -> Mapping[str, bytes]:
    """The served files by their path in the folder, and the listing that the service worker reads."""
    found = {
        path.relative_to(FOLDER).as_posix(): path.read_bytes()
        for path in sorted(FOLDER.rglob("*"))
        if path.suffix in TYPES
    }
    return found | {LISTING: _listing(found)}


def _listing(found: Mapping[str, bytes]) -> bytes:
    """A script that sets `self.FILES`: the digest of each file (as W3C Subresource Integrity wants it) by its path."""
    digests = {
        name: "sha256-" + b64encode(sha256(content).digest()).decode()
        for name, content in found.items()
        if name != WORKER
    }
    return f"self.FILES = {json.dumps(digests, indent=1)}\n".encode()


@permission(PUBLIC)
async def serve(request: Request) -> Response:
    """One file of the app; its start page without a name."""
    path = "/".join(request.path_params.values()) or START
    content = contents().get(path)
    if content is None:
        raise HTTPException(404)
    etag = _etag(path)
    headers = {**HEADERS, "etag": etag}
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=TYPES[Path(path).suffix], headers=headers)


@cache
def _etag(path: str) -> str:
    return f'"{sha256(contents()[path]).hexdigest()[:32]}"'


@permission(PUBLIC)
async def to_start(request: Request) -> Response:
    """The address as people type it."""
    return RedirectResponse(ADDRESS, 308)


def routes() -> list[BaseRoute]:
    """The routes that serve the app."""
    return [
        Route("/validator", to_start, methods=["GET"]),
        Route(ADDRESS, serve, methods=["GET"]),
        Route(ADDRESS + "{name}", serve, methods=["GET"]),
        Route(ADDRESS + "{folder}/{name}", serve, methods=["GET"]),
        Route(ADDRESS + "{folder}/{inner}/{name}", serve, methods=["GET"]),
    ]

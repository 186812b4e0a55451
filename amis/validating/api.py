"""The hot door: taps as plain routes, because every microsecond here is paid for by each passenger."""

from datetime import datetime
from hashlib import sha256
from typing import Any

import msgspec
from sqlalchemy.exc import IntegrityError
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from amis.kernel import clock
from amis.kernel.actor import system
from amis.kernel.db import transaction
from amis.kernel.errors import Unauthenticated, UnsupportedMedia
from amis.kernel.log import request_id
from amis.kernel.permission import SELF_CHECKED, permission
from amis.validating.body import Answer, ReverseAnswer, ReverseBody, Shown, TapBody, TokenText, read
from amis.validating.item import Item
from amis.validating.lane import Lane
from amis.validating.service import reverse
from amis.validating.shown import Evidence, examine
from amis.validating.trusted import Trusted
from rules.reason import Reason

_trusted = Trusted()


@permission(SELF_CHECKED)
async def validate(request: Request) -> Response:
    """Decides a tap of the calling terminal and records it; the same request again gets the same answer."""
    bearer = bearer_of(request)
    raw = await content_of(request)
    body = read(raw, TapBody)
    lane: Lane = request.state.lane
    return _answered(await lane.decide(_item(lane, raw, body, bearer)))


@permission(SELF_CHECKED)
async def take_back(request: Request) -> Response:
    """Takes back a use of the calling terminal within a few minutes; the same request again gets the same answer."""
    bearer = bearer_of(request)
    raw = await content_of(request)
    body = read(raw, ReverseBody)
    try:
        content = await _taken_back(bearer, raw, body)
    except IntegrityError:
        # The same number was answered in this very moment: what was answered then stands.
        content = await _taken_back(bearer, raw, body)
    return _answered(content)


async def _taken_back(bearer: str, raw: bytes, body: ReverseBody) -> bytes:
    async with transaction(system("validating")) as tx:
        return await reverse(tx, bearer, sha256(raw).hexdigest(), body)


def routes() -> list[BaseRoute]:
    """The routes of this door, to be put before all others."""
    return [
        Route("/v1/validations", validate, methods=["POST"]),
        Route("/v1/validations/reverse", take_back, methods=["POST"]),
    ]


def bearer_of(request: HTTPConnection) -> str:
    """The SHA-256 (hex) of the bearer token (RFC 6750 section 2.1); the lane finds out whose it is.

    Raises:
        Unauthenticated: there is none.
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated("a bearer token is expected")
    return sha256(token.strip().encode()).hexdigest()


async def content_of(request: Request) -> bytes:
    """The body of a JSON request.

    Raises:
        UnsupportedMedia: it says that it is something else.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise UnsupportedMedia("application/json is expected")
    return await request.body()


def _item(lane: Lane, raw: bytes, body: TapBody, bearer: str) -> Item:
    now = clock.now()
    digest = sha256(raw).hexdigest()
    return Item(body, digest, bearer, evidence_of(body.token, now), now, request_id.get(), lane.promise())


def evidence_of(token: TokenText | Shown | None, now: datetime) -> Evidence:
    """The evidence in what was shown, by the keys that count now."""
    found = examine(token, _trusted.current(now), now)
    if found.refused is Reason.UNKNOWN_KEY and _trusted.look_again(now):
        return examine(token, _trusted.trust, now)
    return found


def _answered(content: bytes) -> Response:
    return Response(content, media_type="application/json")


_OPERATIONS = {
    "/v1/validations": ("validate", validate, TapBody, Answer),
    "/v1/validations/reverse": ("take_back", take_back, ReverseBody, ReverseAnswer),
}
_FAULTS = {
    "400": "The body is no strict JSON.",
    "401": "The bearer token belongs to no active terminal.",
    "404": "There is no such use.",
    "409": "The use was taken back already, or too long ago.",
    "413": "The body is too large.",
    "415": "The body is not application/json.",
    "422": "A value does not fit, or the sequence number was answered for another body.",
    "429": "Too many unknown numbers.",
    "503": "The service cannot answer now; send the same body again.",
}


def document(openapi: dict[str, Any]) -> None:
    """Adds the plain routes to an OpenAPI 3.1 description, in place."""
    kinds = [kind for *_, asked, answered in _OPERATIONS.values() for kind in (asked, answered)]
    references, schemas = msgspec.json.schema_components(kinds, ref_template="#/components/schemas/{name}")
    named = dict(zip(kinds, references, strict=True))
    parts = openapi.setdefault("components", {})
    parts.setdefault("schemas", {}).update(schemas)
    parts.setdefault("securitySchemes", {})["terminal"] = {"type": "http", "scheme": "bearer"}
    for path, (name, endpoint, asked, answered) in _OPERATIONS.items():
        openapi.setdefault("paths", {})[path] = {
            "post": {
                "operationId": name,
                "tags": ["validating"],
                "summary": (endpoint.__doc__ or "").strip(),
                "security": [{"terminal": []}],
                "requestBody": {"required": True, "content": {"application/json": {"schema": named[asked]}}},
                "responses": _responses(named[answered]),
            }
        }


def _responses(answer: dict[str, Any]) -> dict[str, Any]:
    fault = {"application/problem+json": {"schema": {"type": "object"}}}
    return {
        "200": {"description": "Decided and recorded.", "content": {"application/json": {"schema": answer}}},
        **{status: {"description": text, "content": fault} for status, text in _FAULTS.items()},
    }

"""The doors for what terminals decided alone, and for units that are set aside for them."""

from collections.abc import Awaitable, Callable
from hashlib import sha256
from typing import Any

import msgspec
from sqlalchemy.exc import IntegrityError, OperationalError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from amis.kernel.actor import system
from amis.kernel.db import Transaction, transaction
from amis.kernel.errors import Unavailable, UnsupportedMedia
from amis.kernel.permission import SELF_CHECKED, permission
from amis.validating.api import bearer_of, content_of
from amis.validating.lines import Line, split
from amis.validating.reserve_body import ReserveBody, Reserved, ReturnBody, Returned, read_reserve, read_return
from amis.validating.reserves import give_back, set_aside
from amis.validating.upload_ledger import Told
from amis.validating.upload_store import Bearer
from amis.validating.uploading import RACES, ROUNDS, Uploads

BATCH = "/v1/validations/batch"
RESERVES = "/v1/reserves"
RETURN = "/v1/reserves/{reserve_id}/return"
NDJSON = "application/x-ndjson"
_JSON = "application/json"


@permission(SELF_CHECKED)
async def take_lines(request: Request) -> Response:
    """Records taps that the calling terminal decided alone, a line each; the same lines again are known."""
    bearer = bearer_of(request)
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != NDJSON:
        raise UnsupportedMedia(f"{NDJSON} is expected")
    lines = split(await request.body())
    uploads: Uploads = request.state.uploads
    return Response(await uploads.take_in(Bearer(bearer), lines), media_type=NDJSON)


@permission(SELF_CHECKED)
async def reserve(request: Request) -> Response:
    """Sets units of a holder's quota aside for the calling terminal, as many as asked for or as are left."""
    bearer, raw = bearer_of(request), await content_of(request)
    body = read_reserve(raw)
    return await _answered(lambda tx: set_aside(tx, bearer, sha256(raw).hexdigest(), body))


@permission(SELF_CHECKED)
async def return_reserve(request: Request) -> Response:
    """Gives back the units of a reserve that the calling terminal has not used."""
    bearer, raw = bearer_of(request), await content_of(request)
    body = read_return(raw)
    reserve_id = request.path_params["reserve_id"]
    return await _answered(lambda tx: give_back(tx, bearer, sha256(raw).hexdigest(), reserve_id, body))


async def _answered(work: Callable[[Transaction], Awaitable[bytes]]) -> Response:
    for _ in range(ROUNDS):
        try:
            async with transaction(system("validating")) as tx:
                return Response(await work(tx), media_type=_JSON)
        except (IntegrityError, OperationalError) as error:
            # the same number was answered, or the same units were taken, in this very moment: what stands now counts
            if not isinstance(error.orig, RACES):
                raise
    raise Unavailable


def routes() -> list[BaseRoute]:
    """The routes of these doors."""
    return [
        Route(BATCH, take_lines, methods=["POST"]),
        Route(RESERVES, reserve, methods=["POST"]),
        Route(RETURN, return_reserve, methods=["POST"]),
    ]


_OPERATIONS: dict[str, tuple[str, Any, type[Any], type[Any], str]] = {
    BATCH: ("take_lines", take_lines, Line, Told, NDJSON),
    RESERVES: ("reserve", reserve, ReserveBody, Reserved, _JSON),
    RETURN: ("return_reserve", return_reserve, ReturnBody, Returned, _JSON),
}
_FAULTS = {
    "400": "The body cannot be read.",
    "401": "The bearer token belongs to no active terminal.",
    "413": "The body is too large, or has too many lines.",
    "415": "The body is of another type.",
    "422": "A value does not fit.",
    "503": "The service cannot answer now; send the same body again.",
}
_FAULTS_OF_RESERVES = {
    "404": "There is no such open reserve of this terminal.",
    "409": "No unit is left, or the reserve was given back already.",
}


def document(openapi: dict[str, Any]) -> None:
    """Adds these routes to an OpenAPI 3.1 description, in place; the schemas of NDJSON are those of one line."""
    kinds = [kind for *_, asked, answered, _ in _OPERATIONS.values() for kind in (asked, answered)]
    # under names of their own: the verdict on a tap is not that on a notice
    references, schemas = msgspec.json.schema_components(kinds, ref_template="#/components/schemas/Upload.{name}")
    named = dict(zip(kinds, references, strict=True))
    parts = openapi.setdefault("components", {}).setdefault("schemas", {})
    parts.update({f"Upload.{name}": schema for name, schema in schemas.items()})
    for path, (name, endpoint, asked, answered, media) in _OPERATIONS.items():
        faults = _FAULTS if path == BATCH else _FAULTS | _FAULTS_OF_RESERVES
        described = openapi.setdefault("paths", {}).setdefault(path, {})
        described["post"] = {
            "operationId": name,
            "tags": ["validating"],
            "summary": (endpoint.__doc__ or "").strip(),
            "security": [{"terminal": []}],
            "requestBody": {"required": True, "content": {media: {"schema": named[asked]}}},
            "responses": _responses(media, named[answered], faults),
        }
        if path == RETURN:
            number = {"type": "string", "format": "uuid"}
            described["parameters"] = [{"name": "reserve_id", "in": "path", "required": True, "schema": number}]


def _responses(media: str, answer: dict[str, Any], faults: dict[str, str]) -> dict[str, Any]:
    fault = {"application/problem+json": {"schema": {"type": "object"}}}
    return {
        "200": {"description": "Recorded.", "content": {media: {"schema": answer}}},
        **{status: {"description": text, "content": fault} for status, text in faults.items()},
    }

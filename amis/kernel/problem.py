"""RFC 9457 problem details: the one shape of every API error."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from starlette.responses import JSONResponse

from amis.kernel.errors import AmisError
from amis.kernel.log import request_id


def problem(error: AmisError, errors: list[dict[str, str]] | None = None) -> JSONResponse:
    """The answer for an error; `errors` lists single faults as {pointer, code, detail}."""
    return problem_response(
        error.status, error.code, error.title, error.detail, error.pointer, errors, members=error.members
    )


def problem_response(
    status: int,
    code: str,
    title: str,
    detail: str = "",
    pointer: str = "",
    errors: list[dict[str, str]] | None = None,
    members: Mapping[str, str] = MappingProxyType({}),
) -> JSONResponse:
    """`application/problem+json` with our `code`, the request id, and the place of the fault where known."""
    content: dict[str, Any] = {"type": f"urn:amis:error:{code}", "title": title, "status": status, "code": code}
    content |= {"request_id": request_id.get()}
    content |= {key: value for key, value in (("detail", detail), ("pointer", pointer), ("errors", errors)) if value}
    content |= members
    headers = {"retry-after": "1"} if status in (429, 503) else {}
    return JSONResponse(content, status, headers=headers, media_type="application/problem+json")

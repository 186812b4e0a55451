"""What the API description says of every operation alike: who may call it, and the faults it answers with."""

from collections.abc import Iterable, Iterator
from typing import Any

from amis.kernel.permission import PUBLIC, SELF_CHECKED
from amis.staff.roles import machine_kinds, machine_permissions
from amis.staff.routes import Entrance

_PROBLEM = {
    "title": "Problem",
    "description": "What went wrong (RFC 9457); `code` is stable, `pointer` (RFC 6901) names the place in the input.",
    "type": "object",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "pointer": {"type": "string"},
        "request_id": {"type": "string"},
        "errors": {"type": "array", "items": {"type": "object", "additionalProperties": {"type": "string"}}},
    },
    "required": ["type", "title", "status", "code", "request_id"],
}
_CONTENT = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
_FAULTS = {
    "400": "The body is not strict JSON (RFC 8259, RFC 7493), or cannot be read.",
    "401": "Nobody is signed in.",
    "403": "The caller has no permission for this, or another site made the browser call.",
    "404": "There is no such record.",
    "409": "This contradicts what is already recorded.",
    "413": "The body is larger than this address takes.",
    "422": "A value does not fit.",
    "503": "The service cannot answer now: try again in a moment.",
}
_OF_THE_FRAMEWORK = ("HTTPValidationError", "ValidationError")


def complete(openapi: dict[str, Any], entrances: Iterable[Entrance], cookie: str) -> None:
    """Adds to an OpenAPI 3.1 description, in place, who may call each operation and its problems.

    `cookie` is the name of the session cookie.
    """
    parts = openapi.setdefault("components", {})
    schemas = parts.setdefault("schemas", {})
    schemas["Problem"] = _PROBLEM
    schemes = parts.setdefault("securitySchemes", {})
    schemes["session"] = {"type": "apiKey", "in": "cookie", "name": cookie}
    schemes["machine"] = {"type": "http", "scheme": "bearer"}
    for entrance in entrances:
        for method, operation in openapi["paths"].get(entrance.path, {}).items():
            if method.upper() in entrance.methods:
                _say_who(operation, entrance.permission)
                _say_faults(operation, method, entrance)
    for name in _OF_THE_FRAMEWORK:
        schemas.pop(name, None)


def _say_who(operation: dict[str, Any], permission: str) -> None:
    if permission == PUBLIC:
        operation["security"] = []
    elif permission != SELF_CHECKED:
        machine = any(permission in machine_permissions(kind) for kind in machine_kinds())
        operation["security"] = [{"machine": []} if machine else {"session": []}]


def _say_faults(operation: dict[str, Any], method: str, entrance: Entrance) -> None:
    answers = operation["responses"]
    for status in _statuses(operation, method, entrance):
        answers.setdefault(status, {})
    for status, answer in answers.items():
        if status >= "400":
            answer["description"] = _described(status, answer)
            # A standard may ask a route for errors in a shape of its own; the framework's shape of 422 is never sent.
            own = {} if status == "422" else answer.get("content", {})
            answer["content"] = {**own, **_CONTENT}


def _described(status: str, answer: dict[str, Any]) -> str:
    # the framework says of 422 only that it is one
    given = "" if status == "422" and "content" in answer else str(answer.get("description", ""))
    return given or _FAULTS[status]


def _statuses(operation: dict[str, Any], method: str, entrance: Entrance) -> Iterator[str]:
    yield "503"
    if entrance.permission not in (PUBLIC, SELF_CHECKED):
        yield from ("401", "403")
    if method != "get":
        yield "403"
    if "{" in entrance.path:
        yield from ("404", "422") if method == "get" else ("404", "409", "422")
    if "requestBody" in operation:
        yield from ("400", "413")
    if "parameters" in operation or "requestBody" in operation:
        yield "422"

"""The one place that turns errors into answers: a page for a person's browser, RFC 9457 problem+json for programs."""

from collections.abc import Sequence
from typing import cast

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DataError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from amis.kernel.actor import Actor
from amis.kernel.errors import AmisError, Invalid, Unavailable
from amis.kernel.problem import problem, problem_response
from amis.web.problems import problem_page, wants_page

log = structlog.get_logger()


def answer_faults(app: FastAPI) -> None:
    """Installs the handlers."""
    app.add_exception_handler(AmisError, _ours)
    app.add_exception_handler(RequestValidationError, _unfit)
    app.add_exception_handler(HTTPException, _of_the_framework)
    for lost in (OperationalError, InterfaceError, PoolTimeout):
        app.add_exception_handler(lost, _database_away)
    app.add_exception_handler(DataError, _no_value)
    app.add_exception_handler(Exception, _unforeseen)


async def _ours(request: Request, error: Exception) -> Response:
    known = cast(AmisError, error)
    if known.status >= 500:
        log.error("refused", error_code=known.code, reason=str(known))
    if wants_page(request):
        return problem_page(request, known.status, known, actor=_actor(request))
    return problem(known)


async def _unfit(request: Request, error: Exception) -> Response:
    """Faults that the schema found, each with its place; the values themselves are never sent back."""
    faults = [
        {"pointer": _pointer(fault["loc"][1:]), "code": str(fault["type"]), "detail": str(fault["msg"])}
        for fault in cast(RequestValidationError, error).errors()
    ]
    if wants_page(request):
        return problem_page(request, 422, actor=_actor(request))
    return problem_response(422, "invalid", "The input is not valid.", errors=faults)


def _pointer(place: Sequence[object]) -> str:
    """The JSON pointer (RFC 6901 section 3) of a place in the input, whose names the caller chose."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in place)


async def _of_the_framework(request: Request, error: Exception) -> Response:
    known = cast(HTTPException, error)
    if isinstance(known.__cause__, AmisError):
        return await _ours(request, known.__cause__)
    if wants_page(request):
        return problem_page(request, known.status_code, actor=_actor(request))
    answer = problem_response(known.status_code, f"http_{known.status_code}", str(known.detail))
    answer.headers.update(known.headers or {})
    return answer


async def _database_away(request: Request, error: Exception) -> Response:
    log.error("database unavailable", reason=str(error))
    return await _ours(request, Unavailable())


async def _no_value(request: Request, error: Exception) -> Response:
    """A value that no column can hold, such as a text with U+0000: the caller's fault, found by the database."""
    log.warning("value refused by the database", reason=str(error))
    return await _ours(request, Invalid())


async def _unforeseen(request: Request, error: Exception) -> Response:
    log.exception("unforeseen", exc_info=error)
    if wants_page(request):
        return problem_page(request, 500, actor=_actor(request))
    return problem_response(500, "internal", "Something went wrong.")


def _actor(request: Request) -> Actor | None:
    return cast(Actor | None, request.scope.get("actor"))

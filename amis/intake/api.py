"""`POST /sync/v1/events`: signed CloudEvents in, a final verdict for each event out, all in one transaction."""

from typing import Any

from fastapi import APIRouter, Request
from psycopg.errors import DeadlockDetected, UniqueViolation
from sqlalchemy.exc import DBAPIError

from amis.intake import senders, service
from amis.intake.arrival import Message, quarantine_whole
from amis.intake.errors import BatchTooLarge, BodyUnreadable, NotCloudEvents
from amis.intake.schemas import Verdicts
from amis.kernel import clock
from amis.kernel.actor import system
from amis.kernel.body import StrictRoute
from amis.kernel.db import transaction
from amis.kernel.permission import SELF_CHECKED, permission
from sync.errors import MediaTypeUnsupported, TooManyEvents, UnreadableJson
from sync.message import BATCHED, STRUCTURED, read_message
from sync.notice import Notice
from sync.verdict import EventVerdict, RowError

router = APIRouter(route_class=StrictRoute, tags=["sync"])

EVENTS = "/sync/v1/events"
BODY_LIMIT = 1024 * 1024
_TRIES = 3
"""Two messages that create the same person or record at once: one of them starts again."""

_SIGNATURE_HEADERS = [
    {"name": name, "in": "header", "required": True, "schema": {"type": "string"}}
    for name in ("webhook-id", "webhook-timestamp", "webhook-signature")
]
_REQUEST = {
    "parameters": _SIGNATURE_HEADERS,
    "requestBody": {
        "required": True,
        "content": {
            STRUCTURED: {"schema": {"type": "object"}},
            BATCHED: {"schema": {"type": "array", "maxItems": 1000, "items": {"type": "object"}}},
        },
    },
}
_REFUSALS: dict[int | str, dict[str, Any]] = {
    400: {"description": "The body is not strict JSON."},
    401: {"description": "No key of a known sender signed this message."},
    413: {"description": "More than 1 MiB or 1,000 events."},
    415: {"description": "Not CloudEvents 1.0."},
    503: {"description": "Try again: nothing was taken."},
}


@router.post(EVENTS, openapi_extra=_REQUEST, responses=_REFUSALS)
@permission(SELF_CHECKED)
async def events(request: Request) -> Verdicts:
    """Takes notices signed as Standard Webhooks 1.0; repeating a message changes nothing."""
    body = await request.body()
    async with transaction(system("intake")) as tx:
        signed = await senders.whose(tx, request.headers, body, clock.now())
    content_type = request.headers.get("content-type", "")
    message = Message(signed.sender_id, signed.key_id, signed.message_id, content_type, body, dict(request.headers))
    try:
        notices = _read(request, body)
    except BodyUnreadable:
        async with transaction(signed.actor) as tx:
            await quarantine_whole(tx, message)
        raise
    verdicts = await _taken(signed, message, notices)
    return Verdicts.model_validate({"verdicts": [verdict.to_json() for verdict in verdicts]})


def _read(request: Request, body: bytes) -> tuple[Notice | RowError, ...]:
    try:
        return read_message(request.headers, body)
    except MediaTypeUnsupported as error:
        raise NotCloudEvents from error
    except TooManyEvents as error:
        raise BatchTooLarge from error
    except UnreadableJson as error:
        raise BodyUnreadable(str(error)) from error


async def _taken(
    signed: senders.Signed, message: Message, notices: tuple[Notice | RowError, ...]
) -> list[EventVerdict]:
    for remaining in reversed(range(_TRIES)):
        try:
            async with transaction(signed.actor) as tx:
                return await service.take(tx, message, notices)
        except DBAPIError as error:
            if remaining == 0 or not isinstance(error.orig, DeadlockDetected | UniqueViolation):
                raise
    raise AssertionError("unreachable: the last try returns or raises")

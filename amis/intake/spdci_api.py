"""`POST /registry/...`: the subscriber's side of the DCI social registry interface, v1.0.0.

Each message is answered with the standard's short answer: ACK and NACK as 200 after the commit; ERR as 401 as long as
it is not known who sent it, then as 400. Where no error of the standard's list fits, the answer is that of the whole
service (RFC 9457).
"""

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import APIRouter, Request, Response
from psycopg.errors import DeadlockDetected, UniqueViolation
from sqlalchemy.exc import DBAPIError

from amis.intake.errors import NotRegistryMessage
from amis.intake.senders import Signed
from amis.intake.spdci import Told, receive
from amis.intake.spdci_keys import whose
from amis.intake.spdci_schemas import Acknowledgement, acknowledgement
from amis.kernel import clock
from amis.kernel.actor import system
from amis.kernel.db import transaction
from amis.kernel.ids import new_id
from amis.kernel.permission import SELF_CHECKED, permission
from sync.spdci.ack import Ack, AckStatus
from sync.spdci.answers import SPELLED, Action, read_answer
from sync.spdci.envelope import Envelope, read_envelope
from sync.spdci.errors import RegistryMessageRefused, RequestBad

router = APIRouter(tags=["sync"])

BODY_LIMIT = 1024 * 1024
ADDRESSES = {
    "/registry/notify": Action.NOTIFY,
    "/registry/on-search": Action.ON_SEARCH,
    "/registry/on-subscribe": Action.ON_SUBSCRIBE,
    "/registry/on-unsubscribe": Action.ON_UNSUBSCRIBE,
    "/registry/txn/on-status": Action.ON_STATUS,
}
_TRIES = 3
"""Two messages that create the same person or record at once: one of them starts again."""
_BODY = {"requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}}}
_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"description": "ACK: taken and durable. NACK: nothing of it could be taken; it waits in quarantine."},
    400: {"description": "ERR: signed by a known registry, and nothing that it may say.", "model": Acknowledgement},
    401: {"description": "ERR: no message that a known registry signed for one of us.", "model": Acknowledgement},
    413: {"description": "More than 1 MiB."},
    415: {"description": "Not application/json."},
}


async def _answer(request: Request, response: Response, action: Action) -> Acknowledgement:
    signed = None
    try:
        envelope = read_envelope(await request.body())
        async with transaction(system("intake")) as tx:
            signed = await whose(tx, envelope, clock.now())
        _check_media(request)
        return acknowledgement(await _taken(signed, envelope, action))
    except RegistryMessageRefused as refused:
        response.status_code = 401 if signed is None else 400
        text = str(refused) or " ".join((type(refused).__doc__ or "").split())
        ack = Ack(AckStatus.ERR, clock.now(), str(new_id()), refused.code, text)
        return acknowledgement(ack, over_http=signed is None)


def _check_media(request: Request) -> None:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise NotRegistryMessage


async def _taken(signed: Signed, envelope: Envelope, action: Action) -> Ack:
    if envelope.header.action not in SPELLED[action]:
        raise RequestBad("/header/action")
    told = Told(signed, envelope, read_answer(action, envelope.message))
    for remaining in reversed(range(_TRIES)):
        try:
            async with transaction(signed.actor) as tx:
                return await receive(tx, told, action)
        except DBAPIError as error:
            if remaining == 0 or not isinstance(error.orig, DeadlockDetected | UniqueViolation):
                raise
    raise AssertionError("unreachable: the last try returns or raises")


def _entrance(action: Action) -> Callable[[Request, Response], Awaitable[Acknowledgement]]:
    @permission(SELF_CHECKED)
    async def entrance(request: Request, response: Response) -> Acknowledgement:
        """Takes a message of a registry that signed it; repeating a message changes nothing."""
        return await _answer(request, response, action)

    return entrance


for _path, _action in ADDRESSES.items():
    router.add_api_route(
        _path,
        _entrance(_action),
        methods=["POST"],
        name=f"registry {_action.value}",
        response_model_exclude_none=True,
        responses=_ANSWERS,
        openapi_extra=_BODY,
    )

"""The API of the holder's phone: enrolment by a code, and what the phone's key proves its requests for."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from amis.holder import codes, proof, service, store
from amis.holder.caller import Holder, current_holder, holder
from amis.holder.errors import CodeRefused, PageUnknown, TooManyCodes
from amis.holder.home import what_i_have
from amis.holder.schemas import CredentialOut, EndedOut, EnrolIn, HomeOut
from amis.holder.store import Known
from amis.holder.told_schemas import AnswerOut, RideOut, RidesOut
from amis.holder.why import why
from amis.issuing import store as tokens
from amis.kernel import audit, clock
from amis.kernel.actor import system
from amis.kernel.body import StrictRoute
from amis.kernel.db import transaction
from amis.kernel.ids import new_id
from amis.kernel.models import Municipality
from amis.kernel.permission import PUBLIC, SELF_CHECKED, permission
from amis.validating.store import taps_of_person
from cards.token import State

RIDES = 20
"""Taps on one page."""
_UNPROVED: dict[int | str, dict[str, Any]] = {
    401: {"description": "The request is not proved by the key of a phone in use (header DPoP, RFC 9449)."}
}
router = APIRouter(route_class=StrictRoute, tags=["holders"])
Calling = Annotated[Holder, Depends(current_holder)]
_wrong = codes.Wrong()


@router.post("/holder/v1/devices", response_model=CredentialOut, status_code=201)
@permission(PUBLIC)
async def enrol(asked: EnrolIn) -> CredentialOut:
    """Puts a token onto a phone against a one-time code; what it was on before no longer works."""
    key, thumbprint = proof.check_enrolment(asked.code, asked.jwk, asked.proof)
    found, device_id = await _code(asked.code), new_id()
    async with transaction(holder(device_id, found.municipality_id)) as tx:
        return CredentialOut.of(await service.enrol(tx, found.id, device_id, key, thumbprint))


async def _code(typed: str) -> Known:
    now = clock.now()
    if _wrong.over(now):
        raise TooManyCodes
    async with transaction(system("holder")) as tx:
        found = await store.code_by_digest(tx, codes.digest(typed))
    if found is None:
        _wrong.add(now)
        raise CodeRefused(pointer="/code")
    return found


@router.post("/holder/v1/credential", response_model=CredentialOut, responses=_UNPROVED)
@permission(SELF_CHECKED)
async def renew(caller: Calling) -> CredentialOut:
    """What the phone presents from now on; refused while its token is blocked, and after its end."""
    async with transaction(caller.actor) as tx:
        return CredentialOut.of(await service.renew(tx, caller.device_id))


@router.get("/holder/v1/home", response_model=HomeOut, responses=_UNPROVED)
@permission(SELF_CHECKED)
async def home(caller: Calling) -> HomeOut:
    """The state of the token and, while it works, what its holder has today."""
    async with transaction(caller.actor) as tx:
        token = await tokens.get_token(tx, caller.token_id)
        device = await store.lock_device(tx, caller.device_id)
        town = await tx.session.get_one(Municipality, tx.municipality_id)
        # a phone whose token was blocked or replaced may be in somebody else's hands
        have = await what_i_have(tx, token.person_id) if token.state == State.ACTIVE else []
        return HomeOut.of(token, town, device.enrolled_at, have)


@router.get("/holder/v1/rides", response_model=RidesOut, responses=_UNPROVED)
@permission(SELF_CHECKED)
async def rides(caller: Calling, before: Annotated[str, Query(max_length=80)] = "") -> RidesOut:
    """The holder's own taps, newest first, while the token works; `before` as the page before them said in `next`."""
    since = _page(before) if before else None
    async with transaction(caller.actor) as tx:
        token = await service.usable(tx, caller.token_id)
        found = await taps_of_person(tx, token.person_id, RIDES + 1, since)
        await audit.record(tx, "holder.rides.read", ("person", token.person_id))
    shown = found[:RIDES]
    more = f"{shown[-1].at.isoformat()}~{shown[-1].id}" if len(found) > RIDES else None
    return RidesOut(rides=[RideOut.of(one) for one in shown], next=more)


def _page(text: str) -> tuple[datetime, UUID]:
    at, _, last = text.partition("~")
    try:
        moment, tap = datetime.fromisoformat(at), UUID(last)
    except ValueError as error:
        raise PageUnknown(pointer="/before") from error
    if moment.tzinfo is None:
        raise PageUnknown(pointer="/before")
    return moment, tap


@router.get("/holder/v1/why", response_model=list[AnswerOut], responses=_UNPROVED)
@permission(SELF_CHECKED)
async def reasons(caller: Calling) -> list[AnswerOut]:
    """Why the holder has or has not each concession today, while the token works."""
    async with transaction(caller.actor) as tx:
        token = await service.usable(tx, caller.token_id)
        answers = await why(tx, token.person_id)
        await audit.record(tx, "holder.why.read", ("person", token.person_id))
    return [AnswerOut.of(one) for one in answers]


@router.delete("/holder/v1/device", response_model=EndedOut, responses=_UNPROVED)
@permission(SELF_CHECKED)
async def end(caller: Calling) -> EndedOut:
    """Ends the phone and the token on it."""
    async with transaction(caller.actor) as tx:
        await service.end_device(tx, caller.device_id, "holder")
        return EndedOut(ended=tx.at)

"""`/terminal/v1/card-keys`: a terminal that may hold masters of cards fetches them."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse

from amis.kernel.actor import Actor
from amis.kernel.body import StrictRoute
from amis.kernel.db import transaction
from amis.kernel.permission import permission
from amis.staff.guard import current_actor
from amis.validating.chip_keys import hand_keys
from terminals.chip_keys import PATH

router = APIRouter(route_class=StrictRoute, tags=["terminals"])
_REFUSALS: dict[int | str, dict[str, Any]] = {
    403: {"description": "This terminal is to hold none: it destroys those that it has."},
    409: {"description": "The key store of this installation gives none away."},
}


class KeysIn(BaseModel):
    """An assertion by the terminal's own key (RFC 7523), with the key to seal for as `cnf` (RFC 7800)."""

    model_config = ConfigDict(strict=True, extra="forbid")
    assertion: Annotated[str, Field(max_length=4096)]


class KeysOut(BaseModel):
    """The service's fresh key, and by it the masters: AES-256-GCM, nonce first, base64url."""

    jwk: dict[str, str]
    sealed: str


@router.post(PATH, response_model=KeysOut, responses=_REFUSALS)
@permission("bundle.read")
async def give_keys(said: KeysIn, actor: Annotated[Actor, Depends(current_actor)]) -> JSONResponse:
    """The masters by which this terminal reads and debits chips, sealed for it alone."""
    async with transaction(actor) as tx:
        handed = await hand_keys(tx, actor, said.assertion)
    return JSONResponse(handed, headers={"cache-control": "no-store"})

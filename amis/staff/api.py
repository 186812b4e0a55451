"""The machine API: a machine pairs once and then proves its key for each short token."""

from typing import Annotated

from fastapi import APIRouter, Form

from amis.kernel.actor import system
from amis.kernel.body import StrictRoute
from amis.kernel.db import Transaction, transaction
from amis.kernel.keys import ROOT, keystore
from amis.kernel.permission import PUBLIC, permission
from amis.kernel.settings import settings
from amis.staff import assertion, machine_service, machine_store, machine_tokens
from amis.staff.errors import InvalidClient, InvalidRequest, UnsupportedGrantType
from amis.staff.machine_store import MachineKey
from amis.staff.schemas import JWT_BEARER, PairAnswer, PairRequest, TokenAnswer, TokenRequest
from cards.jwk import base64url

TOKEN_PATH = "/machine/v1/token"  # noqa: S105  # an address

router = APIRouter(route_class=StrictRoute, tags=["machines"])


@router.post(
    "/machine/v1/pair",
    response_model=PairAnswer,
    responses={400: {"description": "The pairing code is wrong, used or expired, or the body is not strict JSON."}},
)
@permission(PUBLIC)
async def pair(asked: PairRequest) -> PairAnswer:
    """Takes a machine's public key against a one-time code; the key works once somebody has approved it."""
    async with transaction(system("pairing")) as tx:
        paired = await machine_service.use_code(tx, asked.code, asked.jwk)
    return PairAnswer(
        machine_id=paired.machine_id,
        pairing=paired.pairing,
        fingerprint=paired.fingerprint,
        root=base64url(keystore().public(ROOT).der),
    )


@router.post(
    TOKEN_PATH,
    response_model=TokenAnswer,
    responses={
        400: {"description": "The request lacks a parameter or asks for another grant (RFC 6749 section 5.2)."},
        401: {"description": "The machine could not be authenticated."},
    },
)
@permission(PUBLIC)
async def token(asked: Annotated[TokenRequest, Form()]) -> TokenAnswer:
    """Gives a bearer token of 15 minutes against a client assertion signed with the machine's key."""
    if asked.grant_type != "client_credentials":
        raise UnsupportedGrantType
    if asked.client_assertion_type != JWT_BEARER:
        raise InvalidRequest(f"client_assertion_type: must be {JWT_BEARER}")
    key = await _key_of(asked.client_assertion)
    try:
        async with transaction(system("machine-token", key.municipality_id)) as tx:
            given = await _token(tx, key, asked.client_assertion)
    except InvalidClient as refusal:
        async with transaction(system("machine-token", key.municipality_id)) as tx:
            await machine_tokens.note_refusal(tx, key.id, refusal.detail or refusal.title)
        raise
    return TokenAnswer(access_token=given, expires_in=machine_tokens.TOKEN_LASTS.seconds)


async def _key_of(text: str) -> MachineKey:
    async with transaction(system("machine-token")) as tx:
        key = await machine_store.machine_key(tx, assertion.claimed_machine(text))
    if key is None:
        raise InvalidClient
    return key


async def _token(tx: Transaction, key: MachineKey, text: str) -> str:
    audience = settings().public_url.rstrip("/") + TOKEN_PATH
    return await machine_tokens.give_token(tx, key, assertion.verify(text, key.jwk, audience, tx.at))

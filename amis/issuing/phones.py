"""A token on the holder's phone: signed for one key of that phone, for a month at most, and anew as long as it may be.

Each phone has a token of its own, and with it a place of its own in the status list: when the token moves to another
phone, what was signed for the one before is invalid everywhere, online and offline.
"""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from amis.issuing import minting, store
from amis.issuing.errors import ByApplication, StepRefused, TokenHeld
from amis.issuing.issuance import TO_LETTER, valid_to_of
from amis.issuing.life import is_held, step
from amis.issuing.models import CredentialRow, Token
from amis.issuing.new_tokens import begin
from amis.kernel.db import Transaction
from amis.kernel.sealed import unseal_bytes
from amis.register import store as register
from amis.register.models import Person
from cards import base45
from cards.claims import Claims, Right
from cards.credential import PREFIX, mint, status_number
from cards.token import EndReason, Event, Kind, State

LONGEST = timedelta(days=30)
"""What a phone's credential lives at most: so long a phone may be without a connection."""
_WORTH_KEEPING = LONGEST / 2
"""What a credential has left while it is not signed anew for its end alone."""


class OnPhone(NamedTuple):
    """A token on a phone and what the phone presents: an AM1 text, good only inside the phone's own signature."""

    token: Token
    text: str
    rights: tuple[Right, ...]
    expires: datetime


async def move_to_phone(tx: Transaction, token_id: UUID, device: bytes) -> OnPhone:
    """Gives a phone a token in place of an active one on paper or on another phone, which ends in that moment.

    `device` is the compressed P-256 point of the phone's key.

    Raises:
        TokenUnknown, StepRefused: it is not active; ByApplication: it is a card; TokenHeld: another one of the person
        is blocked for misuse or by the office; NothingGranted, PersonErased
    """
    person, old = await _locked(tx, token_id)
    if old.kind != Kind.QR:
        raise ByApplication
    return await _move(tx, person, old, device)


async def renew_on_phone(tx: Transaction, token_id: UUID, device: bytes) -> OnPhone:
    """What the phone presents from now on: what it has while that is right and lasts long enough, else newly signed.

    Where a right that was signed was shortened or lost, the phone gets another token: the old promise must not live on
    beside the new one.

    Raises:
        TokenUnknown, StepRefused, TokenHeld, NothingGranted, PersonErased
    """
    person, token = await _locked(tx, token_id)
    row = await store.newest_credential(tx, token.id, "B")
    if row is None:
        raise StepRefused
    if token.rights_changed or not await _still_holds(tx, person, row):
        return await _move(tx, person, token, device)
    rights, expires = tuple(await minting.rights_now(tx, person, token)), _expiry(tx, token)
    if store.signed_rights(row) == rights and row.expires_at + _WORTH_KEEPING >= expires:
        content = unseal_bytes(await store.key_of(tx, token, row), "credential", "sealed", row.id, row.sealed)
        return _shown(token, row, content)
    token.generation += 1
    return await _sign(tx, person, token, device)


async def _still_holds(tx: Transaction, person: Person, row: CredentialRow) -> bool:
    """Whether all that was signed is still granted, whether or not that was looked at since it changed."""
    days = await minting.granted_days(tx, person.id)
    return minting.still_hold(store.signed_rights(row), days, tx.day)


async def _locked(tx: Transaction, token_id: UUID) -> tuple[Person, Token]:
    person = await register.lock_person(tx, (await store.get_token(tx, token_id)).person_id)
    tokens = await store.lock_open_tokens(tx, person.id)
    token = next((one for one in tokens if one.id == token_id), None)
    if any(is_held(one) for one in tokens):
        raise TokenHeld
    if token is None or token.state != State.ACTIVE or token.valid_to <= tx.day:
        raise StepRefused
    return person, token


async def _move(tx: Transaction, person: Person, old: Token, device: bytes) -> OnPhone:
    made = await begin(tx, person.id, Kind.QR, valid_to_of(tx, None), old.id)
    signed = await _sign(tx, person, made, device)
    for event in TO_LETTER:
        await step(tx, made, event)
    await step(tx, old, Event.END, EndReason.REPLACED)
    return signed


def _expiry(tx: Transaction, token: Token) -> datetime:
    return min(minting.expiry(tx.at, token.valid_to), tx.at + LONGEST)


async def _sign(tx: Transaction, person: Person, token: Token, device: bytes) -> OnPhone:
    key, signer = minting.holder_key(person), await minting.issuer(tx)
    promise = minting.Promise(tuple(await minting.rights_now(tx, person, token)), None, _expiry(tx, token))
    claims = Claims(
        iat=int(tx.at.timestamp()),
        exp=int(promise.expires.timestamp()),
        status=status_number(token.status_list, token.status_index),
        rights=promise.rights,
        device=device,
    )
    content = mint(signer, claims)
    return _shown(token, await minting.keep(tx, token, "B", signer.kid, promise, content, key), content)


def _shown(token: Token, row: CredentialRow, content: bytes) -> OnPhone:
    return OnPhone(token, PREFIX + base45.encode(content), store.signed_rights(row), row.expires_at)

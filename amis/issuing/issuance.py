"""Giving a person a token, and giving another one in its place."""

from datetime import date
from uuid import UUID

from amis.issuing import minting, store
from amis.issuing.errors import ByApplication, PeriodInvalid, StepRefused, TokenHeld, TokenThere
from amis.issuing.life import is_held, step
from amis.issuing.models import Token
from amis.issuing.new_tokens import begin
from amis.issuing.reasons import GONE, ReplaceReason, of_list
from amis.kernel.db import Transaction
from amis.register import store as register
from amis.register.models import Person
from cards.token import EndReason, Event, Kind, State

TO_LETTER = (Event.APPROVE, Event.PRODUCE, Event.ISSUE, Event.ACTIVATE)
"""A QR code on paper or on a phone is approved, made, handed over and active in one go."""


async def issue_qr(tx: Transaction, person_id: UUID, valid_to: date | None = None) -> Token:
    """Issues a QR token, active at once; `valid_to` is the day after its last one, by default 400 days from today.

    It outlives the rights in it on purpose: online the register decides, so that a renewed right needs no new letter.

    Raises:
        PersonUnknown, PersonErased, TokenThere, TokenHeld, NothingGranted, PeriodInvalid
    """
    person = await register.lock_person(tx, person_id)
    for token in await store.lock_open_tokens(tx, person_id):
        if is_held(token):
            raise TokenHeld
        if token.kind == Kind.QR:
            raise TokenThere
    return await _make(tx, person, valid_to_of(tx, valid_to), None)


async def replace(tx: Transaction, token_id: UUID, reason: str) -> Token:
    """Issues a token in place of another, which ends in the moment in which the new one is active.

    A lost or stolen one is blocked first. All of it happens or nothing: where no new token can be made, blocking is
    asked for by itself. Quotas belong to the person and go on.

    Raises:
        TokenUnknown, ReasonUnknown, TokenHeld, StepRefused, NothingGranted, PersonErased, ByApplication: it is a card
    """
    why = ReplaceReason(of_list(reason, ReplaceReason))
    person = await register.lock_person(tx, (await store.get_token(tx, token_id)).person_id)
    old = next((one for one in await store.lock_open_tokens(tx, person.id) if one.id == token_id), None)
    if old is None:
        raise StepRefused
    if old.kind != Kind.QR:
        raise ByApplication
    if is_held(old):
        raise TokenHeld
    if old.state == State.ACTIVE and why.value in GONE:
        await step(tx, old, Event.BLOCK, why.value)
    made = await _make(tx, person, valid_to_of(tx, None), old.id)
    await step(tx, old, Event.END, EndReason.REPLACED)
    return made


def valid_to_of(tx: Transaction, asked: date | None) -> date:
    """The day after the last one of a new token: as `asked`, else 400 days from today.

    Raises:
        PeriodInvalid
    """
    today = tx.day
    longest = today + minting.LONGEST
    if asked is not None and not today < asked <= longest:
        raise PeriodInvalid(pointer="/valid_to")
    return asked or longest


async def _make(tx: Transaction, person: Person, valid_to: date, replaces: UUID | None) -> Token:
    token = await begin(tx, person.id, Kind.QR, valid_to, replaces)
    await minting.mint(tx, person, token)
    for event in TO_LETTER:
        await step(tx, token, event)
    return token

"""Writes of holders: a code is given, a phone enrols with it, its credential is renewed, it ends."""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from amis.holder import codes, proof, store
from amis.holder.errors import DeviceInUse, NotForPhone, TokenHasEnded, TokenIsBlocked
from amis.holder.models import HolderCode, HolderDevice
from amis.issuing import service as issuing
from amis.issuing import store as tokens
from amis.issuing.errors import StepRefused, TokenHeld
from amis.issuing.models import Token
from amis.issuing.phones import OnPhone, move_to_phone, renew_on_phone
from amis.kernel import audit
from amis.kernel.db import Transaction
from amis.kernel.ids import new_id
from cards.token import EndReason, Kind, State

ON_LETTER = timedelta(days=30)
AT_DESK = timedelta(hours=24)
"""How long a code can be used: post takes its time, a code from the desk is used there or at home."""


class Given(NamedTuple):
    """A code as it is shown once, and until when it can be used."""

    code: str
    until: datetime


async def give_code(tx: Transaction, token_id: UUID, lasts: timedelta) -> Given:
    """A code by which the holder of an active QR token takes it onto a phone; an earlier one no longer works.

    Raises:
        TokenUnknown, NotForPhone
    """
    # codes before their token, as an enrolment locks them
    await store.live_codes(tx, token_id)
    token = await tokens.lock_token(tx, token_id)
    if token.kind != Kind.QR or token.state != State.ACTIVE:
        raise NotForPhone
    for earlier in await store.live_codes(tx, token_id):
        earlier.ended_at = tx.at
    code, until = codes.new_code(), tx.at + lasts
    made = HolderCode(
        id=new_id(),
        municipality_id=tx.municipality_id,
        token_id=token_id,
        code_hash=codes.digest(code),
        made_at=tx.at,
        made_by=tx.actor.id,
        expires_at=until,
        ended_at=None,
    )
    tx.session.add(made)
    await audit.record(tx, "holder.code", ("token", token_id), after={"until": until.isoformat()})
    return Given(code, until)


async def enrol(tx: Transaction, code_id: UUID, device_id: UUID, key: dict[str, str], thumbprint: str) -> OnPhone:
    """Puts the token of a code onto the phone with this key, in place of the paper or the phone that it was on.

    The token is a new one with a new place in the status list: what was signed for the one before is invalid at once.

    Raises:
        CodeRefused, DeviceInUse, TokenIsBlocked, TokenHasEnded, NotForPhone, NothingGranted, PersonErased
    """
    code = await store.lock_code(tx, code_id)
    before = await store.live_device(tx, code.token_id, locked=True)
    await usable(tx, code.token_id)
    try:
        shown = await move_to_phone(tx, code.token_id, proof.point(key))
    except TokenHeld as error:
        raise TokenIsBlocked from error
    if before is not None:
        await _end(tx, before, "moved")
    code.ended_at = tx.at
    await _add(tx, HolderDevice(id=device_id, token_id=shown.token.id, jwk=key, thumbprint=thumbprint))
    after = {"token": str(shown.token.id), "thumbprint": thumbprint}
    await audit.record(tx, "holder.enrol", ("holder_device", device_id), after=after)
    return shown


async def _add(tx: Transaction, device: HolderDevice) -> None:
    device.municipality_id, device.enrolled_at, device.reason = tx.municipality_id, tx.at, ""
    tx.session.add(device)
    try:
        await tx.session.flush()
    except IntegrityError as error:
        raise DeviceInUse(pointer="/jwk") from error


async def usable(tx: Transaction, token_id: UUID) -> Token:
    """The token of a phone, while it works.

    Raises:
        TokenUnknown, NotForPhone, TokenIsBlocked, TokenHasEnded
    """
    token = await tokens.get_token(tx, token_id)
    if token.kind != Kind.QR:
        raise NotForPhone
    if token.state == State.BLOCKED:
        raise TokenIsBlocked
    if token.state != State.ACTIVE or token.valid_to <= tx.day:
        raise TokenHasEnded
    return token


async def renew(tx: Transaction, device_id: UUID) -> OnPhone:
    """What the phone presents from now on; never anything for a token that is blocked or has ended.

    Raises:
        DeviceUnknown, TokenIsBlocked, TokenHasEnded, NothingGranted, PersonErased
    """
    device = await store.lock_device(tx, device_id)
    await usable(tx, device.token_id)
    try:
        shown = await renew_on_phone(tx, device.token_id, proof.point(device.jwk))
    except TokenHeld as error:
        raise TokenIsBlocked from error
    except StepRefused as error:
        raise TokenHasEnded from error
    if shown.token.id != device.token_id:
        before = {"token": str(device.token_id)}
        device.token_id = shown.token.id
        after = {"token": str(shown.token.id)}
        await audit.record(tx, "holder.follow", ("holder_device", device_id), before=before, after=after)
    return shown


async def end_device(tx: Transaction, device_id: UUID, reason: str) -> None:
    """Ends a phone and the token on it, for ever; `reason` is holder or office.

    Raises:
        DeviceUnknown, TokenIsBlocked: it is blocked for misuse or by the office.
    """
    device = await store.lock_device(tx, device_id)
    token = await tokens.get_token(tx, device.token_id)
    if token.state != State.ENDED:
        try:
            await issuing.end(tx, token.id, EndReason.RETURNED)
        except TokenHeld as error:
            raise TokenIsBlocked from error
    await _end(tx, device, reason)


async def _end(tx: Transaction, device: HolderDevice, reason: str) -> None:
    device.ended_at, device.reason = tx.at, reason
    await audit.record(tx, "holder.end", ("holder_device", device.id), after={"reason": reason})

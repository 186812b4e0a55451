"""Reads of holders: by a code or a key before the municipality is known, by token after that."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text

from amis.holder.errors import CodeRefused, DeviceUnknown
from amis.holder.models import HolderCode, HolderDevice
from amis.kernel.db import Transaction


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a code or of a phone before the municipality is: its id, whose it is, for which token."""

    id: UUID
    municipality_id: int
    token_id: UUID


async def code_by_digest(tx: Transaction, digest: bytes) -> Known | None:
    """The live code of any municipality with this digest."""
    return await _known(tx, "SELECT * FROM holder_code_by_hash(:key, :at)", {"key": digest, "at": tx.at})


async def device_by_thumbprint(tx: Transaction, thumbprint: str) -> Known | None:
    """The live phone of any municipality whose key has this thumbprint."""
    return await _known(tx, "SELECT * FROM holder_device_by_thumbprint(:key)", {"key": thumbprint})


async def _known(tx: Transaction, statement: str, asked: dict[str, object]) -> Known | None:
    row = (await tx.session.execute(text(statement), asked)).mappings().one_or_none()
    return Known(**row) if row else None


async def lock_code(tx: Transaction, code_id: UUID) -> HolderCode:
    """A live code, locked until the end of the transaction.

    Raises:
        CodeRefused: it was used or replaced meanwhile.
    """
    code = await tx.session.get(HolderCode, code_id, with_for_update=True, populate_existing=True)
    if code is None or code.ended_at is not None or code.expires_at <= tx.at:
        raise CodeRefused(pointer="/code")
    return code


async def lock_device(tx: Transaction, device_id: UUID) -> HolderDevice:
    """A live phone, locked until the end of the transaction.

    Raises:
        DeviceUnknown: it ended.
    """
    device = await tx.session.get(HolderDevice, device_id, with_for_update=True, populate_existing=True)
    if device is None or device.ended_at is not None:
        raise DeviceUnknown
    return device


async def live_device(tx: Transaction, token_id: UUID, *, locked: bool = False) -> HolderDevice | None:
    """The phone that a token is on; `locked` until the end of the transaction: before its token, as a renewal does."""
    query = select(HolderDevice).where(
        HolderDevice.municipality_id == tx.municipality_id,
        HolderDevice.token_id == token_id,
        HolderDevice.ended_at.is_(None),
    )
    return await tx.session.scalar(query.with_for_update() if locked else query)


async def live_codes(tx: Transaction, token_id: UUID) -> list[HolderCode]:
    """Codes of a token that could still be used, locked."""
    query = select(HolderCode).where(
        HolderCode.municipality_id == tx.municipality_id,
        HolderCode.token_id == token_id,
        HolderCode.ended_at.is_(None),
        HolderCode.expires_at > tx.at,
    )
    return list(await tx.session.scalars(query.with_for_update()))


async def code_waits_until(tx: Transaction, token_id: UUID) -> datetime | None:
    """Until when a code that was given for a token can be used; None where there is none."""
    query = select(HolderCode.expires_at).where(
        HolderCode.municipality_id == tx.municipality_id,
        HolderCode.token_id == token_id,
        HolderCode.ended_at.is_(None),
        HolderCode.expires_at > tx.at,
    )
    return await tx.session.scalar(query.order_by(HolderCode.expires_at.desc()).limit(1))

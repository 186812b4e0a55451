"""Reads of the intake: the keys of all senders, the ledger, and what arrived."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, text

from amis.intake.errors import SenderUnknown
from amis.intake.models import Arrival, LedgerRow, Sender
from amis.kernel.db import Transaction
from sync.notice import Op
from sync.order import LedgerEntry


@dataclass(frozen=True, slots=True)
class SealedKey:
    """A sender's key as stored, with the sender that it speaks for."""

    key_id: UUID
    sender_id: UUID
    municipality_id: int
    source: str
    wrapped: bytes


async def sealed_keys(tx: Transaction) -> list[SealedKey]:
    """Every active key of every active sender, of all municipalities: the signature alone tells whose message it is."""
    rows = await tx.session.execute(text("SELECT * FROM keys_of_senders()"))
    return [SealedKey(*row) for row in rows]


async def get_sender(tx: Transaction, sender_id: UUID) -> Sender:
    """One sender of this municipality.

    Raises:
        SenderUnknown
    """
    sender = await tx.session.get(Sender, sender_id)
    if sender is None:
        raise SenderUnknown
    return sender


async def senders(tx: Transaction) -> Sequence[Sender]:
    """The senders of this municipality by source."""
    return (await tx.session.scalars(select(Sender).order_by(Sender.source))).all()


async def sender_of(tx: Transaction, source: str) -> Sender:
    """The sender of this municipality with this source.

    Raises:
        SenderUnknown
    """
    sender = await tx.session.scalar(
        select(Sender).where(Sender.municipality_id == tx.municipality_id, Sender.source == source)
    )
    if sender is None:
        raise SenderUnknown(source)
    return sender


async def ledger_row(tx: Transaction, source: str, record_id: str) -> LedgerRow | None:
    """What is known of a record."""
    return await tx.session.get(LedgerRow, (tx.municipality_id, source, record_id), populate_existing=True)


def entry(row: LedgerRow | None) -> LedgerEntry | None:
    """The row in the terms of sync.order."""
    return LedgerEntry(row.version, Op(row.op), row.digest, row.absent_as_of) if row else None


async def arrivals(tx: Transaction, *, refused_only: bool = False, limit: int = 100) -> Sequence[Arrival]:
    """The newest arrivals of this municipality, newest first."""
    query = select(Arrival).where(Arrival.municipality_id == tx.municipality_id)
    if refused_only:
        query = query.where(Arrival.verdict.in_(("rejected", "conflict", "held", "unsupported")))
    return (await tx.session.scalars(query.order_by(Arrival.received_at.desc(), Arrival.id.desc()).limit(limit))).all()


async def arrival(tx: Transaction, arrival_id: UUID) -> Arrival | None:
    """One event as it arrived."""
    query = select(Arrival).where(Arrival.municipality_id == tx.municipality_id, Arrival.id == arrival_id)
    return await tx.session.scalar(query)

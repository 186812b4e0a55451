"""Reads of the classifier: one's own concessions and the state's."""

from datetime import date
from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import joinedload, selectinload

from amis.concessions.errors import ConcessionUnknown
from amis.concessions.models import Concession, ConcessionGroup, ConcessionTerms
from amis.kernel.db import Transaction
from amis.kernel.models import STATE, Municipality


def _readable(tx: Transaction) -> Select[Concession]:
    grantors = {STATE, tx.municipality_id}
    query = select(Concession).where(Concession.municipality_id.in_(grantors))
    loaded = joinedload(Concession.group), selectinload(Concession.revisions)
    return query.options(*loaded).execution_options(populate_existing=True)


async def list_concessions(tx: Transaction) -> list[Concession]:
    """Own concessions and the state's with group and revisions, by grantor (the state last), group and code."""
    query = _readable(tx).join(Concession.group)
    order = Concession.municipality_id == STATE, ConcessionGroup.code, Concession.code
    return list(await tx.session.scalars(query.order_by(*order)))


async def get_concession(tx: Transaction, concession_id: UUID) -> Concession:
    """One concession with group and revisions.

    Raises:
        ConcessionUnknown
    """
    concession = await tx.session.scalar(_readable(tx).where(Concession.id == concession_id))
    if concession is None:
        raise ConcessionUnknown
    return concession


async def by_code(tx: Transaction, grantor_id: int, code: str) -> Concession | None:
    """The concession of this grantor with this code."""
    return await tx.session.scalar(
        _readable(tx).where(Concession.municipality_id == grantor_id, Concession.code == code)
    )


async def terms_at(tx: Transaction, concession_id: UUID, day: date) -> ConcessionTerms | None:
    """The revision in force on a local day."""
    return await tx.session.scalar(
        select(ConcessionTerms).where(
            ConcessionTerms.municipality_id.in_((STATE, tx.municipality_id)),
            ConcessionTerms.concession_id == concession_id,
            ConcessionTerms.valid_from <= day,
            or_(ConcessionTerms.valid_to.is_(None), ConcessionTerms.valid_to > day),
        )
    )


async def list_groups(tx: Transaction) -> list[ConcessionGroup]:
    """The groups into which the acting municipality may put a concession."""
    query = select(ConcessionGroup).where(ConcessionGroup.municipality_id == tx.municipality_id)
    return list(await tx.session.scalars(query.order_by(ConcessionGroup.code)))


async def grantors(tx: Transaction) -> dict[int, Municipality]:
    """The grantors whose concessions are readable, by number."""
    found = await tx.session.scalars(select(Municipality).where(Municipality.id.in_((STATE, tx.municipality_id))))
    return {row.id: row for row in found}

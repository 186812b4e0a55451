"""What the naive endpoint looks up for a tap, joined where a careful author would."""

from datetime import date, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from fastapi import HTTPException
from sqlalchemy import and_, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from amis.concessions.models import Concession, ConcessionTerms
from amis.granting.models import Entitlement
from amis.issuing.models import Token
from amis.kernel.models import Municipality
from amis.staff.models import Machine, MachineToken
from amis.validating.models import Acceptance, PlaceRow, Provider, Terminal
from rules.tariff import Quota
from tests.bench.naive_rows import CounterRow

Counters = dict[tuple[str, date], CounterRow]


async def caller(db: AsyncSession, authorization: str, now: datetime) -> Any:
    bearer = sha256(authorization.removeprefix("Bearer ").encode()).digest()
    wanted = (
        select(MachineToken.pairing, Terminal, Provider, PlaceRow)
        .join(Machine, and_(Machine.id == MachineToken.machine_id, Machine.pairing == MachineToken.pairing))
        .join(Terminal, Terminal.machine_id == Machine.id)
        .join(Provider, Provider.id == Terminal.provider_id)
        .join(PlaceRow, PlaceRow.id == Terminal.place_id)
        .where(MachineToken.hash == bearer, MachineToken.expires_at > now, Machine.state == "active")
    )
    found = (await db.execute(wanted)).one_or_none()
    if found is None:
        raise HTTPException(401)
    return found


async def rights(db: AsyncSession, caller: Any, token: Token, day: date) -> list[Any]:
    accepted = exists().where(
        Acceptance.provider_id == caller.Provider.id,
        Acceptance.grantor_id == Entitlement.grantor_id,
        or_(Acceptance.concession_id.is_(None), Acceptance.concession_id == Entitlement.concession_id),
    )
    wanted = (
        select(Entitlement, Concession, ConcessionTerms, Municipality.code.label("grantor"))
        .join(Concession, Concession.id == Entitlement.concession_id)
        .join(Municipality, Municipality.id == Concession.municipality_id)
        .join(ConcessionTerms, ConcessionTerms.concession_id == Concession.id)
        .where(
            Entitlement.municipality_id == token.municipality_id,
            Entitlement.person_id == token.person_id,
            Entitlement.from_day <= day,
            or_(Entitlement.until_day.is_(None), Entitlement.until_day > day),
            ConcessionTerms.valid_from <= day,
            or_(ConcessionTerms.valid_to.is_(None), ConcessionTerms.valid_to > day),
            Concession.state == "active",
            accepted,
        )
    )
    return list((await db.execute(wanted)).all())


async def counters(db: AsyncSession, person: UUID, rights: list[Any], day: date) -> Counters:
    found = {}
    for right in rights:
        if right.ConcessionTerms.quota is None:
            continue
        quota = Quota.from_json(right.ConcessionTerms.quota)
        window = quota.window(day, right.Entitlement.periods)
        key = (right.Entitlement.municipality_id, person, right.Concession.id, window, quota.per.value)
        row = await db.get(CounterRow, key, with_for_update=True)
        if row is not None:
            found[right.Concession.id.hex, window] = row
    return found

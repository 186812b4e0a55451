"""What of the register goes along when two persons turn out to be one, and what comes back when they are parted."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, tuple_, update

from amis.kernel.db import Transaction
from amis.register.carried_relations import carry_relations, close_between, open_between
from amis.register.carrying import Carriage, carry
from amis.register.models import Fact, HouseholdMember, Membership, PersonCode, Statement

Record = tuple[str, str]
"""A source and the name of its record."""
_SILENT = {"synchronize_session": False}


async def bring(tx: Transaction, carriage: Carriage) -> dict[str, list[Any]]:
    """Carries all that the merged person has; what a merge has to remember of it."""
    records = await _carry_facts(tx, carriage, await records_of(tx, carriage.before))
    await _carry_statements(tx, carriage, None)
    between = await close_between(tx, carriage)
    moved: dict[str, list[Any]] = {"fact": [list(record) for record in sorted(records)], "between": between}
    return moved | await _carry_rest(tx, carriage)


async def take_back(
    tx: Transaction, carriage: Carriage, owned: Mapping[Record, bytes], homes: Collection[UUID]
) -> set[Record]:
    """Carries back what belongs to `homes`; the records of the facts among it.

    A record that `owned` knows belongs to whoever has the code (by its digest) under which it was stated; another one,
    and whatever is no fact, to whoever brought it along.
    """
    brought = {(source, record) for source, record in (carriage.only or {}).get("fact", ())}
    own = await _codes_at(tx, homes)
    records = await records_of(tx, carriage.before)
    theirs = {one for one in records if (owned[one] in own if one in owned else one in brought)}
    await _carry_facts(tx, carriage, theirs)
    await _carry_statements(tx, carriage, own)
    await _carry_rest(tx, carriage)
    await open_between(tx, (carriage.only or {}).get("between", ()))
    return theirs


async def records_of(tx: Transaction, person_id: UUID) -> set[Record]:
    """The records that have ever stated a fact of a person."""
    own = Fact.municipality_id == tx.municipality_id, Fact.person_id == person_id
    rows = await tx.session.execute(select(Fact.source, Fact.record_id).where(*own).distinct())
    return {(source, record_id) for source, record_id in rows}


async def _carry_facts(tx: Transaction, carriage: Carriage, records: Collection[Record]) -> Collection[Record]:
    statement = update(Fact).where(
        Fact.municipality_id == tx.municipality_id,
        Fact.person_id == carriage.before,
        tuple_(Fact.source, Fact.record_id).in_(records),
    )
    await tx.session.execute(statement.values(person_id=carriage.after).execution_options(**_SILENT))
    return records


async def _carry_statements(tx: Transaction, carriage: Carriage, codes: Collection[bytes] | None) -> None:
    own = Statement.municipality_id == tx.municipality_id, Statement.person_id == carriage.before
    statement = update(Statement).where(*own, Statement.kind.not_in(("merge", "unmerge")))
    if codes is not None:
        statement = statement.where(Statement.code_index.in_(codes))
    await tx.session.execute(statement.values(person_id=carriage.after).execution_options(**_SILENT))


async def _carry_rest(tx: Transaction, carriage: Carriage) -> dict[str, list[str]]:
    columns = {"membership": Membership.person_id, "household_member": HouseholdMember.person_id}
    carried = {name: await carry(tx, carriage, name, column) for name, column in columns.items()}
    return carried | {"relation": await carry_relations(tx, carriage)}


async def _codes_at(tx: Transaction, homes: Collection[UUID]) -> set[bytes]:
    home = func.coalesce(PersonCode.home_id, PersonCode.person_id)
    query = select(PersonCode.code_index).where(PersonCode.municipality_id == tx.municipality_id, home.in_(homes))
    return set(await tx.session.scalars(query))

"""Which rules depend on what: kept with each published version, and brought up to date when a group is defined anew."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import delete, select

from amis.concessions.models import Concession
from amis.granting import rulebook, suspension_store
from amis.granting.models import GrantRule, RuleRead, RuleVersion
from amis.kernel.db import Transaction
from amis.kernel.models import STATE


async def write_reads(tx: Transaction, row: RuleVersion) -> None:
    """Keeps what a version depends on, its policies included, and through groups by condition."""
    code = await tx.session.scalar(
        select(Concession.code)
        .join(GrantRule, GrantRule.concession_id == Concession.id)
        .where(GrantRule.id == row.rule_id)
    )
    assert code is not None  # the database keeps no rule without its concession
    words = await rulebook.vocabulary(tx)
    condition = rulebook.version_of(row, code, words).condition
    await tx.session.execute(delete(RuleRead).where(RuleRead.rule_id == row.rule_id, RuleRead.version == row.version))
    tx.session.add_all(
        RuleRead(rule_id=row.rule_id, version=row.version, kind=kind, via=via, municipality_id=tx.municipality_id)
        for kind, via in sorted(rulebook.reads_by_path(condition, words))
    )
    await tx.session.flush()


async def rules_reading(tx: Transaction, kinds: Collection[str]) -> list[UUID]:
    """The rules, own and the state's, of which a published version depends on any of these."""
    query = (
        select(RuleRead.rule_id)
        .distinct()
        .where(RuleRead.municipality_id.in_({STATE, tx.municipality_id}), RuleRead.kind.in_(kinds))
    )
    return list(await tx.session.scalars(query.order_by(RuleRead.rule_id)))


async def rules_concerned(tx: Transaction, kinds: Collection[str]) -> list[UUID]:
    """The rules that follow when any of these changes: those reading it, and those resting except for who meets it."""
    words = await rulebook.vocabulary(tx)
    found = set(await rules_reading(tx, kinds))
    for order in await suspension_store.orders(tx):
        if any(not rulebook.read_kinds(one.condition, words).isdisjoint(kinds) for one in order.exemptions):
            found |= set(await suspension_store.rules_of(tx, order))
    return sorted(found)


async def read_anew(tx: Transaction, rule_ids: Collection[UUID]) -> None:
    """Brings up to date what the acting municipality's own versions depend on, as a group now says something else."""
    rows = await tx.session.scalars(
        select(RuleVersion).where(
            RuleVersion.municipality_id == tx.municipality_id,
            RuleVersion.rule_id.in_(rule_ids),
            RuleVersion.published_at.is_not(None),
        )
    )
    for row in rows.all():
        await write_reads(tx, row)
    rulebook.forget_rules(tx)

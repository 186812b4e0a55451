"""Two persons who turn out to be one, and one who turns out to be two.

Sources say of two codes that they are of one person (`merge`) or are not (`unmerge`). A pair is one person while some
record says so and none says the contrary. Whoever's code was merged is kept as an alias of the other: a tree, whose
root has everything of all. Parting cuts the tree, and each side takes what is its own: what sources state in the name
of its codes, and what the merge brought along that no source owns.

What has a person, and where it goes:
    facts with their whole history, memberships, relations, household stays, codes, statements: to the root
    applications, tokens, applications for tokens (each room carries its own): to the root
    photos, uses, quota counters of the past, logs, the audit trail: stay with the id under which they came about
    entitlements: are granted anew to the root, none to an alias
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, text
from sqlalchemy.orm import aliased

from amis.kernel import audit
from amis.kernel.db import Transaction
from amis.kernel.ids import new_id
from amis.register import store
from amis.register.codes import hand_over
from amis.register.errors import PersonErased
from amis.register.models import Person, PersonCode, PersonMerge, Statement

_UNDO = """
UPDATE person_merge SET from_id = :root, to_id = merged_id, xid = pg_current_xact_id(), undone_at = :at WHERE id = :id
"""


_Home = ColumnElement[UUID]


@dataclass(frozen=True, slots=True)
class Pair:
    """Whose codes a record names as one person's: the one kept, the one merged."""

    kept: UUID
    merged: UUID


async def is_one(tx: Transaction, pair: Pair) -> bool:
    """Whether some record says that they are one person, and none that they are two."""
    kinds = {kind for kind, said in await _said(tx, _both(pair)) if _both(said) == _both(pair)}
    return "merge" in kinds and "unmerge" not in kinds


async def pairs_of(tx: Transaction, homes: Collection[UUID]) -> list[Pair]:
    """The pairs with one of these persons that are one person by what records say, in one order."""
    said = await _said(tx, homes)
    parted = [_both(pair) for kind, pair in said if kind == "unmerge"]
    return [pair for kind, pair in said if kind == "merge" and _both(pair) not in parted]


def _both(pair: Pair) -> set[UUID]:
    return {pair.kept, pair.merged}


async def pairs_said(tx: Transaction, source: str, record_id: str) -> list[Pair]:
    """The pair that a record is about, if it is about one."""
    of_record = (Statement.source == source) & (Statement.record_id == record_id)
    return [pair for _, pair in await _told(tx, lambda _kept, _merged: of_record)]


async def _said(tx: Transaction, homes: Collection[UUID]) -> list[tuple[str, Pair]]:
    """What stands of pairs with one of these persons: the kind of statement, and the pair."""
    return await _told(tx, lambda kept, merged: kept.in_(homes) | merged.in_(homes))


async def _told(tx: Transaction, which: Callable[[_Home, _Home], ColumnElement[bool]]) -> list[tuple[str, Pair]]:
    one, other = aliased(PersonCode), aliased(PersonCode)
    kept, merged = func.coalesce(one.home_id, one.person_id), func.coalesce(other.home_id, other.person_id)
    query = (
        select(Statement.kind, kept, merged)
        .join(one, (one.municipality_id == Statement.municipality_id) & (one.code_index == Statement.code_index))
        .join(other, (other.municipality_id == Statement.municipality_id) & (other.code_index == Statement.other_index))
        .where(
            Statement.municipality_id == tx.municipality_id,
            Statement.kind.in_(("merge", "unmerge")),
            which(kept, merged),
        )
        .order_by(Statement.source, Statement.record_id)
    )
    return [(kind, Pair(one_id, other_id)) for kind, one_id, other_id in await tx.session.execute(query)]


async def merge(tx: Transaction, pair: Pair, record: tuple[str, str]) -> PersonMerge | None:
    """Lets whoever has the merged code be an alias of the other from now on; None where they are one already.

    Codes go along; the rooms carry what else there is (`from_id`, `to_id`) and note it in `moved`.

    Raises:
        PersonErased
    """
    kept, merged = await _roots(tx, pair)
    if kept.id == merged.id:
        return None
    if kept.erased_at is not None or merged.erased_at is not None:
        raise PersonErased
    edge = PersonMerge(
        id=new_id(),
        municipality_id=tx.municipality_id,
        kept_id=pair.kept,
        merged_id=merged.id,
        kept_home=pair.kept,
        merged_home=pair.merged,
        source=record[0],
        record_id=record[1],
        at=tx.at,
        moved={},
        from_id=merged.id,
        to_id=kept.id,
    )
    tx.session.add(edge)
    merged.merged_into = pair.kept
    if kept.born is None and merged.born is not None:
        kept.born, edge.moved = merged.born, {"born": [kept.id.hex]}
    await tx.session.flush()
    await hand_over(tx, merged, kept, await store.also_known_as(tx, merged.id))
    await _audited(tx, "person.merge", edge)
    return edge


async def part(tx: Transaction, edge: PersonMerge) -> Collection[PersonMerge]:
    """Lets the merged person stand for themselves again, with their own aliases and the codes of all of them.

    Returns the edge and those of the aliases: what their `moved` list is to be carried back, from `edge.from_id` to
    `edge.to_id`.
    """
    root = await store.standing_for(tx, edge.kept_id)
    kept, merged = await _locked(tx, root, edge.merged_id)
    aliases = await store.also_known_as(tx, merged.id)
    merged.merged_into = None
    await tx.session.flush()
    await tx.session.execute(text(_UNDO), {"root": root, "at": tx.at, "id": edge.id})
    await tx.session.refresh(edge)
    if "born" in edge.moved and kept.id.hex in edge.moved["born"]:
        kept.born = None
    await hand_over(tx, kept, merged, aliases)
    await _audited(tx, "person.unmerge", edge)
    return [edge, *await _edges(tx, aliases)]


async def edge_of(tx: Transaction, pair: Pair) -> PersonMerge | None:
    """The merge that joined this pair, in whichever direction."""
    both = _both(pair)
    query = select(PersonMerge).where(
        PersonMerge.municipality_id == tx.municipality_id,
        PersonMerge.kept_home.in_(both),
        PersonMerge.merged_home.in_(both),
        PersonMerge.undone_at.is_(None),
    )
    return await tx.session.scalar(query.execution_options(populate_existing=True))


async def _edges(tx: Transaction, persons: Collection[UUID]) -> list[PersonMerge]:
    query = select(PersonMerge).where(
        PersonMerge.municipality_id == tx.municipality_id,
        PersonMerge.merged_id.in_(persons),
        PersonMerge.undone_at.is_(None),
    )
    return list(await tx.session.scalars(query.order_by(PersonMerge.id)))


async def _roots(tx: Transaction, pair: Pair) -> tuple[Person, Person]:
    """Who stands for each of the two, locked."""
    while True:
        roots = await store.standing_for(tx, pair.kept), await store.standing_for(tx, pair.merged)
        kept, merged = await _locked(tx, *roots)
        # whoever merged them while we waited has changed who stands for whom
        if kept.merged_into is None and merged.merged_into is None:
            return kept, merged


async def _locked(tx: Transaction, one: UUID, other: UUID) -> tuple[Person, Person]:
    found = {person.id: person for person in await store.lock_persons(tx, {one, other})}
    return found[one], found[other]


async def _audited(tx: Transaction, action: str, edge: PersonMerge) -> None:
    after = {"kept": str(edge.kept_id), "merged": str(edge.merged_id), "record": f"{edge.source}/{edge.record_id}"}
    await audit.record(tx, action, ("person", edge.kept_id), after=after)
    await audit.record(tx, action, ("person", edge.merged_id), after=after)

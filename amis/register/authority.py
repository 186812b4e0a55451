"""Whose word counts: of a person and a kind of fact the best-ranked source that says anything there speaks alone.

A kind without ranks is open to every source. A source without a rank comes after all that have one: what it said before
the ranks were set counts where none of them speaks. Whatever does not count is kept and counts again later.
"""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy import delete, select, text

from amis.kernel import audit
from amis.kernel.db import Transaction
from amis.register.errors import FactKindUnknown, RanksInvalid
from amis.register.models import SourceRank
from amis.register.words import vocabulary

_RANKS = "register.ranks"
_MOST = 20
_RECKON = """
WITH judged AS (
    SELECT stated.id, stated.person_id, coalesce(ranked.rank, 1000) > min(coalesce(ranked.rank, 1000)) OVER (
        PARTITION BY stated.person_id, stated.kind) AS outdone
    FROM fact AS stated LEFT JOIN source_rank AS ranked ON ranked.municipality_id = stated.municipality_id
        AND ranked.kind = stated.kind AND ranked.source = stated.source
    WHERE stated.municipality_id = :own AND stated.recorded_to IS NULL AND stated.kind = ANY(:kinds){whose}
)
UPDATE fact SET shadowed = judged.outdone FROM judged
WHERE fact.id = judged.id AND fact.shadowed <> judged.outdone RETURNING fact.person_id
"""
_OF_SOME = _RECKON.format(whose=" AND stated.person_id = ANY(:persons)")
_OF_ALL = _RECKON.format(whose="")


async def ranks(tx: Transaction) -> Mapping[str, tuple[str, ...]]:
    """The ranked kinds of fact with their sources, most trusted first; read once in a transaction."""
    if _RANKS not in tx.session.info:
        rows = await tx.session.execute(
            select(SourceRank.kind, SourceRank.source)
            .where(SourceRank.municipality_id == tx.municipality_id)
            .order_by(SourceRank.kind, SourceRank.rank)
        )
        found: dict[str, tuple[str, ...]] = {}
        for kind, source in rows:
            found[kind] = (*found.get(kind, ()), source)
        tx.session.info[_RANKS] = found
    known: Mapping[str, tuple[str, ...]] = tx.session.info[_RANKS]
    return known


async def reckon(tx: Transaction, persons: Sequence[UUID], kinds: Collection[str] | None = None) -> set[UUID]:
    """Lets the best-ranked source of each of these locked persons speak alone; for whom that changed anything.

    To be asked whenever facts of a person were recorded, withdrawn or moved, and before rights are compared. Kinds
    without ranks, and None = whichever are ranked, cost nothing where nothing is ranked.
    """
    ranked = await ranks(tx)
    asked = sorted(ranked if kinds is None else ranked.keys() & set(kinds))
    if not asked or not persons:
        return set()
    return await _reckoned(tx, _OF_SOME, {"kinds": asked, "persons": list(persons)})


async def set_ranks(tx: Transaction, kind: str, sources: Sequence[str]) -> set[UUID]:
    """Ranks the sources of a kind, most trusted first; none opens it to all. For whom that changed anything.

    Nobody may be regranted meanwhile, and those persons are to be regranted afterwards.

    Raises:
        FactKindUnknown, RanksInvalid
    """
    named = [source.strip() for source in sources]
    if kind not in (await vocabulary(tx)).facts:
        raise FactKindUnknown(kind, pointer="/kind")
    if not all(named) or len(set(named)) != len(named) or len(named) > _MOST:
        raise RanksInvalid(pointer="/sources")
    before = (await ranks(tx)).get(kind, ())
    await _write(tx, kind, named)
    changed = await _reckoned(tx, _OF_ALL, {"kinds": [kind]})
    shown = {"sources": list(before)}, {"sources": named, "persons": len(changed)}
    await audit.record(tx, "source_rank.set", ("fact_kind", kind), before=shown[0], after=shown[1])
    return changed


async def _write(tx: Transaction, kind: str, sources: Sequence[str]) -> None:
    own = SourceRank.municipality_id == tx.municipality_id
    await tx.session.execute(delete(SourceRank).where(own, SourceRank.kind == kind))
    tx.session.add_all(
        SourceRank(municipality_id=tx.municipality_id, kind=kind, source=source, rank=rank)
        for rank, source in enumerate(sources)
    )
    await tx.session.flush()
    tx.session.info.pop(_RANKS, None)


async def _reckoned(tx: Transaction, statement: str, values: dict[str, object]) -> set[UUID]:
    await tx.session.flush()
    return set(await tx.session.scalars(text(statement), {"own": tx.municipality_id} | values))

"""Which sources may state a kind of fact here, as the reading of a notice wants it."""

from collections.abc import Sequence

from sqlalchemy import select

from amis.granting.kinship import SOURCE as CLERK
from amis.granting.service import Cause, rank_and_regrant
from amis.intake.errors import SenderUnknown
from amis.intake.models import Sender
from amis.kernel.db import Transaction
from amis.register.store import ranks
from sync.mapping import Authority, Mapping


async def authority_of(tx: Transaction, mapping: Mapping) -> Authority:
    """Who has a say in what this source's table names: those with a rank, and where nobody has one the source itself.

    Whose facts in the end count where several have said something is reckoned by `register.authority`.
    """
    ranked = await ranks(tx)
    kinds = {meaning.fact for meaning in mapping.statuses.values()}
    return Authority({kind: ranked.get(kind, (mapping.source,)) for kind in kinds})


async def rank_sources(tx: Transaction, kind: str, sources: Sequence[str]) -> int:
    """Ranks senders, and clerks by the word `clerk`, of a kind of fact; how many rights changed. None opens the kind.

    Raises:
        SenderUnknown, FactKindUnknown, RanksInvalid
    """
    known = set(await tx.session.scalars(select(Sender.source).where(Sender.municipality_id == tx.municipality_id)))
    strangers = [source for source in sources if source not in known | {CLERK}]
    if strangers:
        raise SenderUnknown(", ".join(strangers), pointer="/sources")
    return await rank_and_regrant(tx, kind, sources, Cause("ranks", kind))

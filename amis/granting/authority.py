"""Ranks of sources: whoever is believed of a kind of fact from now on, rights follow in the same transaction."""

from collections.abc import Sequence

from amis.granting import rulebook
from amis.granting.reading import rules_concerned
from amis.granting.regranting import Cause
from amis.granting.wholesale import regrant_everybody
from amis.kernel.db import Transaction
from amis.register import service as register


async def rank_and_regrant(tx: Transaction, kind: str, sources: Sequence[str], cause: Cause) -> int:
    """Ranks the sources of a kind, most trusted first, none = open to all; how many rights changed.

    Raises:
        FactKindUnknown, RanksInvalid
    """
    await rulebook.hold_regranting(tx)
    if not await register.set_ranks(tx, kind, sources):
        return 0
    rules = await rules_concerned(tx, {kind})
    return await regrant_everybody(tx, cause, only=rules) if rules else 0

"""How far a change of a token has come: is it dead at every terminal, and which ones do not know yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from uuid import UUID

from sqlalchemy import text

from amis.kernel.db import Transaction


@dataclass(frozen=True, slots=True)
class LastChange:
    """The last change of a token that terminals are told: when, and under which number; None = not published yet."""

    at: datetime
    status: int
    seq: int | None
    published_at: datetime | None


@dataclass(frozen=True, slots=True)
class TerminalReach:
    """A terminal that does not hold the change: what it holds, None = nothing that it told of.

    Without a label it is a terminal of another municipality.
    """

    id: UUID
    label: str
    place: str
    state: str
    seen_at: datetime | None
    held: int | None


@dataclass(frozen=True, slots=True)
class ProviderReach:
    """Of a provider's terminals, how many hold the change and which do not."""

    name: str
    terminals: int
    missing: tuple[TerminalReach, ...]

    @property
    def holding(self) -> int:
        """How many hold it."""
        return self.terminals - len(self.missing)


_LAST = """
SELECT change.at, change.status, change.seq, (
    SELECT min(version.at) FROM bundle_version AS version WHERE version.seq = change.seq
) AS published_at
FROM status_change AS change
WHERE change.municipality_id = :municipality AND change.token_id = :token ORDER BY change.id DESC LIMIT 1
"""


async def last_change(tx: Transaction, token_id: UUID) -> LastChange | None:
    """The last change of the token's status, None where it was valid from its first day."""
    asked = {"municipality": tx.municipality_id, "token": token_id}
    row = (await tx.session.execute(text(_LAST), asked)).mappings().one_or_none()
    return None if row is None else LastChange(**row)


async def reach(tx: Transaction, seq: int) -> Sequence[ProviderReach]:
    """How far the change `seq` has come, by provider; terminals that are revoked or not paired yet do not count."""
    rows = (await tx.session.execute(text("SELECT * FROM bundle_reach(:seq)"), {"seq": seq})).mappings().all()
    found = []
    for name, group in groupby(rows, key=lambda row: row["provider"]):
        terminals = list(group)
        missing = tuple(
            TerminalReach(row["id"], row["label"], row["place"], row["state"], row["seen_at"], row["held"])
            for row in terminals
            if not row["holds"]
        )
        found.append(ProviderReach(name, len(terminals), missing))
    return found

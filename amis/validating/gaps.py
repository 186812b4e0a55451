"""The numbers of taps that never came: what a terminal counted, against what is recorded of it."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text

from amis.kernel.db import Transaction

NEWEST = 20_000
"""So many of the newest taps of each terminal are looked through."""
ALL_TOGETHER = 1_000
"""So many where all terminals are asked about at once."""


@dataclass(frozen=True, slots=True)
class JournalSeen:
    """One pairing of a terminal: its numbers `first` to `last`, of which `known` have come and `missing` have not.

    `missing` are pairs (first, last), inclusive. `head_seq` and `head_hash` (hex) are the end of the chain of uploaded
    lines as we hold it; `reported_seq`, `reported_hash` and `waiting` what the terminal said last, None where it has
    not. `behind`: it has lines that we have not.
    """

    terminal_id: UUID
    terminal: str
    pairing: int
    first: int
    last: int
    known: int
    missing: tuple[tuple[int, int], ...]
    head_seq: int | None
    head_hash: str | None
    reported_seq: int | None
    reported_hash: str | None
    waiting: int | None

    @property
    def behind(self) -> bool:
        """Whether the terminal told of a later end of its journal, or of events that wait."""
        return bool(self.waiting) or (self.reported_hash is not None and self.reported_hash != self.head_hash)


_GAPS = """
SELECT seen.terminal_id, coalesce(machine.label, '') AS terminal, seen.pairing, seen.first, seen.last, seen.known,
    (SELECT coalesce(json_agg(json_build_array(lower(part), upper(part) - 1) ORDER BY part), '[]')
        FROM unnest(seen.missing) AS part) AS missing,
    head.seq AS head_seq, encode(head.hash, 'hex') AS head_hash,
    told.journal_seq AS reported_seq, encode(told.journal_hash, 'hex') AS reported_hash, told.waiting
FROM terminal_gaps(:terminal, :newest) AS seen
    LEFT JOIN machine ON machine.id = seen.terminal_id
    LEFT JOIN journal_head AS head ON head.terminal_id = seen.terminal_id AND head.pairing = seen.pairing
    LEFT JOIN terminal_presence AS told ON told.terminal_id = seen.terminal_id AND machine.pairing = seen.pairing
ORDER BY machine.label, seen.terminal_id, seen.pairing DESC
"""


async def gap_report(tx: Transaction, terminal: UUID | None = None) -> list[JournalSeen]:
    """The journals of one terminal, or of all, newest pairing first."""
    asked = {"terminal": terminal, "newest": ALL_TOGETHER if terminal is None else NEWEST}
    rows = (await tx.session.execute(text(_GAPS), asked)).mappings()
    return [JournalSeen(**{**row, "missing": tuple((low, high) for low, high in row["missing"])}) for row in rows]

"""What an uploaded list would do, row by row, and the rows as the importer is given them.

A list of people seldom has record numbers and versions. A record is then what is said of a person in one status from
one first day, named by a keyed digest, and its version is the millisecond at which the file came. A row that says just
what is known keeps the version it has, so that the same list sent again changes nothing and another one wins.
"""

from collections.abc import Mapping as ReadOnly
from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import text

from amis.intake.authority import authority_of
from amis.intake.checking import is_mass_change
from amis.intake.models import Sender
from amis.kernel.db import Transaction
from amis.kernel.keys import INDEX, keystore
from amis.kernel.sealed import blind_index
from sync.mapping import Authority, Mapping, mapping_from_json, translate
from sync.notice import Notice, Op, StatusFact
from sync.order import LedgerEntry, entry_of, snapshot_verdict, verdict
from sync.profile import Given, Line, Profile
from sync.rows import FACT, RawRow, read_row, to_line
from sync.verdict import RowError, Verdict

_KNOWN = text("""
SELECT record_id, version, op, digest, absent_as_of FROM notice
WHERE municipality_id = :own AND source = :source AND record_id = ANY(CAST(:names AS text[]))
""")
_STANDING = text("""
SELECT count(*), count(*) FILTER (WHERE version <= CAST(:as_of AS int8)) FROM notice
WHERE municipality_id = :own AND source = :source AND op = 'upsert' AND of_status
""")


@dataclass(frozen=True, slots=True, repr=False)
class Judged:
    """A row with what would become of it, if nothing else comes before it."""

    line: Line
    verdict: Verdict
    error: RowError | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Prospect:
    """All rows; of a whole list also its point, what it would withdraw, and whether somebody would have to decide."""

    rows: Sequence[Judged]
    as_of: int | None
    standing: int
    withdrawn: int
    held: bool

    def content(self) -> bytes:
        """The rows as NDJSON."""
        return b"".join(to_line(self._stated(row)) for row in self.rows)

    def _stated(self, row: Judged) -> dict[str, Any]:
        # A bad row that does not say which record it is about may be about any: none may be missing for its sake.
        if self.as_of is None or row.error is None or not row.line.anonymous:
            return row.line.data
        return {name: value for name, value in row.line.data.items() if name != "record_id"}


@dataclass(frozen=True, slots=True)
class Known:
    """What rows are judged by: the table of the source, who has a say, its ledger, its floor, the key of digests."""

    mapping: Mapping
    authority: Authority
    ledger: ReadOnly[str, LedgerEntry]
    floor: int | None
    key: bytes


def given_for(sender: Sender, received_at: datetime) -> Given:
    """What the rows of a list say nothing of."""
    own, source = sender.municipality_id, sender.source

    def named(about: str) -> str:
        return f"u-{blind_index(own, 'upload', f'{source}|{about}').hex()}"

    version = int(received_at.timestamp() * 1000)
    return Given([*sender.mapping["statuses"]], sender.label, version, named)


async def known_of(tx: Transaction, sender: Sender, lines: Sequence[Line]) -> Known:
    """What is known of the records that these rows name."""
    mapping = mapping_from_json(sender.mapping)
    names = [str(line.data["record_id"]) for line in lines]
    asked = {"own": tx.municipality_id, "source": sender.source, "names": names}
    found = (await tx.session.execute(_KNOWN, asked)).all()
    ledger = {row[0]: LedgerEntry(row[1], Op(row[2]), row[3], row[4]) for row in found}
    key = keystore().mac(INDEX, f"{tx.municipality_id}|notice".encode())
    return Known(mapping, await authority_of(tx, mapping), ledger, sender.snapshot_as_of, key)


def judged(lines: Sequence[Line], known: Known, as_of: int | None) -> list[Judged]:
    """Each row with its verdict, in their order; a pure function."""
    ledger = dict(known.ledger)
    return [_judged(line, known, ledger, as_of) for line in lines]


def point_of(profile: Profile, given: Given, lines: Sequence[Line]) -> int | None:
    """When a whole list was taken: at its highest version, where rows have one, else when it came."""
    if profile.kind == "delta":
        return None
    versions = [line.data["version"] for line in lines if line.versioned and isinstance(line.data["version"], int)]
    return max(versions, default=given.version)


async def prospect(
    tx: Transaction, sender: Sender, rows: Sequence[Judged], known: Known, as_of: int | None
) -> Prospect:
    """What the rows would do together."""
    if as_of is None:
        return Prospect(rows, None, 0, 0, held=False)
    asked = {"own": tx.municipality_id, "source": sender.source, "as_of": as_of}
    standing, below = (await tx.session.execute(_STANDING, asked)).one()
    withdrawn = below - _named(rows, known, as_of)
    unnamed = any(row.error is not None and row.line.anonymous for row in rows)
    held = is_mass_change(withdrawn, standing) or (unnamed and withdrawn > 0)
    return Prospect(rows, as_of, standing, withdrawn, held=held)


def _named(rows: Sequence[Judged], known: Known, as_of: int) -> int:
    """Standing records that the list names: those would not be withdrawn."""
    sure = {row.line.data["record_id"] for row in rows if row.error is None or not row.line.anonymous}
    return sum(
        name in sure and entry.op is Op.UPSERT and entry.version <= as_of for name, entry in known.ledger.items()
    )


def _judged(line: Line, known: Known, ledger: MutableMapping[str, LedgerEntry], as_of: int | None) -> Judged:
    stated = read_row(RawRow(line.number, to_line(line.data)))
    if isinstance(stated, RowError):
        return Judged(line, Verdict.REJECTED, stated)
    said = translate(known.mapping, known.authority, Notice("", known.mapping.source, FACT, None, stated))
    if isinstance(said, RowError):
        return Judged(line, Verdict.REJECTED, said)
    stated = _settled(line, stated, known)
    if stated.version != line.data["version"]:
        line = replace(line, data=line.data | {"version": stated.version})
    return Judged(line, _verdict(stated, known, ledger, as_of))


def _verdict(stated: StatusFact, known: Known, ledger: MutableMapping[str, LedgerEntry], as_of: int | None) -> Verdict:
    before, entry = ledger.get(stated.record_id), entry_of(stated, known.key)
    if as_of is None:
        found = verdict(before, entry, known.floor)
    else:
        found = snapshot_verdict(before, entry, as_of, known.floor)
    if found is Verdict.APPLIED:
        ledger[stated.record_id] = entry
    return found


def _settled(line: Line, stated: StatusFact, known: Known) -> StatusFact:
    """The row under the version that it has already, if it says the same and none of its own."""
    before = known.ledger.get(stated.record_id)
    if line.versioned or before is None or before.absent_as_of is not None:
        return stated
    repeated = replace(stated, version=before.version)
    return repeated if entry_of(repeated, known.key).digest == before.digest else stated

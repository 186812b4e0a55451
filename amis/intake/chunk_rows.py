"""The rows of a chunk as they are staged: read, digested and translated beforehand, without the database.

All this is a pure function, so that the next chunk can be made ready while PostgreSQL works on this one.
"""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from amis.intake.moving import full_name
from amis.kernel.keys import INDEX, keystore
from amis.kernel.sealed import blind_index
from sync import personal_code
from sync.mapping import Authority, Mapping, StatedFact, translate
from sync.notice import DecisionRef, Notice, Op, StatusFact
from sync.order import entry_of
from sync.verdict import RowError

COLUMNS = {
    "n": "int4",
    "nth": "int4",
    "row_no": "int8",
    "type": "text",
    "sent_at": "timestamptz",
    "error": "text",
    "pointer": "text",
    "record_id": "text",
    "version": "int8",
    "op": "text",
    "digest": "bytea",
    "code_index": "bytea",
    "kind": "text",
    "value": "text",
    "valid_from": "date",
    "valid_to": "date",
    "decision": "text",
    "born": "date",
    "misborn": "bool",
    "named": "bool",
}
"""The columns of the table `staged` and their types.

`n` counts the rows of the chunk, `nth` is the round in which it is taken (0 = refused before it was looked up);
`error` and `pointer` are of rows that cannot be read or translated.
"""


@dataclass(frozen=True, slots=True, repr=False)
class Row:
    """One row of a batch: its number, what it says or why it cannot be read, and its bytes as they came."""

    number: int
    notice: Notice | RowError
    raw: bytes


@dataclass(frozen=True, slots=True)
class Lot:
    """What all rows of a batch have in common; `as_of` is that of a snapshot, `floor` the highest one taken before.

    `key_id` is the pairing of the machine that sent it, `received_at` when the whole of it had arrived.
    """

    sender_id: UUID
    source: str
    mapping: Mapping
    authority: Authority
    batch_id: UUID
    key_id: UUID | None
    as_of: int | None
    floor: int | None
    received_at: datetime


@dataclass(frozen=True, slots=True, repr=False)
class Stated:
    """Whom a row names, in clear: needed only where the person is new or not known in full."""

    digits: str
    name: str | None
    born: date | None


@dataclass(slots=True, repr=False)
class Prepared:
    """A chunk ready to be applied: by number of the row its columns, whom it names and its bytes."""

    staged: list[tuple[Any, ...]] = field(default_factory=list)
    stated: list[Stated | None] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    rounds: int = 0
    """A round has one row of a record, and no row of a person comes before one that stood before it."""


def prepare(municipality_id: int, lot: Lot, rows: Sequence[Row]) -> Prepared:
    """The rows as they will be staged, in their order."""
    made, of_record, of_person = Prepared(), Counter[str](), Counter[bytes]()
    key = keystore().mac(INDEX, f"{municipality_id}|notice".encode())
    for n, row in enumerate(rows):
        made.raw.append(row.raw)
        said = row.notice if isinstance(row.notice, RowError) else translate(lot.mapping, lot.authority, row.notice)
        if isinstance(said, RowError):
            made.stated.append(None)
            made.staged.append(_refused(n, row, said))
            continue
        data = row.notice.data  # type: ignore[union-attr]  # what was translated is a notice
        assert isinstance(data, StatusFact)
        stated, misborn = _stated(said)
        index = blind_index(municipality_id, "code", stated.digits)
        nth = max(of_record[data.record_id] + 1, of_person[index])
        of_record[data.record_id] = of_person[index] = nth
        made.rounds = max(made.rounds, nth)
        about = (entry_of(data, key).digest, index, *_fact(said), stated.born, misborn, stated.name is not None)
        made.stated.append(stated)
        made.staged.append((*_arrived(n, nth, row), None, None, *_record(data), *about))
    return made


def _arrived(n: int, nth: int, row: Row) -> tuple[Any, ...]:
    known = row.notice if isinstance(row.notice, Notice) else None
    return n, nth, row.number, known and known.type, known and known.time


def _record(data: StatusFact) -> tuple[str, int, str]:
    return data.record_id, data.version, data.op.value


def _refused(n: int, row: Row, error: RowError) -> tuple[Any, ...]:
    data = row.notice.data if isinstance(row.notice, Notice) else None
    record = _record(data) if isinstance(data, StatusFact) else (None, None, None)
    return (*_arrived(n, 0, row), error.code.value, error.pointer, *record, *(None,) * 10)


def _fact(said: StatedFact) -> tuple[Any, ...]:
    data = said.stated
    return said.fact, said.value, data.valid_from, data.valid_until, _decision(data.decision)


def _decision(decision: DecisionRef | None) -> str | None:
    if decision is None:
        return None
    named = {"number": decision.number, "date": decision.date.isoformat(), "authority": decision.authority}
    return json.dumps(named, ensure_ascii=False)


def _stated(said: StatedFact) -> tuple[Stated, bool]:
    """Whom the row names, and whether the birth date stated contradicts the code."""
    ref = said.stated.person
    if said.stated.op is Op.WITHDRAW:
        return Stated(ref.code, None, None), False
    told = personal_code.birth_date(ref.code)
    misborn = bool(told and ref.birth_date and told != ref.birth_date)
    return Stated(ref.code, full_name(ref), told or ref.birth_date), misborn

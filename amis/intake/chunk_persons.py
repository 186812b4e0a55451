"""The persons of a chunk whom nobody knows yet, or not in full: the rows that name them are taken in their order."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, LiteralString
from uuid import UUID

from psycopg import AsyncCursor

from amis.intake.chunk_rows import Prepared
from amis.kernel.db import Transaction
from amis.register.newcomers import Newcomer, Sealer, write

_LACKING: LiteralString = """
SELECT judged.n, judged.code_index, judged.person_id, person.subject_key, person.name_sealed IS NOT NULL,
    person.born IS NOT NULL, judged.error, judged.pointer
FROM judged LEFT JOIN person ON person.municipality_id = %(own)s AND person.id = judged.person_id
WHERE judged.nth = %(nth)s AND judged.lacking ORDER BY judged.n
"""
_MISNAMED: LiteralString = """
UPDATE judged SET verdict = 'rejected', error = 'schema.unsupported', pointer = '/data/person' WHERE n = ANY(%s::int4[])
"""
# A withdrawal that came before its person did stays without one.
_ENROLLED: LiteralString = """
UPDATE judged SET person_id = one.id
FROM unnest(%(codes)s::bytea[], %(ids)s::uuid[], %(firsts)s::int4[]) AS one (code_index, id, first)
WHERE judged.nth = %(nth)s AND judged.code_index = one.code_index AND judged.n >= one.first
"""
_HELD: LiteralString = "INSERT INTO held SELECT unnest(%s::uuid[])"
_BIRTH = "/data/person/birth_date"


@dataclass(slots=True, repr=False)
class _Known:
    """What is known of a person while the rows go by; `first` is the row that made them known."""

    id: UUID | None
    subject_key: bytes | None
    named: bool
    born: bool
    first: int | None = None
    digits: str = ""
    name: str | None = None
    birth: date | None = None


@dataclass(slots=True)
class People:
    """Who came new in a chunk, and of whom the birth date was not known before."""

    sealer: Sealer
    newcomers: set[UUID] = field(default_factory=set)
    reborn: set[UUID] = field(default_factory=set)

    async def complete(
        self, tx: Transaction, cursor: AsyncCursor[Any], prepared: Prepared, given: dict[str, object]
    ) -> None:
        """Enrols and completes the persons of one round."""
        await cursor.execute(_LACKING, given)
        found = await cursor.fetchall()
        if not found:
            return
        known, misnamed = self._gone_through(prepared, found)
        made = {index: self._made(one, index) for index, one in known.items() if one.first is not None}
        await write(tx, cursor, made.values())
        await cursor.execute(_MISNAMED, (misnamed,))
        enrolled = {index: one for index, one in made.items() if one.code_index}
        firsts = [known[index].first for index in enrolled]
        ids = [one.id for one in enrolled.values()]
        await cursor.execute(_ENROLLED, given | {"codes": list(enrolled), "ids": ids, "firsts": firsts})
        await cursor.execute(_HELD, (ids,))

    def _made(self, one: _Known, code_index: bytes) -> Newcomer:
        if one.id is None:
            newcomer = self.sealer.newcomer(one.digits, code_index, one.name, one.birth)
            self.newcomers.add(newcomer.id)
            return newcomer
        if one.birth is not None:
            self.reborn.add(one.id)
        return self.sealer.completion(one.id, one.subject_key or b"", one.name, one.birth)

    def _gone_through(
        self, prepared: Prepared, found: Sequence[tuple[Any, ...]]
    ) -> tuple[dict[bytes, _Known], list[int]]:
        """What each person gets, as the accepted rows come one after the other; and rows whose name is none."""
        known: dict[bytes, _Known] = {}
        misnamed = []
        for n, index, person_id, subject_key, named, born, error, pointer in found:
            person = known.setdefault(index, _Known(person_id, subject_key, named, born))
            stated = prepared.stated[n]
            assert stated is not None
            name = None if person.named else stated.name
            if error is not None and pointer == _BIRTH:
                continue
            if name is not None and not self.sealer.is_usable(name):
                misnamed.append(n)
            elif error is None:
                _add(person, n, stated.digits, name, None if person.born else stated.born)
        return known, misnamed


def _add(person: _Known, n: int, digits: str, name: str | None, born: date | None) -> None:
    if person.first is None and (person.id is None or name is not None or born is not None):
        person.first, person.digits = n, digits
    person.named, person.name = person.named or name is not None, person.name or name
    person.born, person.birth = person.born or born is not None, person.birth or born

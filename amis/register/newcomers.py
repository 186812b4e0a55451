"""Persons written many at once: sealed one by one as `people` seals them, then taken over by a few statements."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, LiteralString, cast
from uuid import UUID

from psycopg import AsyncCursor

from amis.kernel import audit
from amis.kernel.db import Transaction
from amis.kernel.ids import new_id
from amis.kernel.keys import keystore
from amis.kernel.sealed import blind_index, new_subject_key, seal, subject_key
from amis.kernel.staging import copy_rows, run
from amis.register import names
from amis.register.people import LONGEST_NAME

_TABLE: LiteralString = """
CREATE TEMP TABLE newcomer (
    id uuid NOT NULL, code_index bytea, sealed bytea, born date, subject_key bytea, name_sealed bytea, prefixes bytea[]
) ON COMMIT DROP
"""
_COPY: LiteralString = (
    "COPY newcomer (id, code_index, sealed, born, subject_key, name_sealed, prefixes) FROM STDIN WITH (FORMAT binary)"
)
_TYPES = ("uuid", "bytea", "bytea", "date", "bytea", "bytea", "bytea[]")
_PERSONS: LiteralString = """
INSERT INTO person (id, municipality_id, born, subject_key, name_sealed)
SELECT id, %(own)s, born, subject_key, name_sealed FROM newcomer WHERE code_index IS NOT NULL
"""
# In one order, so that two who enrol the same persons meet at the first of them instead of waiting for each other.
_CODES: LiteralString = """
INSERT INTO person_code (municipality_id, code_index, person_id, sealed, current, recorded_at)
SELECT %(own)s, code_index, id, sealed, true, %(at)s FROM newcomer WHERE code_index IS NOT NULL ORDER BY code_index
"""
_COMPLETED: LiteralString = """
UPDATE person SET born = coalesce(person.born, newcomer.born),
    name_sealed = coalesce(person.name_sealed, newcomer.name_sealed)
FROM newcomer WHERE newcomer.code_index IS NULL AND person.municipality_id = %(own)s AND person.id = newcomer.id
"""
_PREFIXES: LiteralString = """
INSERT INTO name_prefix (municipality_id, prefix_index, person_id)
SELECT %(own)s, prefix, id FROM newcomer CROSS JOIN LATERAL unnest(prefixes) AS prefix ORDER BY prefix
"""
_LEAVES: LiteralString = """
SELECT CASE WHEN code_index IS NULL THEN 'person.complete' ELSE 'person.enrol' END AS action,
    'person' AS subject_kind, id::text AS subject_id, NULL::jsonb AS before,
    CASE WHEN code_index IS NULL THEN jsonb_build_object('name', name_sealed IS NOT NULL, 'born', born IS NOT NULL)
        ELSE jsonb_build_object('code', encode(code_index, 'hex')) END AS after
FROM newcomer
"""


@dataclass(frozen=True, slots=True, repr=False)
class Newcomer:
    """A row to be written: a new person, or with `code_index` None what completes one who is known."""

    id: UUID
    code_index: bytes | None
    sealed: bytes | None
    born: date | None
    subject_key: bytes | None
    name_sealed: bytes | None
    prefixes: list[bytes]

    @property
    def columns(self) -> tuple[Any, ...]:
        """As `COPY newcomer` takes it."""
        return (
            self.id,
            self.code_index,
            self.sealed,
            self.born,
            self.subject_key,
            self.name_sealed,
            self.prefixes,
        )


@dataclass(frozen=True, slots=True)
class Sealer:
    """Seals the persons of one municipality; the digests of a word of a name are made once for many who have it."""

    municipality_id: int

    def is_usable(self, name: str) -> bool:
        """Whether a name can be kept, as `people.tidy_name` has it."""
        words = name.split()
        return sum(map(len, words)) + len(words) - 1 <= LONGEST_NAME and any(map(self._digests, words))

    def newcomer(self, digits: str, code_index: bytes, name: str | None, born: date | None) -> Newcomer:
        """Somebody whom nobody knows yet; the name is a usable one."""
        person_id = new_id()
        key, wrapped = new_subject_key(person_id)
        sealed = seal(key, "person_code", "code", code_index.hex(), digits)
        return Newcomer(person_id, code_index, sealed, born, wrapped, *self._named(person_id, key, name))

    def completion(self, person_id: UUID, wrapped: bytes, name: str | None, born: date | None) -> Newcomer:
        """What somebody known lacks; None for what is known already. The name is a usable one."""
        key = b"" if name is None else subject_key(person_id, wrapped)
        return Newcomer(person_id, None, None, born, None, *self._named(person_id, key, name))

    def _named(self, person_id: UUID, key: bytes, name: str | None) -> tuple[bytes | None, list[bytes]]:
        if name is None:
            return None, []
        words = name.split()
        prefixes = frozenset[bytes]().union(*map(self._digests, words))
        return seal(key, "person", "name", person_id, " ".join(words)), list(prefixes)

    def _digests(self, word: str) -> frozenset[bytes]:
        return _digests(cast("Hashable", keystore()), self.municipality_id, word)


# By another key store they would be others; the key itself is never turned over.
@lru_cache(20_000)
def _digests(_keys: Hashable, municipality_id: int, word: str) -> frozenset[bytes]:
    return frozenset(blind_index(municipality_id, "name", prefix) for prefix in names.prefixes(word))


async def write(tx: Transaction, cursor: AsyncCursor[Any], newcomers: Iterable[Newcomer]) -> None:
    """Writes them with their codes, names and leaves of the audit tree.

    Raises:
        psycopg.errors.UniqueViolation: somebody else has enrolled one of them meanwhile; begin the transaction anew.
    """
    await cursor.execute(_TABLE)
    await _copied(cursor, [newcomer.columns for newcomer in newcomers])
    values = {"own": tx.municipality_id, "at": tx.at}
    for statement in (_PERSONS, _CODES, _COMPLETED, _PREFIXES):
        await run(cursor, statement, values)
    await audit.record_rows(tx, cursor, _LEAVES)
    await cursor.execute("DROP TABLE newcomer")


async def _copied(cursor: AsyncCursor[Any], rows: Sequence[tuple[Any, ...]]) -> None:
    await copy_rows(cursor, _COPY, rows, _TYPES)

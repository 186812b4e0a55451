"""Reads of the register: finding persons, opening one, and the facts as the rules want them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select

from amis.kernel import audit
from amis.kernel.db import Transaction
from amis.kernel.errors import PurposeMissing
from amis.kernel.sealed import blind_index, subject_key, unseal
from amis.register import names
from amis.register.authority import ranks
from amis.register.errors import CodeInvalid, PersonMerged, PersonUnknown
from amis.register.kinship import homes_of, housemates, links_of, relatives_touched
from amis.register.knowledge import person_facts
from amis.register.models import Fact, NamePrefix, Person, PersonCode
from amis.register.representation import representatives, represents
from amis.register.words import fact_kinds, forget_vocabulary, group_conditions, vocabulary, words_of_conditions
from sync import personal_code
from sync.errors import PersonalCodeInvalid

MOST_FOUND = 20
"""Persons that a search shows; more than that needs more letters."""

__all__ = [
    "MOST_FOUND",
    "KnownCode",
    "PersonSummary",
    "PersonView",
    "also_known_as",
    "code_of",
    "digits_of",
    "fact_kinds",
    "facts_timeline",
    "find_by_code",
    "forget_vocabulary",
    "get_person",
    "group_conditions",
    "holder_of_record",
    "homes_of",
    "housemates",
    "index_of",
    "links_of",
    "lock_person",
    "lock_persons",
    "name_of",
    "open_person",
    "person_facts",
    "ranks",
    "relatives_touched",
    "representatives",
    "represents",
    "search",
    "standing_for",
    "summaries",
    "vocabulary",
    "words_of_conditions",
]


@dataclass(frozen=True, slots=True, repr=False)
class PersonSummary:
    """A person in a list of results, masked."""

    id: UUID
    name: str
    code: str


@dataclass(frozen=True, slots=True, repr=False)
class KnownCode:
    """One of a person's codes, in clear, and since when it is recorded.

    `merged`: it is that of somebody who turned out to be this person.
    """

    code: str
    current: bool
    recorded_at: datetime
    merged: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class PersonView:
    """An opened person, in clear; `code` and `name` are None once erased or never given."""

    id: UUID
    code_masked: str
    code: str | None
    name: str | None
    born: date | None
    died: date | None
    codes: tuple[KnownCode, ...]


def digits_of(code: str) -> str:
    """The eleven digits of a personal code as typed.

    Raises:
        CodeInvalid
    """
    try:
        return personal_code.parse(code).digits
    except PersonalCodeInvalid as error:
        raise CodeInvalid(str(error), pointer="/code") from error


async def find_by_code(tx: Transaction, code: str) -> UUID | None:
    """The person who has or ever had this code.

    Raises:
        CodeInvalid
    """
    return await tx.session.scalar(
        select(PersonCode.person_id).where(
            PersonCode.municipality_id == tx.municipality_id, PersonCode.code_index == index_of(tx, code)
        )
    )


def index_of(tx: Transaction, code: str) -> bytes:
    """The keyed digest by which a personal code finds its person.

    Raises:
        CodeInvalid
    """
    return blind_index(tx.municipality_id, "code", digits_of(code))


async def standing_for(tx: Transaction, person_id: UUID) -> UUID:
    """Who this id means now: the person themselves, or whoever they turned out to be.

    Raises:
        PersonUnknown
    """
    person = await get_person(tx, person_id)
    while person.merged_into is not None:
        person = await get_person(tx, person.merged_into)
    return person.id


async def also_known_as(tx: Transaction, person_id: UUID) -> set[UUID]:
    """The ids under which this person is kept: their own, and of all who turned out to be them."""
    found, edge = {person_id}, {person_id}
    own = Person.municipality_id == tx.municipality_id
    while edge:
        edge = set(await tx.session.scalars(select(Person.id).where(own, Person.merged_into.in_(edge))))
        found |= edge
    return found


async def holder_of_record(tx: Transaction, source: str, record_id: str) -> UUID | None:
    """The person of whom a source's record has stated something."""
    query = select(Fact.person_id).where(
        Fact.municipality_id == tx.municipality_id, Fact.source == source, Fact.record_id == record_id
    )
    return await tx.session.scalar(query.limit(1))


async def search(tx: Transaction, text: str) -> list[PersonSummary]:
    """Persons by a whole personal code or by the beginnings of names; masked, at most `MOST_FOUND`."""
    if any(char.isdigit() for char in text):
        person_id = await find_by_code(tx, text)
        ids: Sequence[UUID] = [] if person_id is None else [person_id]
        return [summary for summary, _ in await _summaries(tx, ids)]
    found = await _summaries(tx, await _ids_by_name(tx, text))
    return [summary for summary, name in found if names.fits(name, text)]


async def _ids_by_name(tx: Transaction, text: str) -> Sequence[UUID]:
    wanted = {blind_index(tx.municipality_id, "name", needle) for needle in names.needles(text)}
    if not wanted:
        return []
    found = await tx.session.scalars(
        select(NamePrefix.person_id)
        .where(NamePrefix.municipality_id == tx.municipality_id, NamePrefix.prefix_index.in_(wanted))
        .group_by(NamePrefix.person_id)
        .having(func.count() == len(wanted))
        .order_by(NamePrefix.person_id)
        .limit(MOST_FOUND)
    )
    return found.all()


async def summaries(tx: Transaction, ids: Collection[UUID]) -> dict[UUID, PersonSummary]:
    """Persons masked, by id; whose data are erased is left out."""
    return {summary.id: summary for summary, _ in await _summaries(tx, ids)}


async def _summaries(tx: Transaction, ids: Collection[UUID]) -> list[tuple[PersonSummary, str]]:
    rows = await tx.session.execute(
        select(Person, PersonCode)
        .join(PersonCode, (PersonCode.person_id == Person.id) & PersonCode.current)
        .where(Person.municipality_id == tx.municipality_id, Person.id.in_(ids))
    )
    return [_summary(person, code) for person, code in rows]


def _summary(person: Person, code: PersonCode) -> tuple[PersonSummary, str]:
    name = name_of(person) or ""
    masked = personal_code.mask(code_of(person, code))
    return PersonSummary(person.id, names.mask(name), masked), name


def name_of(person: Person) -> str | None:
    """The name in clear; None once erased or never given."""
    if person.subject_key is None or person.name_sealed is None:
        return None
    return unseal(subject_key(person.id, person.subject_key), "person", "name", person.id, person.name_sealed)


def code_of(person: Person, code: PersonCode) -> str:
    """The eleven digits of one of the codes of `person`, in clear."""
    if person.subject_key is None:
        raise PersonUnknown
    return unseal(subject_key(person.id, person.subject_key), "person_code", "code", code.code_index.hex(), code.sealed)


async def get_person(tx: Transaction, person_id: UUID) -> Person:
    """The row of a person, nothing opened.

    Raises:
        PersonUnknown
    """
    person = await tx.session.get(Person, person_id)
    if person is None or person.municipality_id != tx.municipality_id:
        raise PersonUnknown
    return person


async def open_person(tx: Transaction, person_id: UUID, purpose: str) -> PersonView:
    """A person in clear, for a stated purpose; the reading is logged in this very transaction.

    Raises:
        PersonUnknown, PurposeMissing
    """
    if not purpose.strip():
        raise PurposeMissing
    person = await get_person(tx, person_id)
    rows = await tx.session.scalars(
        select(PersonCode)
        .where(PersonCode.municipality_id == tx.municipality_id, PersonCode.person_id == person_id)
        .order_by(PersonCode.current.desc(), PersonCode.recorded_at.desc())
    )
    codes = tuple(_known(person, row) for row in rows)
    await audit.record(tx, "person.read", ("person", person_id), reason=purpose)
    code = codes[0].code if codes else None
    masked = personal_code.mask(code) if code else ""
    return PersonView(person.id, masked, code, name_of(person), person.born, person.died, codes)


def _known(person: Person, row: PersonCode) -> KnownCode:
    merged = row.home_id not in (None, person.id)
    return KnownCode(code_of(person, row), row.current, row.recorded_at, merged)


async def lock_person(tx: Transaction, person_id: UUID) -> Person:
    """Locks a person until the end of the transaction, so that concurrent changes follow one another.

    Raises:
        PersonUnknown, PersonMerged: another person stands for them (`standing_for`).
    """
    person = await tx.session.scalar(
        select(Person)
        .where(Person.municipality_id == tx.municipality_id, Person.id == person_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if person is None:
        raise PersonUnknown
    if person.merged_into is not None:
        raise PersonMerged
    return person


async def lock_persons(tx: Transaction, ids: Collection[UUID]) -> list[Person]:
    """Locks several persons, always in one order, so that two who need the same ones do not wait for each other.

    Raises:
        PersonUnknown: one of them is not there.
    """
    found = await tx.session.scalars(
        select(Person)
        .where(Person.municipality_id == tx.municipality_id, Person.id.in_(ids))
        .order_by(Person.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    persons = list(found)
    if len(persons) != len(set(ids)):
        raise PersonUnknown
    return persons


async def facts_timeline(tx: Transaction, person_id: UUID, *, superseded: bool = False) -> list[Fact]:
    """The facts of a person by kind and first day; `superseded` adds what is no longer believed."""
    query = select(Fact).where(Fact.municipality_id == tx.municipality_id, Fact.person_id == person_id)
    if not superseded:
        query = query.where(Fact.recorded_to.is_(None))
    return list(await tx.session.scalars(query.order_by(Fact.kind, Fact.valid_from, Fact.recorded_from, Fact.id)))

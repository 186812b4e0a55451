"""Writes about the person as such: enrolment, name, erasure."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, select

from amis.kernel import audit, outbox
from amis.kernel.db import Transaction
from amis.kernel.ids import new_id
from amis.kernel.sealed import blind_index, new_subject_key, seal, subject_key
from amis.register import names, store
from amis.register.errors import (
    AlreadyEnrolled,
    BirthDateInvalid,
    NameInvalid,
    PersonErased,
)
from amis.register.models import NamePrefix, Person, PersonCode, Statement
from sync import personal_code

LONGEST_NAME = 200


@dataclass(frozen=True, slots=True, repr=False)
class PersonDraft:
    """Somebody to enrol. The birth date may be left out where the older form of the code tells it."""

    code: str
    name: str | None = None
    born: date | None = None


@dataclass(frozen=True, slots=True)
class Enrolled:
    """Somebody found or created; `news`: no rule has seen the person, or none with this birth date."""

    id: UUID
    news: bool


async def enrol(tx: Transaction, draft: PersonDraft) -> UUID:
    """The person as `find_or_enrol` gives."""
    return (await find_or_enrol(tx, draft)).id


async def find_or_enrol(tx: Transaction, draft: PersonDraft) -> Enrolled:
    """The person with this code, found or created; a name or birth date not known before is added.

    Raises:
        CodeInvalid, NameInvalid, BirthDateInvalid
    """
    digits = store.digits_of(draft.code)
    born = _birth_date(tx, digits, draft.born)
    await one_at_a_time(tx, digits)
    found = await store.find_by_code(tx, digits)
    if found is None:
        return Enrolled(await _create(tx, digits, draft.name, born), news=True)
    return Enrolled(found, news=await _complete(tx, found, draft.name, born))


async def enrol_by_hand(tx: Transaction, draft: PersonDraft) -> UUID:
    """Creates a person whom a clerk entered, and lets the worker look for rights that need no fact.

    Raises:
        AlreadyEnrolled: the code, present or past, is somebody's. Otherwise as `enrol`.
    """
    await one_at_a_time(tx, store.digits_of(draft.code))
    if await store.find_by_code(tx, draft.code) is not None:
        raise AlreadyEnrolled(pointer="/code")
    person_id = await enrol(tx, draft)
    await outbox.publish(tx, "person.enrolled", str(person_id), {"person_id": str(person_id)})
    return person_id


async def one_at_a_time(tx: Transaction, digits: str) -> None:
    """Nobody else looks for, or gives, this code until the transaction ends."""
    # two notices about a new person would both find nobody and both create one
    key = int.from_bytes(blind_index(tx.municipality_id, "code", digits)[:8], signed=True)
    await tx.session.execute(select(func.pg_advisory_xact_lock(key)))


def _birth_date(tx: Transaction, digits: str, stated: date | None) -> date | None:
    told = personal_code.parse(digits).born
    if told and stated and told != stated:
        raise BirthDateInvalid("the code tells another date", pointer="/born")
    born = told or stated
    if born and born > tx.day:
        raise BirthDateInvalid("in the future", pointer="/born")
    return born


async def _create(tx: Transaction, digits: str, name: str | None, born: date | None) -> UUID:
    person_id = new_id()
    key, wrapped = new_subject_key(person_id)
    person = Person(id=person_id, municipality_id=tx.municipality_id, born=born, subject_key=wrapped)
    tx.session.add(person)
    await tx.session.flush()
    tx.session.add(_code_row(tx, person_id, key, digits))
    if name is not None:
        _put_name(tx, person, key, name)
    await tx.session.flush()
    await audit.record(tx, "person.enrol", ("person", person_id), after={"code": _digest(tx, digits)})
    return person_id


async def _complete(tx: Transaction, person_id: UUID, name: str | None, born: date | None) -> bool:
    """Adds what is missing; whether the birth date was."""
    person = await store.get_person(tx, person_id)
    wanted = {"name": name is not None and person.name_sealed is None, "born": bool(born) and person.born is None}
    if not any(wanted.values()):
        return False
    person = await _living_record(tx, person_id)
    if name is not None and wanted["name"]:
        _put_name(tx, person, _key(person), name)
    person.born = person.born or born
    await tx.session.flush()
    await audit.record(tx, "person.complete", ("person", person_id), after=wanted)
    return wanted["born"]


async def rename(tx: Transaction, person_id: UUID, name: str) -> bool:
    """Gives a person another name; whether that changed anything.

    Raises:
        PersonUnknown, PersonErased, NameInvalid
    """
    person = await _living_record(tx, person_id)
    if store.name_of(person) == tidy_name(name):
        return False
    await tx.session.execute(delete(NamePrefix).where(*_rows_of(NamePrefix, tx, person_id)))
    _put_name(tx, person, _key(person), name)
    await tx.session.flush()
    await audit.record(tx, "person.rename", ("person", person_id))
    return True


async def erase(tx: Transaction, person_id: UUID, reason: str = "") -> bool:
    """Makes a person's name, codes and birth date unreadable for ever, in every backup too; False if they were.

    The key that sealed them is destroyed and the digests that found them go; uses and facts keep an id that names
    nobody. Whoever turned out to be this person goes with them.

    Raises:
        PersonUnknown
    """
    person = await store.lock_person(tx, person_id)
    if person.erased_at is not None:
        return False
    for one in await store.lock_persons(tx, await store.also_known_as(tx, person_id)):
        await _forget(tx, one)
    await audit.record(tx, "person.erase", ("person", person_id), reason=reason)
    return True


async def _forget(tx: Transaction, person: Person) -> None:
    for table in (NamePrefix, PersonCode, Statement):
        await tx.session.execute(delete(table).where(*_rows_of(table, tx, person.id)))
    person.subject_key = person.name_sealed = person.born = None
    person.erased_at = tx.at
    await tx.session.flush()


async def _living_record(tx: Transaction, person_id: UUID) -> Person:
    person = await store.lock_person(tx, person_id)
    if person.erased_at is not None:
        raise PersonErased
    return person


def _key(person: Person) -> bytes:
    if person.subject_key is None:
        raise PersonErased
    return subject_key(person.id, person.subject_key)


def _rows_of(
    table: type[NamePrefix | PersonCode | Statement], tx: Transaction, person_id: UUID
) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return table.municipality_id == tx.municipality_id, table.person_id == person_id


def _code_row(tx: Transaction, person_id: UUID, key: bytes, digits: str) -> PersonCode:
    index = blind_index(tx.municipality_id, "code", digits)
    return PersonCode(
        municipality_id=tx.municipality_id,
        code_index=index,
        person_id=person_id,
        sealed=seal(key, "person_code", "code", index.hex(), digits),
        current=True,
        recorded_at=tx.at,
    )


def _put_name(tx: Transaction, person: Person, key: bytes, name: str) -> None:
    tidy = tidy_name(name)
    person.name_sealed = seal(key, "person", "name", person.id, tidy)
    for prefix in names.prefixes(tidy):
        index = blind_index(tx.municipality_id, "name", prefix)
        tx.session.add(NamePrefix(municipality_id=tx.municipality_id, prefix_index=index, person_id=person.id))


def tidy_name(name: str) -> str:
    """A name as it is kept.

    Raises:
        NameInvalid
    """
    tidy = " ".join(name.split())
    if len(tidy) > LONGEST_NAME or not names.words(tidy):
        raise NameInvalid(pointer="/name")
    return tidy


def _digest(tx: Transaction, digits: str) -> str:
    return blind_index(tx.municipality_id, "code", digits).hex()

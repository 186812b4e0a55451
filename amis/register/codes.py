"""Codes that come after the enrolment: by a change of code, or from somebody who turned out to be the person."""

from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import aliased

from amis.kernel import audit
from amis.kernel.db import Transaction
from amis.kernel.sealed import seal, subject_key
from amis.register import store
from amis.register.errors import CodeTaken, PersonErased
from amis.register.models import Person, PersonCode, Statement
from amis.register.people import one_at_a_time
from amis.register.statements import BY_HAND, Said, state


async def change_code(tx: Transaction, person_id: UUID, new_code: str) -> bool:
    """Gives a person another personal code by hand; the codes before it go on finding the person.

    Raises:
        PersonUnknown, PersonErased, PersonMerged, CodeInvalid, CodeTaken
    """
    await add_code(tx, await store.lock_person(tx, person_id), new_code, None)
    await state(tx, person_id, Said(BY_HAND, f"{person_id}/code", "code", None, tx.day, other=new_code))
    return await settle_code(tx, person_id)


async def add_code(tx: Transaction, person: Person, code: str, named_by: str | None) -> None:
    """Gives a locked person another code, not yet the current one; `named_by` is a code of theirs that was named.

    Raises:
        CodeInvalid, CodeTaken, PersonErased
    """
    digits = store.digits_of(code)
    await one_at_a_time(tx, digits)
    owner = await store.find_by_code(tx, digits)
    if owner not in (None, person.id):
        raise CodeTaken(pointer="/code")
    if owner is None:
        home = None if named_by is None else await home_of(tx, named_by)
        tx.session.add(_row(tx, person, digits, None if home == person.id else home))
        await tx.session.flush()


async def home_of(tx: Transaction, code: str) -> UUID | None:
    """Whose code it is, or was before persons were merged; None for one that nobody has."""
    row = await tx.session.get(PersonCode, (tx.municipality_id, store.index_of(tx, code)), populate_existing=True)
    return None if row is None else row.home_id or row.person_id


async def settle_code(tx: Transaction, person_id: UUID) -> bool:
    """The current code of a locked person is the one changed to last, else the one of their enrolment; was it another.

    Codes that came along from somebody merged into the person are never current.
    """
    latest = await _latest_change(tx, person_id)
    codes = list(await tx.session.scalars(codes_of(tx, person_id)))
    own = [row for row in codes if row.home_id in (None, person_id)]
    first = next((row for row in own if row.enrolled), None)
    wanted = next((row for row in own if row.code_index == latest), first)
    before = next((row for row in codes if row.current), None)
    if wanted is None or wanted is before:
        return False
    if before is not None:
        before.current = False
        await tx.session.flush()
    wanted.current = True
    await tx.session.flush()
    digests = {"code": before.code_index.hex() if before else None}, {"code": wanted.code_index.hex()}
    await audit.record(tx, "person.change_code", ("person", person_id), before=digests[0], after=digests[1])
    return True


async def hand_over(tx: Transaction, before: Person, after: Person, homes: set[UUID]) -> None:
    """Makes the codes at home with any of these persons `after`'s, sealed with the new owner's key; none is current."""
    for row in list(await tx.session.scalars(codes_of(tx, before.id))):
        if (row.home_id or before.id) in homes:
            digits = store.code_of(before, row)
            row.home_id, row.current = row.home_id or before.id, False
            row.person_id, row.sealed = after.id, _sealed(after, row.code_index, digits)
    await tx.session.flush()


def codes_of(tx: Transaction, person_id: UUID) -> Select[PersonCode]:
    """The codes of a person, the first one first."""
    own = PersonCode.municipality_id == tx.municipality_id, PersonCode.person_id == person_id
    ordered = select(PersonCode).where(*own).order_by(PersonCode.recorded_at, PersonCode.code_index)
    return ordered.execution_options(populate_existing=True)


async def _latest_change(tx: Transaction, person_id: UUID) -> bytes | None:
    named = aliased(PersonCode)
    query = (
        select(Statement.other_index)
        .join(named, (named.municipality_id == Statement.municipality_id) & (named.code_index == Statement.code_index))
        .where(
            Statement.municipality_id == tx.municipality_id,
            Statement.kind == "code",
            named.person_id == person_id,
            or_(named.home_id.is_(None), named.home_id == person_id),
        )
    )
    order = Statement.day.desc(), Statement.source.desc(), Statement.record_id.desc()
    return await tx.session.scalar(query.order_by(*order).limit(1))


def _row(tx: Transaction, person: Person, digits: str, home: UUID | None) -> PersonCode:
    index = store.index_of(tx, digits)
    return PersonCode(
        municipality_id=tx.municipality_id,
        code_index=index,
        person_id=person.id,
        sealed=_sealed(person, index, digits),
        current=False,
        recorded_at=tx.at,
        home_id=home,
        enrolled=False,
    )


def _sealed(person: Person, index: bytes, digits: str) -> bytes:
    if person.subject_key is None:
        raise PersonErased
    return seal(subject_key(person.id, person.subject_key), "person_code", "code", index.hex(), digits)

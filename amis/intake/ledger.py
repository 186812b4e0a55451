"""The ledger: the newest version of every record, withdrawn ones too, so that a late old message changes nothing."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from amis.intake.models import LedgerRow
from amis.kernel.db import Transaction
from amis.kernel.keys import INDEX, keystore
from amis.register import service as register
from amis.register import store as people
from amis.register.errors import CodeInvalid
from amis.register.models import Person
from sync.notice import (
    Heartbeat,
    HouseholdChanged,
    Notice,
    NoticeData,
    PersonMerged,
    PersonNotice,
    PersonUnmerged,
    StatusFact,
)
from sync.order import LedgerEntry, entry_of
from sync.verdict import RowError


async def lock_persons(tx: Transaction, events: Sequence[Notice | RowError]) -> list[Person]:
    """Locks every known person that the events name, in one order, so that two messages never wait for each other.

    The households that they enter or leave are held before that.
    """
    notices = [event.data for event in events if isinstance(event, Notice)]
    for household_id in await _homes(tx, notices):
        await register.hold_household(tx, household_id)
    while True:
        found = {person_id for data in notices for person_id in await _persons(tx, data)}
        held = await people.lock_persons(tx, found) if found else []
        # whoever was merged into another one while we waited is found as that one now
        if all(person.merged_into is None for person in held):
            return held


def entry_for(tx: Transaction, data: PersonNotice) -> LedgerEntry:
    """The entry this notice would leave, with a digest keyed for this municipality."""
    return entry_of(data, keystore().mac(INDEX, f"{tx.municipality_id}|notice".encode()))


async def claim(tx: Transaction, notice: Notice, arrival_id: UUID) -> bool:
    """Makes this notice the newest word about its record, before anything follows from it.

    False, and nothing is changed, when another message has brought this version or a newer one in the meantime: the
    row is where messages about one record wait for each other, also while nobody knows the person yet.
    """
    if isinstance(notice.data, Heartbeat):
        return True
    entry = entry_for(tx, notice.data)
    values = {
        "version": entry.version,
        "op": entry.op.value,
        "digest": entry.digest,
        "person_id": None,
        "arrival_id": arrival_id,
        "recorded_at": tx.at,
        "of_status": isinstance(notice.data, StatusFact),
        "absent_as_of": None,
        "code_index": people.index_of(tx, notice.data.person.code),
    }
    key = {"municipality_id": tx.municipality_id, "source": notice.source, "record_id": notice.data.record_id}
    statement = insert(LedgerRow).values(**key, **values)
    newer = statement.excluded.version > LedgerRow.version
    claimed = statement.on_conflict_do_update(index_elements=list(key), set_=values, where=newer)
    return await tx.session.scalar(claimed.returning(LedgerRow.version)) is not None


async def name_person(tx: Transaction, notice: Notice, person_id: UUID | None) -> None:
    """Remembers whose record it is."""
    if isinstance(notice.data, Heartbeat):
        return
    row = LedgerRow.municipality_id == tx.municipality_id, LedgerRow.source == notice.source
    statement = update(LedgerRow).where(*row, LedgerRow.record_id == notice.data.record_id)
    await tx.session.execute(statement.values(person_id=person_id).execution_options(synchronize_session=False))


async def hand_over(tx: Transaction, records: Collection[tuple[str, str]], person_id: UUID) -> None:
    """Remembers that these records (source, name) are somebody else's now."""
    own = LedgerRow.municipality_id == tx.municipality_id, _named(records)
    statement = update(LedgerRow).where(*own).values(person_id=person_id)
    await tx.session.execute(statement.execution_options(synchronize_session=False))


async def codes_of(tx: Transaction, records: Collection[tuple[str, str]]) -> dict[tuple[str, str], bytes]:
    """The digest of the code under which each record named its person last."""
    rows = await tx.session.execute(
        select(LedgerRow.source, LedgerRow.record_id, LedgerRow.code_index).where(
            LedgerRow.municipality_id == tx.municipality_id, _named(records)
        )
    )
    return {(source, record_id): index for source, record_id, index in rows if index is not None}


def _named(records: Collection[tuple[str, str]]) -> ColumnElement[bool]:
    return tuple_(LedgerRow.source, LedgerRow.record_id).in_(records)


async def _persons(tx: Transaction, data: NoticeData) -> list[UUID]:
    """Whom a notice names."""
    if isinstance(data, Heartbeat):
        return []
    codes = [data.person.code, *([data.merged.code] if isinstance(data, PersonMerged | PersonUnmerged) else ())]
    found = [await _person(tx, code) for code in codes]
    return [person_id for person_id in found if person_id is not None]


async def _homes(tx: Transaction, notices: Sequence[NoticeData]) -> list[UUID]:
    """The households that these notices are about, in one order."""
    moving = [data for data in notices if isinstance(data, HouseholdChanged)]
    found: set[UUID] = set()
    for data in moving:
        here = None if data.household is None else await register.household_by_code(tx, data.household)
        person_id = await _person(tx, data.person.code)
        homes = [] if person_id is None else await people.homes_of(tx, person_id)
        found |= {home.household_id for home in homes} | ({here} if here else set())
    return sorted(found)


async def _person(tx: Transaction, code: str) -> UUID | None:
    try:
        return await people.find_by_code(tx, code)
    except CodeInvalid:
        return None

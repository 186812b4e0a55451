"""The ledger: the newest version of every record, withdrawn ones too, so that a late old message changes nothing."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from amis.intake.models import LedgerRow
from amis.kernel.db import Transaction
from amis.kernel.keys import INDEX, keystore
from amis.register import store as people
from amis.register.errors import CodeInvalid
from amis.register.models import Person
from sync.notice import Heartbeat, Notice, PersonNotice
from sync.order import LedgerEntry, entry_of
from sync.verdict import RowError


async def lock_persons(tx: Transaction, events: Sequence[Notice | RowError]) -> list[Person]:
    """Locks every known person that the events name, in one order, so that two messages never wait for each other."""
    found = {await _person(tx, event.data) for event in events if isinstance(event, Notice)}
    return [await people.lock_person(tx, known) for known in sorted(one for one in found if one is not None)]


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


async def _person(tx: Transaction, data: object) -> UUID | None:
    if isinstance(data, Heartbeat):
        return None
    try:
        return await people.find_by_code(tx, data.person.code)  # type: ignore[attr-defined]  # all but heartbeats have one
    except CodeInvalid:
        return None

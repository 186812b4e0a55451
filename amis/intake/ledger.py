"""The ledger: the newest version of every record, withdrawn ones too, so that a late old message changes nothing."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from amis.intake.models import LedgerRow
from amis.kernel.db import Transaction
from amis.kernel.keys import INDEX, keystore
from amis.register import store as people
from amis.register.errors import CodeInvalid
from sync.notice import Heartbeat, Notice, PersonNotice
from sync.order import LedgerEntry, entry_of
from sync.verdict import RowError


async def lock_persons(tx: Transaction, events: Sequence[Notice | RowError]) -> None:
    """Locks every known person that the events name, in one order, so that two messages never wait for each other."""
    found = {await _person(tx, event.data) for event in events if isinstance(event, Notice)}
    for person_id in sorted(person_id for person_id in found if person_id is not None):
        await people.lock_person(tx, person_id)


def entry_for(tx: Transaction, data: PersonNotice) -> LedgerEntry:
    """The entry this notice would leave, with a digest keyed for this municipality."""
    return entry_of(data, keystore().mac(INDEX, f"{tx.municipality_id}|notice".encode()))


async def put(tx: Transaction, notice: Notice, person_id: UUID | None, arrival_id: UUID) -> None:
    """Remembers this notice as the newest word about its record."""
    if isinstance(notice.data, Heartbeat):
        return
    entry = entry_for(tx, notice.data)
    values = {
        "version": entry.version,
        "op": entry.op.value,
        "digest": entry.digest,
        "person_id": person_id,
        "arrival_id": arrival_id,
        "recorded_at": tx.at,
    }
    key = {"municipality_id": tx.municipality_id, "source": notice.source, "record_id": notice.data.record_id}
    statement = insert(LedgerRow).values(**key, **values)
    await tx.session.execute(statement.on_conflict_do_update(index_elements=list(key), set_=values))


async def _person(tx: Transaction, data: object) -> UUID | None:
    if isinstance(data, Heartbeat):
        return None
    try:
        return await people.find_by_code(tx, data.person.code)  # type: ignore[attr-defined]  # all but heartbeats have one
    except CodeInvalid:
        return None

"""The reference: a file of statuses taken in as one would first write it, row after row through the ORM.

Each row is a transaction: its ledger entry is looked up, the person found or enrolled with sealed code and name, the
arrival, the ledger entry and the fact written, the rules evaluated for this person, and rights, log, audit leaves and
notes of what changed written. That is what the importer leaves of a row too.
"""

import json
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from amis.concessions.seed_lv import JELGAVA
from amis.granting.service import Cause, record_and_regrant
from amis.intake import ledger
from amis.intake.models import Arrival, LedgerRow, Sender
from amis.kernel import audit
from amis.kernel.actor import system
from amis.kernel.db import Transaction, transaction
from amis.kernel.ids import new_id
from amis.register import service as register
from amis.register.service import FactChange, PersonDraft
from sync.mapping import Mapping, mapping_from_json
from sync.notice import StatusFact
from sync.rows import FACT, RawRow, read_row

_ACTOR = system("bench", JELGAVA)


async def import_rows(source: str, lines: Iterable[bytes]) -> None:
    """Takes in the rows of NDJSON, one after the other."""
    for number, line in enumerate(lines, 1):
        async with transaction(_ACTOR) as tx:
            sender = (await tx.session.scalars(select(Sender).where(Sender.source == source))).one()
            await _import(tx, sender, mapping_from_json(sender.mapping), RawRow(number, line))


async def _import(tx: Transaction, sender: Sender, mapping: Mapping, row: RawRow) -> None:
    stated = read_row(row)
    assert isinstance(stated, StatusFact)
    known = await tx.session.get(LedgerRow, (tx.municipality_id, sender.source, stated.record_id))
    if known is not None and known.version >= stated.version:
        return
    ref, event = stated.person, f"naive:{row.number}"
    name = " ".join(part for part in (ref.given_name, ref.family_name) if part)
    person_id = await register.enrol(tx, PersonDraft(ref.code, name or None, ref.birth_date))
    arrival_id = await _arrived(tx, sender, stated, event)
    entry = ledger.entry_for(tx, stated)
    own = {"municipality_id": tx.municipality_id, "source": sender.source, "record_id": stated.record_id}
    values = {"version": entry.version, "op": entry.op.value, "digest": entry.digest, "recorded_at": tx.at}
    await tx.session.merge(LedgerRow(**own, **values, person_id=person_id, arrival_id=arrival_id))
    await record_and_regrant(tx, person_id, [_change(sender, mapping, stated)], Cause("notice", event))


async def _arrived(tx: Transaction, sender: Sender, stated: StatusFact, event: str) -> UUID:
    arrival_id = new_id()
    about: dict[str, Any] = {"event_id": event, "record_id": stated.record_id, "version": stated.version}
    whose = {"id": arrival_id, "municipality_id": tx.municipality_id, "sender_id": sender.id}
    tx.session.add(Arrival(**whose, **about, message_id="naive", type=FACT, verdict="applied", received_at=tx.at))
    await tx.session.flush()
    await audit.record(tx, "notice.applied", ("notice", arrival_id), after=about)
    return arrival_id


def _change(sender: Sender, mapping: Mapping, stated: StatusFact) -> FactChange:
    meaning, end = mapping.statuses[stated.status], stated.valid_until
    days = stated.valid_from, end
    return FactChange(meaning.fact, meaning.value, *days, sender.source, stated.record_id, stated.version)


def rows(first: int, count: int, codes: Iterable[str], day: date) -> Iterable[bytes]:
    """Lines of NDJSON: each a record of its own about a person of its own."""
    for number, code in zip(range(first, first + count), codes, strict=False):
        person = {"code": code, "given_name": "Anna", "family_name": "Ozoliņa", "birth_date": "1984-05-17"}
        days = {"valid_from": day.isoformat(), "valid_to": (day + timedelta(days=90)).isoformat()}
        about = {"record_id": f"BULK-{number}", "version": number, "op": "upsert", "status": "REPR"}
        yield json.dumps(about | {"person": person} | days, ensure_ascii=False).encode()

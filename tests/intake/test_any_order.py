"""Whatever a source sends, in whatever order, number and way: the register ends as the books of `sync` say."""

import random
from datetime import timedelta
from itertools import count as counting
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from amis.intake.batches import Delivery, receive
from amis.intake.models import LedgerRow, Sender
from amis.intake.raw_files import Incoming
from amis.intake.senders import add_key, define_sender
from amis.kernel.db import transaction
from amis.kernel.ids import new_id
from amis.register.models import Fact
from sync.notice import Op, StatusFact
from sync.order import LedgerEntry, settled
from sync.rows import to_line
from sync.sopa import sopa_mapping
from tests.intake.files import Files
from tests.intake.wire import TOWN, Wire, new_code, new_key, rights
from tests.sync.histories import Message, histories, told
from tests.walks.counts import count

_numbers = counting(1)


@settings(
    max_examples=count(test=5, check=100, deep=1_000), suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(messages=histories(), rng=st.randoms(use_true_random=False))
async def test_events_batches_and_snapshots_in_any_order_end_as_the_books_say(
    files: Files, wire: Wire, messages: list[Message], rng: random.Random
) -> None:
    source, key = f"sim/{next(_numbers)}", new_key()
    async with transaction(TOWN) as tx:
        sender = await define_sender(tx, "A simulated one", sopa_mapping(source))
        await add_key(tx, sender.id, key)
    disturbed = messages + [message for message in messages if rng.random() < 0.33]
    rng.shuffle(disturbed)
    end = _End(files, Wire(wire.client, key), sender.id, source)
    for message in disturbed:
        await end.send(message, by_event=rng.random() < 0.5)
    books = told(disturbed)
    assert await end.settled() == {name: (one.version, one.op) for name, one in books.settled().items()}
    standing = {name for name, one in books.entries.items() if one.op is Op.UPSERT}
    assert await end.facts() == standing
    assert {name for name, code in end.codes.items() if await rights(code)} == standing


class _End:
    """The sending end of one source: each of its records is of a person of its own."""

    def __init__(self, files: Files, wire: Wire, sender_id: Any, source: str) -> None:
        self.files, self.wire, self.sender_id, self.source = files, wire, sender_id, source
        self.codes: dict[str, str] = {}

    async def send(self, message: Message, *, by_event: bool) -> None:
        if isinstance(message, StatusFact) and by_event:
            event = {"specversion": "1.0", "id": f"e-{new_id()}", "source": self.source, "type": "status.fact.v1"}
            await self.wire.send(event | {"data": self._data(message)})
        elif isinstance(message, StatusFact):
            await self._deliver([message], Delivery("delta", "ndjson", "upload"))
        else:
            await self._deliver(message.rows, Delivery("snapshot", "ndjson", "upload", message.as_of))

    async def settled(self) -> dict[str, tuple[int, Op]]:
        """What the ledger holds that does not depend on the order."""
        async with transaction(TOWN) as tx:
            floor = await tx.session.scalar(select(Sender.snapshot_as_of).where(Sender.id == self.sender_id))
            rows = await tx.session.scalars(select(LedgerRow).where(LedgerRow.source == self.source))
            entries = {row.record_id: LedgerEntry(row.version, Op(row.op), row.digest) for row in rows}
        return {name: (one.version, one.op) for name, one in entries.items() if settled(one, floor)}

    async def facts(self) -> set[str]:
        """The records of which a fact stands."""
        async with transaction(TOWN) as tx:
            standing = select(Fact.record_id).where(Fact.source == self.source, Fact.recorded_to.is_(None))
            return set(await tx.session.scalars(standing))

    async def _deliver(self, rows: Any, delivery: Delivery) -> None:
        incoming = Incoming(self.files.folder, new_id())
        incoming.write(b"".join(to_line(self._data(row)) for row in rows))
        async with transaction(TOWN) as tx:
            sender = await tx.session.get_one(Sender, self.sender_id)
            await receive(tx, sender, incoming.finish(), delivery)
        await self.files.work()

    def _data(self, fact: StatusFact) -> dict[str, Any]:
        person = {"code": self.codes.setdefault(fact.record_id, new_code()), "birth_date": "1980-05-17"}
        last = None if fact.valid_until is None else (fact.valid_until - timedelta(days=1)).isoformat()
        days = {"valid_from": fact.valid_from.isoformat(), "valid_to": last}
        named = {"record_id": fact.record_id, "version": fact.version, "op": fact.op.value, "status": fact.status}
        return named | {"person": person} | days

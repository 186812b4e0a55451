"""One batch being worked upon: whose it is, where its file lies, and transactions that only its worker can commit."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from psycopg import AsyncConnection
from sqlalchemy import text

from amis.intake import batch_lease, batch_store, store
from amis.intake.authority import authority_of
from amis.intake.batch_lease import Claim
from amis.intake.batch_models import Batch
from amis.intake.batches import BATCHES, forget_names
from amis.intake.chunk_rows import Lot
from amis.intake.models import Sender
from amis.kernel import audit
from amis.kernel.actor import Actor, system
from amis.kernel.db import Transaction, transaction
from sync.mapping import mapping_from_json

# Longer than that of pages: a snapshot of a whole register is compared in one statement.
_TIMEOUT = text("SET LOCAL statement_timeout = '5min'")


@dataclass(frozen=True, slots=True)
class Work:
    """A claimed batch with its sender; `connection` is that of the worker, on which the claim is renewed."""

    connection: AsyncConnection
    held: Claim
    folder: Path
    batch: Batch
    sender: Sender

    @property
    def actor(self) -> Actor:
        """The sender as the one who acts, as when it sends events."""
        return Actor("sender", str(self.sender.id), self.sender.source, self.batch.municipality_id)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[tuple[Transaction, Batch]]:
        """A transaction and the batch in it, locked.

        Raises:
            LeaseLost: the batch is no longer this worker's.
        """
        async with transaction(self.actor) as tx:
            await tx.session.execute(_TIMEOUT)
            yield tx, await batch_lease.hold(tx, self.held)

    async def renew(self) -> None:
        """Goes on holding the batch while nothing is written.

        Raises:
            LeaseLost
        """
        await batch_lease.renew(self.connection, self.held)

    async def lot(self, tx: Transaction) -> Lot:
        """What all rows of the batch have in common; the floor is read for each chunk."""
        mapping = mapping_from_json(self.sender.mapping)
        return Lot(
            sender_id=self.sender.id,
            source=self.sender.source,
            mapping=mapping,
            authority=await authority_of(tx, mapping),
            batch_id=self.batch.id,
            key_id=self.batch.key_id,
            as_of=self.batch.as_of,
            floor=None,
            received_at=self.batch.received_at,
        )


async def taken_up(connection: AsyncConnection, held: Claim, folder: Path) -> Work:
    """The work that a claim gives."""
    async with transaction(system("importer", held.municipality_id)) as tx:
        batch = await batch_store.get(tx, held.id)
        return Work(connection, held, folder, batch, await store.get_sender(tx, batch.sender_id))


async def end(tx: Transaction, batch: Batch, state: str) -> None:
    """Lets go of a batch on which nothing more is done by itself: done, refused, or held."""
    batch.state, batch.lease, batch.lease_until = state, None, None
    batch.ended_at = None if state == "held" else tx.at
    await forget_names(tx, batch.id)
    about = {"state": state, "rows": batch.total_rows, "error": batch.error_code, "counts": batch.counts}
    await audit.record(tx, f"notice_batch.{_SPOKEN[state]}", ("notice_batch", batch.id), after=about)
    BATCHES.labels(state).inc()


_SPOKEN = {"done": "finish", "refused": "refuse", "held": "hold"}

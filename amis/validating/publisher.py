"""The publisher: one process gives every change the next number and writes it for each provider, signed.

All that one round publishes is read in one snapshot of the database and written in one transaction, so a crash between
any two statements leaves either all of it or notes that are simply next.
"""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import structlog
from psycopg import AsyncConnection

from amis.kernel import clock
from amis.kernel.keys import keystore
from amis.kernel.locks import Lock
from amis.kernel.settings import Settings
from amis.validating import bundle_notes
from amis.validating.bundle_held import Held, read_back
from amis.validating.bundle_round import Published, Round
from amis.validating.bundle_trust import Signers
from amis.validating.bundle_version import WHOLE_EVERY, Press
from cards.keys import KeyStore

LOOK_EVERY = 0.1
"""Seconds between two looks for something to publish."""
KEYS_EVERY = timedelta(seconds=10)
POLICIES_EVERY = timedelta(seconds=1)
"""Changes of policies send whole parts, so those that come together are published together."""
_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)

_log = structlog.get_logger()


async def publish_bundles(connection: AsyncConnection, settings: Settings) -> None:
    """Publishes for ever while this worker is the one publisher."""
    while not await lead(connection):  # noqa: ASYNC110 - the lock of another process makes no event here
        await asyncio.sleep(1)
    publisher = Publisher(keystore(), settings.public_url.rstrip("/"))
    while True:
        if await publisher.look(connection, clock.now()) is None:
            await asyncio.sleep(LOOK_EVERY)


async def lead(connection: AsyncConnection) -> bool:
    """Whether this connection is now the one publisher; it stays so until it closes."""
    row = await (await connection.execute("SELECT pg_try_advisory_lock(%s)", (int(Lock.BUNDLE),))).fetchone()
    return bool(row and row[0])


@dataclass(slots=True)
class Publisher:
    """What is published, in memory; `look` publishes what has changed since."""

    keys: KeyStore
    address: str
    now: Published = field(default_factory=lambda: Published(0, {}, {}))
    read: bool = False
    day: date | None = None
    signers: Signers | None = None
    keys_at: datetime = _NEVER
    policies_at: datetime = _NEVER

    async def look(self, connection: AsyncConnection, at: datetime) -> int | None:
        """Publishes what waits; the number it got, None where nothing was to be published."""
        if not self.read:
            await self._read_back(connection, at)
        signers, day = self._signers(at), at.astimezone(clock.RIGA).date()
        fresh = self.day != day or signers != self.signers
        tokens, waits = await bundle_notes.waiting(connection)
        policies = fresh or (waits and not timedelta(0) <= at - self.policies_at < POLICIES_EVERY)
        if not (tokens or policies or self._due(at)):
            return None
        press = Press(self.keys, self.address, self.now.seq + 1, at)
        async with connection.transaction():
            await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            await connection.execute("SET LOCAL work_mem = '64MB'")
            await connection.execute("SET LOCAL jit = off")
            written = await Round(connection, press, signers, day, self.now, fresh, policies).publish()
        self.now, self.day, self.signers = written or self.now, day, signers
        self.policies_at = at if policies else self.policies_at
        return None if written is None else press.seq

    def _signers(self, at: datetime) -> Signers:
        if self.signers is None or not timedelta(0) <= at - self.keys_at < KEYS_EVERY:
            self.keys_at = at
            self.keys.reload()
            return Signers.of(self.keys)
        return self.signers

    def _due(self, at: datetime) -> bool:
        late = at.timestamp() - WHOLE_EVERY.total_seconds()
        return any(held.whole_at <= late for held in self.now.held.values())

    async def _read_back(self, connection: AsyncConnection, at: datetime) -> None:
        """Takes up what was published last; a bundle that cannot be read back is published anew as a whole.

        Numbers go on from the seconds where these are ahead: a database that was restored from a backup must not give
        again what terminals have passed, for they would refuse it.
        """
        seq = max(await bundle_notes.newest_seq(connection), int((at - _EPOCH).total_seconds()))
        found: dict[UUID, Held] = {}
        newest, lists = 0, {}
        for provider_id in await bundle_notes.published_providers(connection):
            back = await read_back(connection, provider_id)
            if back is None:
                _log.warning("bundle cannot be read back, published anew", provider=str(provider_id))
                continue
            # a fresh manifest soon tells every terminal that somebody publishes again
            found[provider_id] = replace(back[0], whole_at=0)
            if back[0].seq > newest:
                newest, lists = back[0].seq, back[1]
        self.now, self.read = Published(seq, lists, found), True

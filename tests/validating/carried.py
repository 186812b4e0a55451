"""Both sides of the bundle without the transport: the publisher, and a terminal that takes what the database has."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from psycopg import AsyncConnection

from amis.kernel import clock
from amis.kernel.actor import system
from amis.kernel.db import Transaction, transaction
from amis.kernel.keys import ROOT, keystore
from amis.validating import bundle_store
from amis.validating.errors import BundleGap
from amis.validating.presences import Told, keep
from amis.validating.publisher import Publisher
from terminals.bundle.holding import Holding
from terminals.bundle.manifest import Part
from tests.validating.town import Terminal, Town

ADDRESS = "https://amis.example"
_READER = system("test")


class Press:
    """The one publisher, in the hands of a test."""

    def __init__(self, connection: AsyncConnection, address: str = ADDRESS) -> None:
        self.connection, self.address = connection, address
        self.publisher = Publisher(keystore(), address)
        self.at = clock.now()

    async def run(self, later: timedelta = timedelta(seconds=2)) -> list[int]:
        """Publishes, so much later, until nothing waits; the numbers given."""
        given = []
        self.at += later
        while (seq := await self.publisher.look(self.connection, self.at)) is not None:
            given.append(seq)
        return given

    def restart(self) -> None:
        """As after a crash: nothing is known but what the database has."""
        self.publisher = Publisher(keystore(), self.address)


@dataclass
class Carried:
    """A holding of one provider's bundle, and how it came to what it holds."""

    provider: UUID
    holding: Holding = field(default_factory=lambda: Holding(keystore().public(ROOT).der))
    fetched: list[str] = field(default_factory=list)
    deltas: int = 0

    async def follow(self, at: datetime | None = None) -> None:
        """Takes up what is published: by deltas where they lead on, else by the manifest, what it lacks, and deltas."""
        async with transaction(_READER) as tx:
            try:
                if self.holding.seq is None:
                    raise BundleGap
                await self._go_on(tx, at or clock.now())
            except BundleGap:
                whole = await bundle_store.newest_manifest(tx, self.provider)
                await self._take(tx, whole.manifest, at or clock.now())
                await self._go_on(tx, at or clock.now())

    async def _go_on(self, tx: Transaction, at: datetime) -> None:
        for change in await bundle_store.changes(tx, self.provider, self.holding.seq or 0):
            assert change.delta is not None
            self.holding.apply_delta(change.delta, at)
            self.deltas += 1

    async def _take(self, tx: Transaction, manifest: bytes, at: datetime) -> None:
        if self.holding.trust_list is None:
            trust = self.holding.named_trust(manifest)
            self.holding.update_trust(await self._signed(tx, trust), at)
        self.holding.update_manifest(manifest, at)
        for part in self.holding.missing():
            self.holding.update_part(part, await self._signed(tx, part), at)
            self.fetched.append(part.kind)

    async def _signed(self, tx: Transaction, part: Part) -> bytes:
        name = part.href.partition("?name=")[2] or None
        return (await bundle_store.part(tx, self.provider, part.sha256, name)).signed


async def say(town: Town, terminal: Terminal, held: int | None, digest: bytes | None) -> None:
    """The terminal says that it holds this number and state."""
    bearer, shown = sha256(terminal.bearer.encode()).hexdigest(), None if digest is None else bytes(digest).hex()
    async with await AsyncConnection.connect(town.db.info.dsn, user="amis_app", autocommit=True) as service:
        assert await keep(service, [Told(bearer, held, shown, 0, None, None, 0, "test")], clock.now()) == {0}

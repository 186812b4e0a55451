"""A use is a leaf of the audit tree, so a changed use is found."""

from psycopg import AsyncConnection

from amis.kernel import checkpoint
from amis.kernel.keys import keystore
from amis.kernel.sequencer import AUDIT, extend
from amis.kernel.verify import verify
from amis.validating.leaves import USE
from tests.validating.conftest import FREE
from tests.validating.test_api import Tap
from tests.validating.town import Town

SOURCES = [AUDIT, USE]


async def test_a_changed_use_is_found(town: Town, tap: Tap, worker_connection: AsyncConnection) -> None:
    holder = await town.add_holder(await town.add_concession("NEEDY", FREE))
    terminal = await town.add_terminal()
    for token in (holder.number, "x", holder.number):
        await tap(terminal, token)
    assert await extend(worker_connection, keystore(), SOURCES) == 3
    publics = [checkpoint.raw(key) for key in keystore().publics(checkpoint.AUDIT)]
    assert (await verify(worker_connection, publics, SOURCES)).findings == ()
    await town.db.execute("UPDATE use SET payable = payable + 0.01, gross = gross + 0.01")
    found = await verify(worker_connection, publics, SOURCES)
    assert [finding.kind for finding in found.findings] == ["changed", "changed"]

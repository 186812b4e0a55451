"""A change of an entitlement is a leaf of the audit tree, so that a changed row of the log is found."""

from collections.abc import Awaitable, Callable

from psycopg import AsyncConnection

from amis.granting.leaves import CHANGE
from amis.kernel import checkpoint
from amis.kernel.keys import keystore
from amis.kernel.sequencer import AUDIT, extend
from amis.kernel.verify import verify
from tests.granting.town import Somebody, fact

SOURCES = [AUDIT, CHANGE]


async def test_a_row_of_the_log_that_was_changed_is_found(
    somebody: Callable[..., Awaitable[Somebody]], worker_connection: AsyncConnection, owner_connection: AsyncConnection
) -> None:
    anna = await somebody()
    await anna.state(fact("needy"))
    assert await extend(worker_connection, keystore(), SOURCES) > 1
    publics = [checkpoint.raw(key) for key in keystore().publics(checkpoint.AUDIT)]
    assert (await verify(worker_connection, publics, SOURCES)).findings == ()
    await owner_connection.execute("UPDATE entitlement_log SET cause_ref = 'somebody else'")
    [finding] = (await verify(worker_connection, publics, SOURCES)).findings
    assert finding.kind == "changed"

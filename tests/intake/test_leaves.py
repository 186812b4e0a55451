"""What arrived is a leaf of the audit tree: a row that was changed is found, and a heartbeat may go again."""

from datetime import timedelta

from psycopg import AsyncConnection

from amis.intake.forgetting import BEATS_KEPT, forget_beats
from amis.intake.leaves import ARRIVAL
from amis.kernel import checkpoint, clock
from amis.kernel.keys import AUDIT as KEY
from amis.kernel.keys import keystore
from amis.kernel.sequencer import AUDIT, extend
from amis.kernel.verify import Finding, verify
from tests.intake.wire import Wire, event, new_code, of_person

SOURCES = [AUDIT, ARRIVAL]


async def test_an_arrival_that_was_changed_is_found_and_a_forgotten_heartbeat_is_not_missed(
    wire: Wire, worker_connection: AsyncConnection, owner_connection: AsyncConnection
) -> None:
    beat = event("source.heartbeat.v1", sequence=1, pending=0, record_id=..., version=..., op=...)
    await wire.send(beat, of_person(new_code(), "A"))
    await extend(worker_connection, keystore(), SOURCES)
    with clock.moved(clock.now() + BEATS_KEPT + timedelta(hours=1)):
        await forget_beats(worker_connection)
    assert await findings(worker_connection) == ()
    await owner_connection.execute("UPDATE notice_arrival SET record_id = 'B'")
    [found] = await findings(worker_connection)
    assert (found.kind, found.place.split()[0]) == ("changed", "notice_arrival")


async def findings(connection: AsyncConnection) -> tuple[Finding, ...]:
    """What is wrong with the trail."""
    publics = [checkpoint.raw(key) for key in keystore().publics(KEY)]
    return (await verify(connection, publics, SOURCES)).findings

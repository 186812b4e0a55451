"""The audit trail: leaves, checkpoints, and every tampering found."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import LiteralString

import pytest
from psycopg import AsyncConnection
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from amis.kernel import audit, checkpoint, sequencer
from amis.kernel.actor import system
from amis.kernel.db import transaction
from amis.kernel.keys import AUDIT, keystore
from amis.kernel.settings import Settings
from amis.kernel.verify import Verified, verify
from tests.kernel.trail import becomes_leader

SOURCES = [sequencer.AUDIT]


async def write(count: int, action: str = "test.change") -> None:
    for number in range(count):
        async with transaction(system("test")) as tx:
            await audit.record(tx, action, ("thing", number), before={"n": number}, after={"n": number + 1})


async def extend(connection: AsyncConnection, witness: Path | None = None) -> int:
    return await sequencer.extend(connection, keystore(), SOURCES, witness)


async def verified(connection: AsyncConnection, witness: Path | None = None) -> Verified:
    return await verify(connection, [checkpoint.raw(key) for key in keystore().publics(AUDIT)], SOURCES, witness)


async def test_an_untouched_trail_verifies(worker_connection: AsyncConnection) -> None:
    await write(5)
    assert await extend(worker_connection) == 5
    await write(3)
    assert await extend(worker_connection) == 3
    assert await extend(worker_connection) == 0
    result = await verified(worker_connection)
    assert (result.leaves, result.checkpoints, result.findings) == (8, 2, ())


async def test_a_row_of_a_transaction_still_open_waits_for_the_next_checkpoint(
    worker_connection: AsyncConnection,
) -> None:
    async with transaction(system("slow")) as tx:
        await audit.record(tx, "test.slow", ("thing", 1))
        await write(2)
        assert await extend(worker_connection) == 0
    assert await extend(worker_connection) == 3
    assert (await verified(worker_connection)).findings == ()


TAMPERINGS: dict[str, tuple[LiteralString, str]] = {
    "changed": (
        "UPDATE audit SET action = 'test.other' WHERE id = (SELECT ref FROM audit_leaf WHERE pos = 3)",
        "changed",
    ),
    "changed before": (
        "UPDATE audit SET before = '{\"n\": 99}' WHERE id = (SELECT ref FROM audit_leaf WHERE pos = 0)",
        "changed",
    ),
    "row gone": ("DELETE FROM audit WHERE id = (SELECT ref FROM audit_leaf WHERE pos = 2)", "missing"),
    "leaf gone": ("DELETE FROM audit_leaf WHERE pos = 4", "gap"),
    "row slipped in": (
        "INSERT INTO audit SELECT gen_random_uuid(), xid, at, municipality_id, actor_kind, actor_id, action,"
        " subject_kind, subject_id, reason, before, after, request_id FROM audit LIMIT 1",
        "added",
    ),
    "leaf hash rewritten": ("UPDATE audit_leaf SET hash = sha256('x') WHERE pos = 1", "root"),
    "leaves swapped": (
        "DROP INDEX audit_leaf_ref; UPDATE audit_leaf a SET ref = b.ref, hash = b.hash FROM audit_leaf b"
        " WHERE a.pos < 2 AND b.pos = 1 - a.pos",
        "reordered",
    ),
    "order of transactions rewritten": (
        "UPDATE audit SET xid = '3' WHERE id = (SELECT ref FROM audit_leaf WHERE pos = 5)",
        "reordered",
    ),
    "checkpoint rewritten": ("UPDATE audit_checkpoint SET root = sha256('x')", "signature"),
    "note rewritten": ("UPDATE audit_checkpoint SET note = replace(note, 'amis', 'amiz')", "signature"),
}


@pytest.mark.parametrize("name", TAMPERINGS)
async def test_every_tampering_is_found(
    name: str, worker_connection: AsyncConnection, owner_connection: AsyncConnection
) -> None:
    statement, kind = TAMPERINGS[name]
    await write(6)
    await extend(worker_connection)
    await owner_connection.execute(statement)
    assert kind in {finding.kind for finding in (await verified(worker_connection)).findings}


async def test_a_trail_cut_back_together_with_its_checkpoints_contradicts_the_witness(
    worker_connection: AsyncConnection, owner_connection: AsyncConnection, tmp_path: Path
) -> None:
    witness = tmp_path / "witness.jsonl"
    await write(3)
    await extend(worker_connection, witness)
    await write(3)
    await extend(worker_connection, witness)
    assert (await verified(worker_connection, witness)).findings == ()
    cut: list[LiteralString] = [
        "DELETE FROM audit WHERE id IN (SELECT ref FROM audit_leaf WHERE pos >= 3)",
        "DELETE FROM audit_leaf WHERE pos >= 3",
        "DELETE FROM audit_checkpoint WHERE size > 3",
    ]
    for statement in cut:
        await owner_connection.execute(statement)
    assert (await verified(worker_connection)).findings == ()
    assert {finding.kind for finding in (await verified(worker_connection, witness)).findings} == {"witness"}


async def test_the_application_can_neither_change_nor_delete_a_leaf(database: Settings) -> None:
    await write(1)
    for statement in ("UPDATE audit SET reason = 'x'", "DELETE FROM audit", "TRUNCATE audit"):
        with pytest.raises(ProgrammingError) as refused:
            async with transaction(system("test")) as tx:
                await tx.session.execute(text(statement))
        assert isinstance(refused.value.orig, InsufficientPrivilege)


async def test_there_is_one_sequencer_at_a_time(
    database: Settings, connect_worker: Callable[[], Awaitable[AsyncConnection]]
) -> None:
    first, second = await asyncio.gather(connect_worker(), connect_worker())
    assert await sequencer.lead(first)
    assert not await sequencer.lead(second)
    await first.close()
    assert await becomes_leader(second)
    await second.close()


async def test_a_personal_code_typed_into_a_reason_stays_out_of_the_trail(worker_connection: AsyncConnection) -> None:
    async with transaction(system("test")) as tx:
        await audit.record(tx, "test.change", ("thing", 1), reason="Zvanīja 320101-12345, nr. 17")
    rows = await worker_connection.execute("SELECT reason FROM audit")
    assert await rows.fetchall() == [("Zvanīja [personal code], nr. 17",)]

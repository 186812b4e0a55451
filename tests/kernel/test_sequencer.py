"""The sequencer: order, one leader, and what survives the end of a leader."""

import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from psycopg import AsyncConnection
from psycopg.errors import UniqueViolation

from amis.kernel import audit, checkpoint, sequencer
from amis.kernel.actor import system
from amis.kernel.db import transaction
from amis.kernel.keys import keystore
from tests.kernel.trail import SOURCES, becomes_leader, extend, publics, verified, write

Connect = Callable[[], Awaitable[AsyncConnection]]


async def actions(connection: AsyncConnection) -> list[str]:
    cursor = await connection.execute("SELECT action FROM audit_leaf JOIN audit ON id = ref ORDER BY pos")
    return [row[0] for row in await cursor.fetchall()]


async def test_another_connection_goes_on_where_the_last_leader_ended(
    worker_connection: AsyncConnection, connect_worker: Connect
) -> None:
    async with await connect_worker() as first:
        assert await sequencer.lead(first)
        await write("a", "b")
        assert await extend(first) == 2
        assert not await sequencer.lead(worker_connection)
    assert await becomes_leader(worker_connection)
    await write("c")
    assert await extend(worker_connection) == 1
    assert await actions(worker_connection) == ["a", "b", "c"]
    assert (await verified(worker_connection)).findings == ()


async def test_leaves_stand_in_the_order_of_transactions_not_of_their_ends(worker_connection: AsyncConnection) -> None:
    async with transaction(system("slow")) as slow:
        await audit.record(slow, "slow 1", ("thing", 1))
        await write("quick")
        await audit.record(slow, "slow 2", ("thing", 1))
        assert await extend(worker_connection) == 0
    assert await extend(worker_connection) == 3
    assert await actions(worker_connection) == ["slow 1", "slow 2", "quick"]


async def test_a_transaction_that_failed_leaves_no_gap(worker_connection: AsyncConnection) -> None:
    async def fail() -> None:
        async with transaction(system("test")) as tx:
            await audit.record(tx, "lost", ("thing", 1))
            raise ZeroDivisionError

    await write("a")
    with pytest.raises(ZeroDivisionError):
        await fail()
    await write("b")
    assert await extend(worker_connection) == 2
    assert await actions(worker_connection) == ["a", "b"]


async def test_an_extension_that_fails_is_taken_back_whole(
    worker_connection: AsyncConnection, owner_connection: AsyncConnection, tmp_path: Path
) -> None:
    witness = tmp_path / "witness.jsonl"
    await write("a", "b")
    await owner_connection.execute(
        "INSERT INTO audit_leaf VALUES (1, 'audit', gen_random_uuid(), sha256('in the way'))"
    )
    with pytest.raises(UniqueViolation):
        await extend(worker_connection, witness)
    assert not witness.exists()
    await owner_connection.execute("DELETE FROM audit_leaf")
    assert await extend(worker_connection, witness) == 2
    assert (await verified(worker_connection, witness)).findings == ()


async def test_the_witness_holds_each_note_in_order(worker_connection: AsyncConnection, tmp_path: Path) -> None:
    witness = tmp_path / "witness.jsonl"
    for action in ("a", "b", "c"):
        await write(action)
        await extend(worker_connection, witness)
    opened = [checkpoint.opened(publics(), json.loads(line)) for line in witness.read_text().splitlines()]
    assert [seen and seen[0] for seen in opened] == [1, 2, 3]


async def test_nothing_new_signs_nothing(worker_connection: AsyncConnection) -> None:
    assert await sequencer.extend(worker_connection, keystore(), SOURCES) == 0
    cursor = await worker_connection.execute("SELECT count(*) FROM audit_checkpoint")
    assert await cursor.fetchone() == (0,)

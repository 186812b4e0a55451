"""Proofs that one entry stands in the tree."""

from psycopg import AsyncConnection

from amis.kernel import checkpoint
from amis.kernel.ids import new_id
from amis.kernel.proof import prove
from amis.kernel.tree import proves
from tests.kernel.trail import entry_ids, extend, publics, write


async def test_every_entry_is_proved_under_the_newest_signed_checkpoint(worker_connection: AsyncConnection) -> None:
    await write("a", "b", "c", "d")
    await extend(worker_connection)
    await write("e", "f", "g")
    await extend(worker_connection)
    for position, entry in enumerate(await entry_ids(worker_connection)):
        proof = await prove(worker_connection, entry)
        assert proof is not None
        assert (proof.position, proof.size) == (position, 7)
        assert checkpoint.opened(publics(), proof.note) == (7, proof.root)
        assert proves(proof.leaf, proof.position, proof.size, proof.path, proof.root)


async def test_what_has_no_leaf_has_no_proof(worker_connection: AsyncConnection) -> None:
    assert await prove(worker_connection, str(new_id())) is None
    await write("a")
    await extend(worker_connection)
    await write("b")
    cursor = await worker_connection.execute("SELECT id::text FROM audit WHERE action = 'b'")
    row = await cursor.fetchone()
    assert row is not None
    assert await prove(worker_connection, row[0]) is None
    assert await prove(worker_connection, "no id at all") is None

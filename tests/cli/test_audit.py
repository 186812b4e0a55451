"""`amis audit`: a whole trail ends with 0, any other with 1; proofs prove."""

import json

import pytest
from psycopg import AsyncConnection

from amis.kernel import checkpoint
from amis.kernel.ids import new_id
from amis.kernel.process import witness_file
from amis.kernel.settings import Settings
from amis.kernel.tree import proves
from tests.cli.conftest import Amis
from tests.kernel.trail import entry_ids, extend, publics, write


@pytest.fixture
async def trail(worker_connection: AsyncConnection, database: Settings) -> list[str]:
    """The ids of three entries under two witnessed checkpoints."""
    await write("a", "b")
    await extend(worker_connection, witness_file(database))
    await write("c")
    await extend(worker_connection, witness_file(database))
    return await entry_ids(worker_connection)


async def test_a_whole_trail_verifies(amis: Amis, trail: list[str]) -> None:
    result = await amis("audit", "verify", "--json")
    assert (result.exit_code, json.loads(result.stdout)) == (0, {"leaves": 3, "checkpoints": 2, "findings": []})
    assert (await amis("audit", "verify")).stdout.strip() == "3 leaves, 2 checkpoints, 0 findings"


async def test_a_changed_entry_is_named_and_the_command_ends_with_1(
    amis: Amis, trail: list[str], owner_connection: AsyncConnection
) -> None:
    await owner_connection.execute("UPDATE audit SET reason = 'none' WHERE id = %s", (trail[1],))
    result = await amis("audit", "verify", "--json")
    (finding,) = json.loads(result.stdout)["findings"]
    assert (result.exit_code, finding["kind"], finding["place"]) == (1, "changed", f"audit {trail[1]}")
    told = await amis("audit", "verify")
    assert told.exit_code == 1
    assert trail[1] in told.stdout


async def test_the_witness_is_asked_too(amis: Amis, trail: list[str], owner_connection: AsyncConnection) -> None:
    await owner_connection.execute("DELETE FROM audit_checkpoint WHERE size = 2")
    result = await amis("audit", "verify", "--json")
    assert [finding["kind"] for finding in json.loads(result.stdout)["findings"]] == ["witness"]


async def test_a_printed_proof_proves_its_entry(amis: Amis, trail: list[str]) -> None:
    for position, entry in enumerate(trail):
        shown = json.loads((await amis("audit", "prove", entry)).stdout)
        root, path = bytes.fromhex(shown["root"]), [bytes.fromhex(node) for node in shown["path"]]
        assert (shown["position"], shown["size"]) == (position, 3)
        assert proves(bytes.fromhex(shown["leaf"]), position, 3, path, root)
        assert checkpoint.opened(publics(), shown["note"]) == (3, root)


async def test_an_entry_without_a_leaf_is_told(amis: Amis, trail: list[str]) -> None:
    result = await amis("audit", "prove", str(new_id()))
    assert result.exit_code == 2
    assert "no leaf has this id" in result.stderr


@pytest.mark.parametrize("words", [["verify"], ["verify", "--json"], ["prove", "x"]])
async def test_a_database_that_is_away_is_told_in_a_line(amis: Amis, database_away: None, words: list[str]) -> None:
    result = await amis("audit", *words)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "connection failed" in result.stderr

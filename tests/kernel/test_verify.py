"""Verification against the file of the witness; what the database itself shows is in test_audit."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from psycopg import AsyncConnection

from amis.kernel.verify import Finding
from tests.kernel.trail import extend, verified, write


@pytest.fixture
async def witness(worker_connection: AsyncConnection, tmp_path: Path) -> Path:
    """A witness of two checkpoints."""
    path = tmp_path / "witness.jsonl"
    for action in ("a", "b"):
        await write(action)
        await extend(worker_connection, path)
    return path


def lines(witness: Path) -> list[str]:
    return witness.read_text().splitlines()


def rewrite(witness: Path, *content: str) -> None:
    assert list(content) != lines(witness)
    witness.write_text("".join(f"{line}\n" for line in content))


async def test_a_witness_of_all_checkpoints_agrees(worker_connection: AsyncConnection, witness: Path) -> None:
    assert len(lines(witness)) == 2
    assert (await verified(worker_connection, witness)).findings == ()


@pytest.mark.parametrize(
    "line", ["", '"amis/audit', "[1]", '"another text"', "\x00"], ids=["empty", "torn", "no text", "no note", "NUL"]
)
async def test_a_line_that_is_no_signed_note_is_named(
    worker_connection: AsyncConnection, witness: Path, line: str
) -> None:
    first, second = lines(witness)
    rewrite(witness, first, line, second)
    (finding,) = (await verified(worker_connection, witness)).findings
    assert (finding.kind, finding.place) == ("witness", "line 2")


async def test_a_note_with_another_root_is_named(worker_connection: AsyncConnection, witness: Path) -> None:
    first, second = lines(witness)
    rewrite(witness, first.replace("audit\\n1\\n", "audit\\n3\\n"), second)
    assert [finding.place for finding in (await verified(worker_connection, witness)).findings] == ["line 1"]


async def test_no_witness_is_missed_before_its_first_line(worker_connection: AsyncConnection, tmp_path: Path) -> None:
    await write("a")
    await extend(worker_connection)
    assert (await verified(worker_connection, tmp_path / "none")).findings == ()


async def test_entries_after_the_last_checkpoint_are_no_finding(
    worker_connection: AsyncConnection, witness: Path
) -> None:
    await write("c")
    result = await verified(worker_connection, witness)
    assert (result.leaves, result.checkpoints, result.findings) == (2, 2, ())


def test_a_finding_says_what_where_and_how() -> None:
    assert Finding("gap", "leaf 3", "gone") == Finding(kind="gap", place="leaf 3", detail="gone")


async def test_a_trail_that_grows_while_it_is_verified_is_in_order(
    connect_worker: Callable[[], Awaitable[AsyncConnection]], tmp_path: Path
) -> None:
    witness = tmp_path / "witness.jsonl"
    async with await connect_worker() as sequencing, await connect_worker() as verifying:
        growing = asyncio.create_task(_grow(sequencing, witness))
        while not growing.done():
            assert (await verified(verifying, witness)).findings == ()
        await growing


async def _grow(connection: AsyncConnection, witness: Path) -> None:
    for _ in range(60):
        await write("c")
        await extend(connection, witness)

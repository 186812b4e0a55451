"""`amis uploads import`: lines that somebody brings from a dead or revoked terminal."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import httpx
import pytest
from psycopg import AsyncConnection
from typer.testing import CliRunner, Result

from amis.kernel.ids import new_id
from amis.kernel.settings import Settings, settings
from amis.validating.upload_cli import uploads
from tests.validating.conftest import FREE
from tests.validating.journal import Journal, whose
from tests.validating.town import Town

Amis = Callable[..., Awaitable[Result]]


@pytest.fixture
def amis(configured: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Amis]:
    """Runs the command in a thread, since it brings an event loop of its own."""
    for name in ("database_url", "database_owner_url", "data_dir", "key_file"):
        monkeypatch.setenv(f"AMIS_{name.upper()}", str(getattr(configured, name)))
    settings.cache_clear()

    async def run(*words: object) -> Result:
        return await asyncio.to_thread(CliRunner().invoke, uploads, [str(word) for word in words])

    yield run
    settings.cache_clear()


@pytest.fixture
async def town(configured: Settings) -> AsyncIterator[Town]:
    assert configured.database_owner_url is not None
    async with await AsyncConnection.connect(configured.database_owner_url, autocommit=True) as owner:
        yield await Town(owner).build()


async def test_the_lines_of_a_revoked_terminal_are_recorded_once(amis: Amis, town: Town, tmp_path: Path) -> None:
    ride = await town.add_concession("NEEDY", FREE)
    holder = await town.add_holder(ride)
    bus = Journal(await town.add_terminal(), httpx.AsyncClient())
    await town.db.execute("UPDATE machine SET state = 'revoked' WHERE id = %s", (bus.terminal.id,))
    bus.accepted(whose(holder), ride)
    bus.accepted({"status": 9}, ride)
    file = tmp_path / "lines"
    file.write_bytes(b"\n".join(bus.lines) + b"\n\n")
    done = await amis("import", bus.terminal.id, 1, file, "--reason", "Nozagts")
    assert done.exit_code == 0, done.output
    assert done.output.splitlines()[-1] == "recorded: 2 known: 0 refused: 0"
    assert "unknown_token" in done.output
    assert (await amis("import", bus.terminal.id, 1, file)).output.splitlines()[-1] == "recorded: 0 known: 2 refused: 0"
    found = await town.db.execute("SELECT after, reason FROM audit WHERE action = 'upload.import' ORDER BY id LIMIT 1")
    assert await found.fetchone() == ({"pairing": 1, "recorded": 2}, "Nozagts")
    file.write_bytes(b"half a li")
    torn = await amis("import", bus.terminal.id, 1, file)
    assert (torn.exit_code, torn.output.splitlines()[-1]) == (1, "recorded: 0 known: 0 refused: 1")


async def test_a_terminal_or_file_that_is_not_there_is_told(amis: Amis, town: Town, tmp_path: Path) -> None:
    bus = await town.add_terminal()
    file = tmp_path / "lines"
    missing = await amis("import", bus.id, 1, file)
    assert (missing.exit_code, "No such file" in missing.output) == (1, True)
    file.write_bytes(b"{}")
    for machine, pairing in ((new_id(), 1), (bus.id, 2)):
        unknown = await amis("import", machine, pairing, file)
        assert (unknown.exit_code, unknown.output.strip()) == (1, "There is no such terminal.")

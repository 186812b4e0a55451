"""What people of the demo show: on the bus, and in a file for a simulated fleet."""

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner

from amis.demo.cli import app
from amis.demo.life import tickets
from amis.kernel.settings import Settings, settings
from tests.town import Site
from tests.walks.tapping import holders


async def test_people_with_rights_show_the_token_that_they_have(site: Site) -> None:
    people = await holders(site, "TRUCIGA", 3)
    assert sorted(await tickets()) == sorted(holder.shown for holder in people)
    assert len(await tickets(2)) == 2


async def test_tickets_are_written_for_their_owner_alone(
    configured: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("database_url", "data_dir", "key_file"):
        monkeypatch.setenv(f"AMIS_{name.upper()}", str(getattr(configured, name)))
    settings.cache_clear()
    file = tmp_path / "tickets"
    written = await asyncio.to_thread(CliRunner().invoke, app, ["tickets", str(file)])
    settings.cache_clear()
    assert (written.exit_code, written.stdout) == (0, "0 tickets\n")
    assert file.stat().st_mode & 0o077 == 0

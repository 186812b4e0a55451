"""`amis registries`: agreed with, keys exchanged both ways, asked."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from amis.intake.spdci_cli import app
from amis.kernel.settings import Settings, settings
from sync.mapping import mapping_to_json
from sync.sopa import sopa_mapping
from sync.spdci.key import draw_key, public_key

Registries = Callable[..., Awaitable[Result]]
AGREED = ("--label", "Sociālais reģistrs", "--registry-id", "sr.test", "--own-id", "amis.test")
ADDRESSES = ("--url", "http://127.0.0.1:9", "--answer-uri", "https://amis.test")
HERE = ("--municipality", "JLG")


@pytest.fixture
def amis(configured: Settings, database_name: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Registries]:
    """Runs the command in a thread, since it brings an event loop of its own."""
    for name in ("database_url", "database_owner_url", "data_dir", "key_file"):
        monkeypatch.setenv(f"AMIS_{name.upper()}", str(getattr(configured, name)))
    settings.cache_clear()

    async def run(*words: object) -> Result:
        return await asyncio.to_thread(CliRunner().invoke, app, [str(word) for word in words])

    yield run
    settings.cache_clear()


async def test_a_registry_is_agreed_with_and_asked(amis: Registries, tmp_path: Path) -> None:
    table, theirs = tmp_path / "table.json", tmp_path / "key.json"
    table.write_text(json.dumps(mapping_to_json(sopa_mapping("sr/jelgava"))))
    theirs.write_text(draw_key("sr-1").public_jwk())
    defined = await amis("define", table, *AGREED, *ADDRESSES, *HERE)
    assert defined.exit_code == 0, defined.output
    registry, own = defined.stdout.splitlines()
    assert public_key(own).kid.startswith("amis-")
    added = await amis("key", registry, theirs, *HERE)
    assert added.exit_code == 0, added.output
    listed = await amis("list", *HERE)
    assert json.loads(listed.stdout) == {"id": registry, "registry": "sr.test", "own_key": own}
    for code in (0, 1):
        assert (await amis("revoke", registry, "sr-1", *HERE)).exit_code == code
    # nobody listens at that address
    for question, step in (("pull", "failed"), ("subscribe", "failed"), ("unsubscribe", "waiting")):
        assert (await amis("ask", question, registry, *HERE)).stdout == f"{step}\n"


async def test_files_that_are_none_are_refused(amis: Registries, tmp_path: Path) -> None:
    nothing = tmp_path / "nothing.json"
    nothing.write_text("{}")
    assert (await amis("define", nothing, *AGREED, *ADDRESSES, *HERE)).exit_code == 2
    assert (await amis("key", "018f0000-0000-7000-8000-000000000001", nothing, *HERE)).exit_code == 2

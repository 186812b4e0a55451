"""`amis sources`."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select
from typer.testing import CliRunner, Result

from amis.concessions.seed_lv import JELGAVA
from amis.intake.errors import SenderUnknown
from amis.intake.pull_models import Pull
from amis.intake.senders import senders_of_machine
from amis.intake.sources_cli import app
from amis.intake.store import sender_of
from amis.kernel import db, keys
from amis.kernel.db import transaction
from amis.kernel.settings import Settings
from amis.staff import command
from amis.staff.machine_service import create_machine
from sync import signature
from sync.mapping import mapping_to_json
from sync.sopa import sopa_mapping
from tests.intake.wire import SOURCE, TOWN, Wire, event, new_code, new_key, of_person, rights

Run = Callable[..., Awaitable[Result]]


@pytest.fixture
def sources(database: Settings, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the command in a thread of its own, as it brings its own event loop, and opens the database again."""
    monkeypatch.setattr(command, "settings", lambda: database)

    async def call(*arguments: str) -> Result:
        await db.close_engine()
        result = await asyncio.to_thread(CliRunner().invoke, app, list(arguments))
        assert database.database_url is not None
        keys.open_keys(database)
        db.open_engine(database.database_url, pool_size=4)
        return result

    return call


async def test_ranks_are_set_listed_and_taken_away(wire: Wire, sources: Run) -> None:
    code = new_code()
    await wire.send(of_person(code, "A"))
    before = await rights(code)
    told = await sources("rank", "needy", "clerk", SOURCE, "--municipality", "JLG")
    assert (told.exit_code, told.stdout) == (0, "0 rights changed\n")
    listed = await sources("ranks", "--municipality", "JLG", "--json")
    assert json.loads(listed.stdout) == {"needy": ["clerk", SOURCE]}
    assert (await sources("ranks", "--municipality", "JLG")).stdout == f"needy: clerk, {SOURCE}\n"
    assert await rights(code) == before
    assert (await sources("rank", "needy", "--municipality", "JLG")).exit_code == 0
    assert json.loads((await sources("ranks", "--municipality", "JLG", "--json")).stdout) == {}


async def test_a_stranger_cannot_be_ranked(sources: Run) -> None:
    refused = await sources("rank", "needy", "nobody", "--municipality", "JLG")
    assert refused.exit_code == 1
    assert "There is no such sender." in refused.stderr


async def test_a_machine_is_named_for_a_source_and_taken_away_again(sources: Run) -> None:
    async with transaction(TOWN) as tx:
        machine = await create_machine(tx, "sender", "SOPA", JELGAVA)

    async def spoken_for() -> list[str]:
        async with transaction(TOWN) as tx:
            return [sender.source for sender in await senders_of_machine(tx, machine.id)]

    assert (await sources("machine", SOURCE, str(machine.id), "--municipality", "JLG")).exit_code == 0
    assert await spoken_for() == [SOURCE]
    assert (await sources("machine", SOURCE, "--municipality", "JLG")).exit_code == 0
    assert await spoken_for() == []
    refused = await sources("machine", "nobody", "--municipality", "JLG")
    assert (refused.exit_code, refused.stderr) == (1, "There is no such sender. nobody\n")


async def test_a_source_is_added_listed_and_heard_with_the_key_that_was_made(
    wire: Wire, sources: Run, tmp_path: Path
) -> None:
    town, table = ("--municipality", "JLG"), tmp_path / "table.json"
    table.write_text(json.dumps(mapping_to_json(sopa_mapping("vsaa"))))
    added = await sources("define", "sopa/otra", "--label", "SOPA 2", *town, "--sopa")
    assert (await sources("define", "vsaa", "--label", "VSAA", *town, "--mapping", str(table))).exit_code == 0
    listed = json.loads((await sources("list", *town, "--json")).stdout)
    assert {one["source"]: one["label"] for one in listed}["vsaa"] == "VSAA"
    assert added.stdout.strip() in {one["id"] for one in listed}
    assert "sopa/otra\tactive\tok\t-\tSOPA 2" in (await sources("list", *town)).stdout
    made = (await sources("key", "sopa/otra", *town)).stdout.strip()
    theirs = replace(wire, key=made)
    assert await theirs.send(event(source="sopa/otra")) == [("applied", None, None)]
    public = signature.PrivateKey(Ed25519PrivateKey.generate()).public().to_text()
    assert (await sources("key", "vsaa", *town, public)).stdout == ""


async def test_a_source_that_cannot_be_is_not_added(sources: Run, tmp_path: Path) -> None:
    town, table = ("--municipality", "JLG"), tmp_path / "table.json"
    table.write_text(json.dumps(mapping_to_json(sopa_mapping("another"))))
    for name, more in (
        (SOURCE, []),
        ("clerk", []),
        ("new", ["--mapping", str(table)]),
        ("new", ["--mapping", str(table), "--sopa"]),
    ):
        assert (await sources("define", name, "--label", "X", *town, *more)).exit_code in (1, 2)
    for bad in (new_key(), "whpk_x"):
        assert (await sources("key", SOURCE, *town, bad)).exit_code == 2
    async with transaction(TOWN) as tx:
        with pytest.raises(SenderUnknown):
            await sender_of(tx, "new")


async def test_a_source_is_asked_regularly_and_no_more(wire: Wire, sources: Run, tmp_path: Path) -> None:
    secret = tmp_path / "bearer"
    secret.write_text("s3cret\n")
    url = ["--url", "https://sopa.example.lv/changes", "--every", "5", "--bearer-file", str(secret)]
    assert (await sources("pull", SOURCE, "--municipality", "JLG", *url)).exit_code == 0
    async with transaction(TOWN) as tx:
        found = (await tx.session.scalars(select(Pull))).one()
        assert (found.url, found.every, found.cursor) == ("https://sopa.example.lv/changes", timedelta(minutes=5), "")
    assert (await sources("pull", SOURCE, "--municipality", "JLG", "--url", "")).exit_code == 0
    async with transaction(TOWN) as tx:
        assert (await tx.session.scalars(select(Pull))).all() == []

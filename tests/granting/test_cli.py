"""`amis rules`."""

import asyncio
import json
from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import select
from typer.testing import CliRunner, Result

from amis.granting.cli import app
from amis.kernel import db, keys
from amis.kernel.db import transaction
from amis.kernel.models import AuditEntry
from amis.kernel.settings import Settings
from amis.staff import command
from tests.granting.town import CLERK, Somebody, fact

Make = Callable[..., Awaitable[Somebody]]


@pytest.fixture
def amis(database: Settings, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Awaitable[Result]]:
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


async def test_the_rules_of_a_municipality_are_listed_with_their_sentences(
    amis: Callable[..., Awaitable[Result]],
) -> None:
    listed = await amis("list", "--municipality", "jlg", "--json")
    rules = {rule["code"]: rule for rule in json.loads(listed.stdout)}
    assert len(rules) == 7
    assert rules["LV-DIS-1-2"]["condition"] == "disability: group I or group II"
    assert {"JLG-REPR20", "LV-ORPHAN"} <= set((await amis("list", "--municipality", "JLG")).stdout.split())


async def test_a_person_s_rules_are_explained_and_the_reading_is_logged(
    amis: Callable[..., Awaitable[Result]], somebody: Make
) -> None:
    anna = await somebody()
    await anna.state(fact("needy", record_id="d-7"))
    asked = ["explain", str(anna.id), "2026-04-15", "--municipality", "JLG", "--json", "--purpose"]
    answers = {one["code"]: one for one in json.loads((await amis(*asked, "check")).stdout)}
    assert answers["JLG-NEEDY20"]["holds"] == "yes"
    assert answers["JLG-NEEDY20"]["because"] == ["status of a needy household (sopa d-7)"]
    assert answers["LV-ORPHAN"]["holds"] == "no"
    async with transaction(CLERK) as tx:
        [entry] = await tx.session.scalars(select(AuditEntry).where(AuditEntry.action == "person.read"))
        assert (entry.subject_id, entry.reason) == (str(anna.id), "check")
    assert (await amis(*asked, " ")).exit_code == 1

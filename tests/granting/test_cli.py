"""`amis rules`."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path

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


async def test_a_decision_table_is_read_and_drafted(amis: Callable[..., Awaitable[Result]], tmp_path: Path) -> None:
    file = tmp_path / "rule.csv"
    file.write_text("age;fact:needy\n>=65;yes\n>=75;yes\n")
    asked = ["import-table", str(file), "--municipality", "JLG"]
    told = await amis(*asked)
    assert told.stdout.splitlines()[-1] == "3: never_decides"
    drafted = await amis(*asked, "--rule", "jlg-needy20", "--from", "2027-01-01", "--json")
    read = json.loads(drafted.stdout)
    assert (read["idle"], read["version"]) == ([{"cell": "3", "fault": "never_decides"}], 2)
    assert (await amis(*asked, "--rule", "JLG-NEEDY20")).exit_code == 2
    file.write_text("age;fact:rich\n>=65;yes\n")
    refused = await amis(*asked)
    assert refused.exit_code == 1
    assert "B1" in refused.output


Amis = Callable[..., Awaitable[Result]]


@pytest.fixture
async def rules_file(amis: Amis, tmp_path: Path) -> Path:
    """The town's rules with one more version, taken out by the command."""
    path = tmp_path / "rules.json"
    assert (await amis("export", "--municipality", "JLG", "--to", str(path))).exit_code == 0
    document = json.loads(path.read_text())
    [version] = document["rules"][2]["versions"]
    wider = {"condition": {"has": {"fact": "needy"}}, "valid_from": "2026-05-01", "version": 2}
    document["rules"][2]["versions"].append(version | wider)
    path.write_text(json.dumps(document))
    return path


async def test_rules_are_checked_brought_in_simulated_and_published(
    amis: Amis, somebody: Make, rules_file: Path
) -> None:
    anna = await somebody()
    await anna.state(fact("needy"))
    town = ["--municipality", "JLG", "--json"]
    assert json.loads((await amis("check", str(rules_file), *town)).stdout) == []
    imported = json.loads((await amis("import", str(rules_file), *town)).stdout)
    assert {"code": "JLG-REPR20", "version": 2, "outcome": "drafted"} in imported
    asked = await amis("simulate", "JLG-REPR20", *town, "--uses-per-day", "0.5", "--gross", "1.00")
    told = json.loads(asked.stdout)
    assert (told["gainers"], told["unchanged"]) == (1, 0)
    assert told["cost"] is not None
    published = json.loads((await amis("publish", "JLG-REPR20", *town)).stdout)
    assert (published[0]["version"], published[0]["changed"]) == (2, 1)
    assert str((await anna.granted())["JLG-REPR20"]) == "{[2026-05-01,2026-06-01)}"


@pytest.fixture
def wrong_file(rules_file: Path) -> Path:
    """The same with a word that nobody knows."""
    rules_file.write_text(rules_file.read_text().replace('"needy"', '"rich"'))
    return rules_file


async def test_a_document_with_an_error_is_named_with_its_place(amis: Amis, wrong_file: Path) -> None:
    found = await amis("check", str(wrong_file), "--municipality", "JLG", "--json")
    assert found.exit_code == 1
    assert "/rules/2/versions/1/condition/has/fact" in {one["place"] for one in json.loads(found.stdout)}
    assert (await amis("import", str(wrong_file), "--municipality", "JLG")).exit_code == 1


async def test_a_rule_that_is_not_there_is_told(amis: Amis) -> None:
    missing = await amis("simulate", "JLG-NOTHING", "--municipality", "JLG")
    assert missing.exit_code == 1
    assert "JLG-NOTHING" in missing.stderr

import asyncio
import json
from uuid import uuid4

import psycopg
import pytest
from typer.testing import CliRunner

from amis.kernel import clock
from amis.kernel.settings import settings
from amis.staff import totp
from amis.staff.cli import accounts, machines


@pytest.fixture
def amis(configured, monkeypatch):
    """Runs a command as the shell does: settings from the environment, an event loop of its own."""
    for name in ("database_url", "database_owner_url", "data_dir", "key_file"):
        monkeypatch.setenv(f"AMIS_{name.upper()}", str(getattr(configured, name)))
    with psycopg.connect(configured.database_owner_url) as connection:
        connection.execute("INSERT INTO municipality VALUES (2, 'JLG', 'Jelgava', 'Jelgava')")
    settings.cache_clear()

    async def run(app, *words):
        return await asyncio.to_thread(CliRunner().invoke, app, list(words))

    yield run
    settings.cache_clear()


CREATE = ["create", "anna@example.test", "--name", "Anna Ozola", "--municipality", "JLG"]


async def test_an_account_is_made_listed_and_disabled(amis):
    made = json.loads((await amis(accounts, *CREATE, "--role", "clerk", "--json")).stdout)
    assert made["email"] == "anna@example.test"
    assert len(made["password"]) == 20
    assert (await amis(accounts, "disable", "anna@example.test")).exit_code == 0
    assert json.loads((await amis(accounts, "list", "--json")).stdout) == [
        {
            "municipality": "JLG",
            "email": "anna@example.test",
            "name": "Anna Ozola",
            "roles": ["clerk"],
            "state": "disabled",
        }
    ]


async def test_the_present_code_of_an_account_is_printed(amis):
    made = await amis(accounts, *CREATE, "--role", "clerk", "--json")
    secret = json.loads(made.stdout)["totp"].split("secret=")[1].split("&")[0]
    before = totp.code_at(secret, clock.now())
    printed = (await amis(accounts, "code", "anna@example.test")).stdout.strip()
    assert printed in {before, totp.code_at(secret, clock.now())}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([*CREATE, "--role", "emperor"], "There is no such role. emperor"),
        ([*CREATE[:-1], "XX", "--role", "clerk"], "There is no such record. municipality XX"),
        (["code", "nobody@example.test"], "There is no account with this e-mail address."),
    ],
    ids=["role", "municipality", "account"],
)
async def test_an_error_is_one_line_and_exit_code_1(amis, words, message):
    result = await amis(accounts, *words)
    assert (result.exit_code, result.stderr.strip()) == (1, message)


async def test_a_machine_is_made_given_a_code_suspended_and_revoked(amis):
    created = await amis(machines, "create", "--kind", "desk", "--label", "Desk 1", "--municipality", "jlg")
    machine = created.stdout.strip()
    assert len((await amis(machines, "code", machine)).stdout.strip()) == 14
    assert (await amis(machines, "approve", machine)).stderr.strip().endswith("No key waits for approval")
    assert (await amis(machines, "revoke", machine, "--reason", "broken")).exit_code == 0
    [listed] = json.loads((await amis(machines, "list", "--json")).stdout)
    assert (listed["id"], listed["municipality"], listed["state"]) == (machine, "JLG", "revoked")


async def test_an_unknown_machine_is_an_error(amis):
    result = await amis(machines, "suspend", str(uuid4()))
    assert (result.exit_code, result.stderr.strip()) == (1, "There is no such machine.")

"""`amis doctor`: every check passes, or says why not."""

import json
from collections.abc import Iterator

import psycopg
import pytest

from amis.cli import doctor
from amis.kernel import keys
from amis.kernel.locks import Lock
from amis.kernel.settings import Settings
from tests.cli.conftest import Amis
from tests.softhsm import LIBRARY, Token, in_token

ALL = ["database", "migrations", "keys", "clock", "disk", "worker", "outbox", "canary"]
OF_DATABASE = ["database", "migrations", "clock", "worker", "outbox", "canary"]


@pytest.fixture
def healthy(configured: Settings) -> Settings:
    keys.open_keys(configured)
    return configured


async def test_all_is_well(amis: Amis, healthy: Settings) -> None:
    result = await amis("doctor", "--json")
    checks = {check["name"]: check for check in json.loads(result.stdout)}
    assert list(checks) == ALL
    assert [name for name, check in checks.items() if not check["ok"]] == []
    assert checks["database"]["seen"].startswith("PostgreSQL 18")
    assert checks["database"]["seen"].endswith("as amis_app")
    assert result.exit_code == 0
    table = await amis("doctor")
    assert table.exit_code == 0
    assert "WRONG" not in table.stdout


async def test_a_database_that_is_away_is_named_and_the_other_checks_are_made(
    amis: Amis, healthy: Settings, database_away: None
) -> None:
    result = await amis("doctor", "--json")
    checks = {check["name"]: check for check in json.loads(result.stdout)}
    assert result.exit_code == 1
    assert [name for name, check in checks.items() if not check["ok"]] == OF_DATABASE
    assert "connection failed" in checks["database"]["seen"]
    assert (await amis("doctor")).stdout.count("WRONG") == len(OF_DATABASE)


def test_a_role_that_passes_row_level_security_is_refused(cluster, configured: Settings) -> None:  # type: ignore[no-untyped-def]
    from amis.kernel.postgres import SUPERUSER, url

    chosen = configured.model_copy(update={"database_url": url(cluster, SUPERUSER)})
    check = doctor.database(chosen)
    assert (check.ok, check.seen.endswith("as postgres")) == (False, True)


def test_an_empty_database_needs_migrations(cluster, make_database, configured: Settings) -> None:  # type: ignore[no-untyped-def]
    from amis.kernel.postgres import url

    empty = url(cluster, "amis_owner", make_database())
    check = doctor.migrations(configured.model_copy(update={"database_owner_url": empty}))
    assert (check.ok, check.seen.startswith("database empty, program 0")) == (False, True)


def test_keys_that_others_can_read_are_refused(healthy: Settings) -> None:
    path = keys.key_file(healthy)
    path.chmod(0o640)
    try:
        check = doctor.keys(healthy)
        assert (check.ok, check.seen.split(":")[0]) == (False, "file of mode 640")
    finally:
        path.chmod(0o600)


def test_keys_in_a_token_are_told_as_such(healthy: Settings, token: Token) -> None:
    check = doctor.keys(in_token(healthy, token))
    assert check == doctor.Check("keys", True, f"token amis test of {LIBRARY}: 15 keys, key set 1 for cards")


def test_a_token_without_its_pin_is_told(healthy: Settings, token: Token) -> None:
    chosen = in_token(healthy, token).model_copy(update={"pkcs11_pin": None})
    check = next(each for each in doctor.examine(chosen) if each.name == "keys")
    assert (check.ok, check.seen) == (False, "AMIS_PKCS11_MODULE is set, so AMIS_PKCS11_PIN must be set too")


def test_missing_keys_are_told_and_not_made(tmp_path) -> None:  # type: ignore[no-untyped-def]
    chosen = Settings(data_dir=tmp_path)
    assert not doctor.keys(chosen).ok
    assert not keys.key_file(chosen).exists()


def test_a_wrong_passphrase_is_told(healthy: Settings) -> None:
    chosen = healthy.model_copy(update={"key_passphrase": Settings(key_passphrase="x").key_passphrase})  # type: ignore[arg-type]
    check = next(each for each in doctor.examine(chosen) if each.name == "keys")
    assert (check.ok, check.seen) == (False, "The secret does not open the key file, or the file was changed.")


def test_a_full_disk_is_told(configured: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_FREE_BYTES", 1 << 60)
    assert not doctor.disk(configured).ok


@pytest.fixture
def worker(healthy: Settings) -> Iterator[psycopg.Connection]:
    """A connection as a worker has it."""
    with psycopg.connect(healthy.database_worker_url or "", autocommit=True) as connection:
        yield connection


def test_that_nobody_leads_is_told_once_somebody_has(healthy: Settings, worker: psycopg.Connection) -> None:
    assert doctor.worker(healthy) == doctor.Check("worker", True, "no worker has run yet")
    worker.execute("INSERT INTO job_run VALUES ('x', now(), now(), now() - interval '40 seconds')")
    check = doctor.worker(healthy)
    assert (check.ok, check.seen.startswith("none leads; a job last ended 4")) == (False, True)
    worker.execute("SELECT pg_advisory_lock(%s)", (int(Lock.TICKER),))
    assert doctor.worker(healthy).ok


def test_entries_of_the_outbox_that_wait_or_fail_again_and_again_are_told(
    healthy: Settings, worker: psycopg.Connection
) -> None:
    assert doctor.outbox(healthy) == doctor.Check("outbox", True, "nothing is open")
    insert = (
        "INSERT INTO outbox (municipality_id, topic, key, payload, created_at, attempts, due_at)"
        " VALUES (1, 'x', 'x', '{}', now() - interval '1 day', %s, now() + %s * interval '1 second')"
    )
    with psycopg.connect(healthy.database_owner_url or "", autocommit=True) as owner:
        owner.execute("INSERT INTO municipality VALUES (1, 'LV', 'a', 'a')")
        seen = []
        for attempts, due_in in ((0, 3_600), (1, 300), (0, -10), (8, 300), (0, -301)):
            owner.execute(insert, (attempts, due_in))
            check = doctor.outbox(healthy)
            seen.append((check.ok, check.seen.split(" entries")[0]))
            if not check.ok:
                owner.execute("DELETE FROM outbox")
    assert seen == [(True, "nothing is open"), (True, "1"), (True, "2"), (False, "3"), (False, "1")]


def test_a_canary_that_is_old_or_did_not_come_through_is_told(healthy: Settings, worker: psycopg.Connection) -> None:
    assert doctor.canary(healthy).seen == "none has flown yet"
    seen = []
    for ago, error in ((400, None), (20, None), (10, "answer 503")):
        values = (ago, error)
        worker.execute("INSERT INTO freshness (sent_at, error) VALUES (now() - %s * interval '1 second', %s)", values)
        seen.append(doctor.canary(healthy).ok)
    assert seen == [False, True, False]
    assert doctor.canary(healthy).seen.endswith("s old: answer 503")
    assert doctor.canary(healthy.model_copy(update={"canary": False})).seen == "turned off"

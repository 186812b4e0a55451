"""`amis doctor`: every check passes, or says why not."""

import json

import pytest

from amis.cli import doctor
from amis.kernel import keys
from amis.kernel.settings import Settings
from tests.cli.conftest import Amis
from tests.softhsm import LIBRARY, Token, in_token

ALL = ["database", "migrations", "keys", "clock", "disk"]


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
    assert [name for name, check in checks.items() if not check["ok"]] == ["database", "migrations", "clock"]
    assert "connection failed" in checks["database"]["seen"]
    assert (await amis("doctor")).stdout.count("WRONG") == 3


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

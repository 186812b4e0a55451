"""What every process opens before it works."""

from pathlib import Path

import pytest

from amis.kernel import db, keys
from amis.kernel.actor import system
from amis.kernel.db import transaction
from amis.kernel.process import database_url, opened, witness_file
from amis.kernel.settings import Settings


async def test_keys_and_database_are_open_inside_and_the_database_is_closed_afterwards(configured: Settings) -> None:
    async with opened(configured):
        assert keys.keystore().names()
        async with transaction(system("test")) as tx:
            assert tx.at
    with pytest.raises(RuntimeError, match="not open"):
        db.engine()


async def test_the_database_is_closed_after_an_error_too(configured: Settings) -> None:
    with pytest.raises(ZeroDivisionError):
        async with opened(configured):
            raise ZeroDivisionError
    with pytest.raises(RuntimeError, match="not open"):
        db.engine()


def test_an_outside_database_has_an_address_for_each_role() -> None:
    outside = Settings(database_url="app", database_owner_url="owner", database_worker_url="worker")
    assert [database_url(outside, f"amis_{role}") for role in ("app", "owner", "worker")] == ["app", "owner", "worker"]


@pytest.mark.parametrize("role", ["owner", "worker"])
def test_an_address_that_is_missing_is_named(role: str) -> None:
    with pytest.raises(LookupError, match=f"AMIS_DATABASE_{role.upper()}_URL must be set too"):
        database_url(Settings(database_url="app"), f"amis_{role}")


def test_the_witness_has_a_folder_in_the_data_or_where_it_was_told(tmp_path: Path) -> None:
    assert witness_file(Settings(data_dir=tmp_path)) == tmp_path / "audit" / "witness.jsonl"
    elsewhere = tmp_path / "usb" / "evidence" / "notes"
    assert witness_file(Settings(witness_file=elsewhere)) == elsewhere
    assert elsewhere.parent.is_dir()

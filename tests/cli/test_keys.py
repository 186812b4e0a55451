"""`amis keys`: what is there, and turning it over with a trace."""

import json
import shutil
from pathlib import Path

import pytest
from psycopg import AsyncConnection

from amis.kernel import keys
from amis.kernel.settings import Settings, settings
from cards.keys import EncryptedFileKeyStore, KeyState, Passphrase
from cards.keys.chip import MASTERS
from tests.cli.conftest import Amis
from tests.softhsm import Token
from tests.validating.town import Town


@pytest.fixture
def own(amis: Amis, configured: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A copy of the keys, so that what is turned over here is turned over nowhere else."""
    keys.open_keys(configured)
    copied = shutil.copytree(keys.key_file(configured).parent, tmp_path / "keys")
    monkeypatch.setenv("AMIS_KEY_FILE", str(copied / keys.key_file(configured).name))
    monkeypatch.setattr(keys, "_store", None)
    settings.cache_clear()
    return settings()


async def listed(amis: Amis) -> dict[tuple[str, int], tuple[str, str | None]]:
    rows = json.loads((await amis("keys", "list", "--json")).stdout)
    return {(row["name"], row["version"]): (row["state"], row["kid"]) for row in rows}


async def test_every_version_is_listed_and_signing_keys_with_their_id(amis: Amis, own: Settings) -> None:
    found = await listed(amis)
    assert {name for name, _ in found} >= {"audit", "status", *MASTERS.values()}
    assert found["card/0", 1] == ("active", None)
    assert found["audit", 1][1] == keys.open_keys(own).public("audit").kid.hex()
    assert "wrap/subject" in (await amis("keys", "list")).stdout


async def test_a_signing_key_is_prepared_turned_over_and_retired_and_each_step_leaves_a_leaf(
    amis: Amis, own: Settings, worker_connection: AsyncConnection
) -> None:
    assert (await amis("keys", "prepare", "status")).stdout.strip() == "2"
    waiting = (await listed(amis))["status", 2]
    assert (await amis("keys", "rotate", "status")).stdout.strip() == "2"
    assert (await amis("keys", "retire", "status", "1")).exit_code == 0
    found = await listed(amis)
    assert ("status", 1) not in found
    assert found["status", 2] == ("active", waiting[1])
    leaves = await worker_connection.execute(
        "SELECT action, subject_id FROM audit WHERE subject_kind = 'key' ORDER BY id DESC LIMIT 3"
    )
    assert await leaves.fetchall() == [
        ("key.retire", "status 1"),
        ("key.rotate", "status"),
        ("key.prepare", "status"),
    ]


async def test_the_masters_of_cards_turn_over_together(amis: Amis, own: Settings) -> None:
    before = json.loads((await amis("keys", "check-value", "--json")).stdout)
    assert (await amis("keys", "rotate-cards")).stdout.strip() == "2"
    after = json.loads((await amis("keys", "check-value", "--json")).stdout)
    assert [row["name"] for row in after] == list(MASTERS.values())
    assert {row["keyset"] for row in after} == {2}
    assert not {row["check"] for row in before} & {row["check"] for row in after}
    assert json.loads((await amis("keys", "check-value", "--keyset", "1", "--json")).stdout) == before
    assert (await amis("keys", "retire-cards", "1")).exit_code == 0
    gone = await amis("keys", "check-value", "--keyset", "1")
    assert (gone.exit_code, "retired" in gone.stderr) == (1, True)


async def test_a_key_set_that_a_card_still_carries_is_not_retired(
    amis: Amis, own: Settings, owner_connection: AsyncConnection
) -> None:
    town = await Town(owner_connection).build()
    card = await town.add_card()
    assert (await amis("keys", "rotate-cards")).exit_code == 0
    kept = await amis("keys", "retire-cards", "1")
    assert (kept.exit_code, "1 cards of JLG" in kept.stderr) == (1, True)
    ended = "UPDATE token SET state = 'ended', status = 1, reason = 'lost', ended_at = now() WHERE id = %s"
    await owner_connection.execute(ended, (card.token,))
    assert (await amis("keys", "retire-cards", "1")).exit_code == 0


async def test_a_terminal_is_lent_what_it_reads_by_and_nothing_else(amis: Amis, own: Settings, tmp_path: Path) -> None:
    file = tmp_path / "read-keys"
    assert (await amis("keys", "lend", str(file), "--secret", "ozols")).exit_code == 0
    lent, store = EncryptedFileKeyStore.open(file, Passphrase("ozols")), keys.open_keys(own)
    assert lent.names() == ["card/1"]
    assert lent.check_value("card/1", 1) == store.check_value("card/1", 1)
    again = await amis("keys", "lend", str(file), "--secret", "ozols")
    assert (again.exit_code, "never overwritten" in again.stderr) == (1, True)


async def test_keys_in_a_token_turn_over_there_and_none_is_lent(
    amis: Amis, own: Settings, token: Token, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("MODULE", str(token.library)), ("TOKEN", token.label), ("PIN", token.pin)):
        monkeypatch.setenv(f"AMIS_PKCS11_{name}", value)
    settings.cache_clear()
    assert (await amis("keys", "rotate-cards")).stdout.strip() == "2"
    assert token.open().states("card/picc") == {1: KeyState.VERIFY_ONLY, 2: KeyState.ACTIVE}
    refused = await amis("keys", "lend", str(tmp_path / "read-keys"), "--secret", "ozols")
    assert (refused.exit_code, "gives nothing away" in refused.stderr) == (1, True)
    assert not (tmp_path / "read-keys").exists()


HARMFUL = {
    ("rotate", "card/1"): "turn over together",
    ("rotate", "mac/index"): "present version only",
    ("rotate", "issuer/NONE"): "no such key",
    ("retire", "audit", "1"): "active",
    ("retire-cards", "1"): "in use",
}


async def test_what_would_do_harm_is_refused_in_a_line_and_leaves_nothing(amis: Amis, own: Settings) -> None:
    before = await listed(amis)
    for words, told in HARMFUL.items():
        result = await amis("keys", *words)
        assert (result.exit_code, told in result.stderr) == (1, True), words
    assert await listed(amis) == before

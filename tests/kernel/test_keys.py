"""The key store of a process: created on first use, opened ever after."""

import shutil
import stat
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from amis.kernel import keys
from amis.kernel.settings import Settings
from cards.errors import KeyFileMissing, KeyModuleUnavailable, WrongSecret
from tests.softhsm import Token, in_token

CARDS = [f"card/{slot}" for slot in (*range(6), "picc")]
BASE = ["audit", *CARDS, "mac/index", "mac/snapshot", "manifest", "root", "status", "wrap/staff", "wrap/subject"]


@pytest.fixture(autouse=True)
def _kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "_store", None)


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A data folder whose keys two processes made at the same moment."""
    chosen = Settings(data_dir=tmp_path_factory.mktemp("data"))
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        first, second = pool.map(audit_key, [chosen.data_dir] * 2)
    assert first == second
    return chosen


def audit_key(folder: Path) -> bytes:
    """What a process finds that starts here."""
    return keys.open_keys(Settings(data_dir=folder)).public(keys.AUDIT).der


def test_the_first_start_makes_every_key_once(founded: Settings) -> None:
    store = keys.open_keys(founded)
    assert store.names() == BASE
    assert [store.versions(name) for name in BASE] == [[1]] * len(BASE)
    assert keys.keystore() is store
    assert audit_key(founded.data_dir) == store.public(keys.AUDIT).der


def test_keys_and_passphrase_are_for_their_owner_alone(founded: Settings) -> None:
    folder = keys.key_file(founded).parent
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir() if path.name[0] != "."} == {
        "keystore.json": 0o600,
        "passphrase": 0o600,
    }


def test_a_wrong_passphrase_is_told_and_opens_nothing(founded: Settings) -> None:
    with pytest.raises(WrongSecret):
        keys.open_keys(Settings(data_dir=founded.data_dir, key_passphrase="not this one"))  # type: ignore[arg-type]
    with pytest.raises(RuntimeError, match="not open"):
        keys.keystore()


def test_a_lost_passphrase_is_told_and_not_replaced(founded: Settings) -> None:
    beside = keys.key_file(founded).with_name("passphrase")
    kept = beside.rename(beside.with_name("kept"))
    with pytest.raises(KeyFileMissing, match="passphrase"):
        keys.open_keys(founded)
    assert not beside.exists()
    kept.rename(beside)


def test_a_passphrase_of_the_settings_leaves_none_on_disk(tmp_path: Path) -> None:
    chosen = Settings(key_file=tmp_path / "own" / "file.json", key_passphrase="correct horse")  # type: ignore[arg-type]
    assert keys.open_keys(chosen).names() == BASE
    assert not (tmp_path / "own" / "passphrase").exists()


def test_a_key_that_this_version_needs_is_added_to_an_older_file(
    founded: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied = Settings(data_dir=shutil.copytree(founded.data_dir, tmp_path / "copy"))
    before = audit_key(copied.data_dir)
    monkeypatch.setattr(keys, "_BASE", (*keys._BASE, "wrap/new"))
    assert keys.open_keys(copied).names() == sorted([*BASE, "wrap/new"])
    assert audit_key(copied.data_dir) == before


def test_keys_in_a_token_are_made_once_and_leave_no_file(tmp_path: Path, token: Token) -> None:
    chosen = in_token(Settings(data_dir=tmp_path), token)
    store = keys.open_keys(chosen)
    assert store.names() == BASE
    assert keys.open_keys(chosen).public(keys.AUDIT).der == store.public(keys.AUDIT).der
    assert [path.name for path in (tmp_path / "keys").iterdir() if path.name[0] != "."] == []


def test_a_module_that_is_not_there_is_told(tmp_path: Path, token: Token) -> None:
    chosen = in_token(Settings(data_dir=tmp_path), token).model_copy(update={"pkcs11_module": tmp_path / "no.so"})
    with pytest.raises(KeyModuleUnavailable):
        keys.open_keys(chosen)

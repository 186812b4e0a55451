"""What a terminal keeps: sealed, openable by its own keys alone, and gone when the key is gone."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminals.errors import HomeTaken, StoreDamaged, StoreLocked
from terminals.keeping import Seal, SealedFolder, destroy_store_key, seals_in, sole_user

SEAL = Seal(bytes(32))


@given(st.binary(max_size=100), st.text(max_size=20))
def test_what_was_sealed_opens_under_its_name(content: bytes, name: str) -> None:
    assert SEAL.open(SEAL.close(content, name), name) == content


@given(st.binary(max_size=50), st.data())
def test_a_changed_byte_another_name_and_another_key_open_nothing(content: bytes, data: st.DataObject) -> None:
    sealed = bytearray(SEAL.close(content, "it"))
    for seal, name in ((SEAL, "that"), (Seal(bytes(31) + b"1"), "it")):
        with pytest.raises(StoreDamaged):
            seal.open(bytes(sealed), name)
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(StoreDamaged):
        SEAL.open(bytes(sealed), "it")


@given(st.binary(max_size=40))
def test_what_nobody_sealed_does_not_open(content: bytes) -> None:
    with pytest.raises(StoreDamaged):
        SEAL.open(content, "it")


def test_keys_are_made_once_and_only_the_owner_can_read_them(tmp_path: Path) -> None:
    sealed = seals_in(tmp_path).store.close(b"text", "it")
    assert seals_in(tmp_path).store.open(sealed, "it") == b"text"
    for name in ("store.key", "records.key"):
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o600
        assert len((tmp_path / name).read_bytes()) == 32


def test_a_passphrase_locks_the_keys(tmp_path: Path) -> None:
    sealed = seals_in(tmp_path, "ozols").records.close(b"line", "it")
    assert seals_in(tmp_path, "ozols").records.open(sealed, "it") == b"line"
    for wrong in ("", "liepa"):
        with pytest.raises(StoreLocked):
            seals_in(tmp_path, wrong)


def test_keys_made_without_a_passphrase_do_not_pretend_to_have_one(tmp_path: Path) -> None:
    seals_in(tmp_path)
    with pytest.raises(StoreLocked):
        seals_in(tmp_path, "ozols")


def test_a_damaged_key_file_says_so(tmp_path: Path) -> None:
    (tmp_path / "store.key").write_bytes(b"short")
    with pytest.raises(StoreDamaged):
        seals_in(tmp_path)


def test_a_destroyed_key_takes_the_store_with_it_and_leaves_the_lines(tmp_path: Path) -> None:
    seals = seals_in(tmp_path)
    text, line = seals.store.close(b"text", "it"), seals.records.close(b"line", "it")
    destroy_store_key(tmp_path)
    destroy_store_key(tmp_path)
    later = seals_in(tmp_path)
    with pytest.raises(StoreDamaged):
        later.store.open(text, "it")
    assert later.records.open(line, "it") == b"line"


def test_a_folder_keeps_replaces_lists_and_forgets(tmp_path: Path) -> None:
    folder = SealedFolder(tmp_path / "bundle", SEAL)
    assert (folder.names(), folder.read("a")) == ([], None)
    for content in (b"one", b"two"):
        folder.write("a", content)
    folder.write("b", b"secret")
    assert (folder.names(), folder.read("a")) == (["a", "b"], b"two")
    assert b"secret" not in (tmp_path / "bundle" / "b").read_bytes()
    folder.remove("a")
    folder.remove("a")
    assert (folder.names(), folder.read("a")) == (["b"], None)


def test_a_file_that_is_damaged_or_was_exchanged_for_another_is_as_good_as_none(tmp_path: Path) -> None:
    folder = SealedFolder(tmp_path, SEAL)
    for name in ("one", "two"):
        folder.write(name, name.encode())
    (tmp_path / "one").replace(tmp_path / "two")
    assert folder.read("two") is None
    folder.write("one", b"1")
    (tmp_path / "one").write_bytes((tmp_path / "one").read_bytes()[:-1])
    assert folder.read("one") is None


def test_one_program_works_with_a_folder(tmp_path: Path) -> None:
    with sole_user(tmp_path), pytest.raises(HomeTaken), sole_user(tmp_path):
        pass
    with sole_user(tmp_path):
        pass

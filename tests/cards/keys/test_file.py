import stat

import pytest

from cards.errors import KeyFileDamaged, KeyFileExists, KeyFileMissing, NoSuchKey, WrongKeyUse, WrongSecret
from cards.keys import Argon2Cost, EncryptedFileKeyStore, Passphrase, RawKey
from tests.cards.conftest import CHEAP

SECRET = Passphrase("ozols pie upes", CHEAP)


def test_a_store_is_opened_again_with_its_passphrase(store, tmp_path):
    store.add("wrap")
    blob = store.wrap("wrap", b"secret", b"")
    assert EncryptedFileKeyStore.open(tmp_path / "keys", SECRET).unwrap("wrap", blob, b"") == b"secret"


def test_the_cost_is_read_from_the_file_not_from_the_opener(store, tmp_path):
    opened = EncryptedFileKeyStore.open(tmp_path / "keys", Passphrase("ozols pie upes", Argon2Cost(2, 128, 2)))
    assert opened.names() == []


@pytest.mark.parametrize("secret", [Passphrase("ozols pie Upes", CHEAP), Passphrase(""), RawKey(bytes(32))])
def test_another_secret_does_not_open_it(store, tmp_path, secret):
    with pytest.raises(WrongSecret):
        EncryptedFileKeyStore.open(tmp_path / "keys", secret)


def test_a_raw_key_opens_its_own_store(tmp_path, monkeypatch):
    (tmp_path / "master").write_bytes(bytes(range(32)))
    EncryptedFileKeyStore.create(tmp_path / "keys", RawKey.read(tmp_path / "master")).add("mac")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert EncryptedFileKeyStore.open(tmp_path / "keys", RawKey.credential("master")).names() == ["mac"]
    with pytest.raises(WrongSecret):
        EncryptedFileKeyStore.open(tmp_path / "keys", SECRET)


def test_a_raw_key_that_is_not_there_or_not_32_bytes_is_refused(tmp_path, monkeypatch):
    (tmp_path / "short").write_bytes(bytes(31))
    with pytest.raises(WrongSecret):
        RawKey.read(tmp_path / "short")
    with pytest.raises(KeyFileMissing):
        RawKey.read(tmp_path / "nothing")
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    with pytest.raises(KeyFileMissing):
        RawKey.credential("short")


def test_a_store_is_never_overwritten(store, tmp_path):
    with pytest.raises(KeyFileExists):
        EncryptedFileKeyStore.create(tmp_path / "keys", SECRET)


def test_a_store_that_is_not_there_is_missing(tmp_path):
    with pytest.raises(KeyFileMissing):
        EncryptedFileKeyStore.open(tmp_path / "keys", SECRET)


def test_the_file_is_for_its_owner_only_and_leaves_no_drafts(store, tmp_path):
    store.add("issuer/JLG")
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == [".keys.lock", "keys"]


def test_every_truncation_and_every_changed_byte_is_noticed(store, tmp_path):
    store.add("mac")
    path = tmp_path / "keys"
    whole = path.read_bytes()
    for end in range(len(whole)):
        path.write_bytes(whole[:end])
        with pytest.raises((KeyFileDamaged, WrongSecret)):
            EncryptedFileKeyStore.open(path, SECRET)
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes((whole[place] ^ 0x10,)) + whole[place + 1 :])
        with pytest.raises((KeyFileDamaged, WrongSecret)):
            EncryptedFileKeyStore.open(path, SECRET)


def test_no_secret_shows_in_the_file_or_in_a_repr(store, tmp_path):
    store.add("issuer/JLG")
    assert b"issuer" not in (tmp_path / "keys").read_bytes()
    assert "ozols" not in repr(SECRET)
    assert repr(RawKey(b"\x07" * 32)) == "RawKey()"


def test_only_the_masters_that_a_terminal_needs_are_lent(store, tmp_path):
    for name in ("card/0", "card/1", "card/2", "issuer/JLG"):
        store.add(name)
    store.rotate("card/1")
    lent = store.lend(["card/1", "card/2"], tmp_path / "lent", RawKey(bytes(32)))
    assert lent.states("card/1") == store.states("card/1")
    assert lent.check_value("card/1", 1) == store.check_value("card/1", 1)
    for name in ("card/0", "issuer/JLG", "card/9"):
        with pytest.raises(WrongKeyUse):
            store.lend([name], tmp_path / "other", RawKey(bytes(32)))
    assert not (tmp_path / "other").exists()


def test_a_master_that_is_not_there_yet_is_not_lent_and_leaves_no_file(store, tmp_path):
    store.add("card/1")
    with pytest.raises(NoSuchKey):
        store.lend(["card/1", "card/2"], tmp_path / "lent", RawKey(bytes(32)))
    assert not (tmp_path / "lent").exists()


def test_two_processes_do_not_lose_each_others_keys(store, tmp_path):
    other = EncryptedFileKeyStore.open(tmp_path / "keys", SECRET)
    store.add("issuer/JLG")
    other.add("issuer/RIX")
    with pytest.raises(NoSuchKey):
        store.public("issuer/RIX")
    store.reload()
    assert store.names() == other.names() == ["issuer/JLG", "issuer/RIX"]
    assert EncryptedFileKeyStore.open(tmp_path / "keys", SECRET).names() == store.names()


def test_what_another_process_turned_over_is_found_without_being_told(store, tmp_path):
    store.add("wrap")
    store.add("card/1")
    other = EncryptedFileKeyStore.open(tmp_path / "keys", SECRET)
    other.rotate("card/1")
    other.rotate("wrap")
    assert store.unwrap("wrap", other.wrap("wrap", b"secret", b""), b"") == b"secret"
    assert store.check_value("card/1", 2) == other.check_value("card/1", 2)


def test_a_store_can_be_put_under_another_secret(store, tmp_path):
    store.add("mac")
    tag = store.mac("mac", b"data")
    store.relock(RawKey(b"k" * 32))
    with pytest.raises(WrongSecret):
        EncryptedFileKeyStore.open(tmp_path / "keys", SECRET)
    assert EncryptedFileKeyStore.open(tmp_path / "keys", RawKey(b"k" * 32)).mac("mac", b"data") == tag


def test_a_header_that_asks_for_too_much_work_is_refused_at_once(store, tmp_path):
    path = tmp_path / "keys"
    costly = bytes.fromhex("8501031a7fffffff0150") + bytes(16)
    path.write_bytes(b"AMIS-KEYS\x01" + bytes((len(costly),)) + costly + bytes(60))
    with pytest.raises(KeyFileDamaged):
        EncryptedFileKeyStore.open(path, SECRET)


def test_a_verify_only_signing_key_leaves_no_private_half_on_disk(store, tmp_path):
    store.add("issuer/JLG")
    store.rotate("issuer/JLG")
    opened = EncryptedFileKeyStore.open(tmp_path / "keys", SECRET)
    rows = {(key.version, key.secret is None) for key in opened._shelf.all("issuer/JLG")}
    assert rows == {(1, True), (2, False)}

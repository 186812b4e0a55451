"""Keys of issuers are taken up when they appear and dropped when they are retired."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from amis.kernel import keys
from amis.kernel.settings import Settings
from amis.validating.trusted import AGAIN, Trusted
from cards import cose
from cards.errors import UnknownKey
from cards.keys import Argon2Cost, EncryptedFileKeyStore, Passphrase
from cards.trust import CREDENTIALS

NOW = datetime(2026, 5, 31, 12, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, configured: Settings) -> EncryptedFileKeyStore:
    made = EncryptedFileKeyStore.create(tmp_path / "keys", Passphrase("a passphrase", Argon2Cost(1, 8, 1)))
    made.add("issuer/JLG")
    made.add("status")
    monkeypatch.setattr(keys, "_store", made)
    return made


def trusts(trusted: Trusted, store: EncryptedFileKeyStore, version: int, at: datetime) -> bool:
    public = store.public("issuer/JLG", version)
    try:
        trusted.current(at).key_for(cose.header(cose.ESP256, public.kid), CREDENTIALS)
    except UnknownKey:
        return False
    return True


def test_a_new_key_of_this_process_counts_at_once(store: EncryptedFileKeyStore) -> None:
    trusted = Trusted()
    assert trusts(trusted, store, 1, NOW)
    store.rotate("issuer/JLG")
    assert not trusts(trusted, store, 2, NOW)
    assert trusted.look_again(NOW)
    assert trusts(trusted, store, 1, NOW)
    assert trusts(trusted, store, 2, NOW)


def test_looking_again_finds_nothing_when_there_is_nothing(store: EncryptedFileKeyStore) -> None:
    trusted = Trusted()
    trusted.current(NOW)
    assert not trusted.look_again(NOW + timedelta(hours=1))


def test_a_retired_key_is_dropped_within_a_minute(store: EncryptedFileKeyStore) -> None:
    trusted = Trusted()
    store.rotate("issuer/JLG")
    old = store.public("issuer/JLG", 1)
    assert trusts(trusted, store, 1, NOW)
    store.retire("issuer/JLG", 1)
    with pytest.raises(UnknownKey):
        trusted.current(NOW + AGAIN).key_for(cose.header(cose.ESP256, old.kid), CREDENTIALS)

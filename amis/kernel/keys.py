"""The key store of this process: created on first use, opened once."""

import secrets
from pathlib import Path

from amis.kernel.settings import Settings
from cards.keys import EncryptedFileKeyStore, KeyStore, Passphrase, Secret
from cards.keys.atomic import exclusive, read_file, replace_file

AUDIT = "audit"
INDEX = "mac/index"
SUBJECT = "wrap/subject"
STAFF = "wrap/staff"
STATUS = "status"
_BASE = (AUDIT, INDEX, SUBJECT, STAFF, STATUS)
"""The keys that every installation has from its first start."""

_store: KeyStore | None = None


def open_keys(settings: Settings) -> KeyStore:
    """Opens (or on first use creates) the key store that the settings name.

    Raises:
        cards.errors.CardsError: the passphrase is wrong or missing, or the file is damaged.
    """
    global _store
    path = key_file(settings)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Web process and worker may start for the first time at once.
    with exclusive(path.with_name("passphrase")):
        if not path.exists():
            _create(settings, path)
    store = EncryptedFileKeyStore.open(path, _secret(settings, path))
    _complete(store, path)
    _store = store
    return store


def keystore() -> KeyStore:
    """The open key store.

    Raises:
        RuntimeError: `open_keys` was not called.
    """
    if _store is None:
        raise RuntimeError("the key store is not open")
    return _store


def key_file(settings: Settings) -> Path:
    """Where the encrypted key file lies."""
    return settings.key_file or settings.data_dir / "keys" / "keystore.json"


def _create(settings: Settings, path: Path) -> None:
    beside = path.with_name("passphrase")
    if settings.key_passphrase is None and not beside.exists():
        replace_file(beside, secrets.token_urlsafe(32).encode())
    EncryptedFileKeyStore.create(path, _secret(settings, path))


def _complete(store: EncryptedFileKeyStore, path: Path) -> None:
    """Adds the keys that this version needs and the file does not have yet."""
    if set(_BASE) <= set(store.names()):
        return
    with exclusive(path.with_name("passphrase")):
        store.reload()
        for name in set(_BASE) - set(store.names()):
            store.add(name)


def _secret(settings: Settings, path: Path) -> Secret:
    if settings.key_passphrase is not None:
        return Passphrase(settings.key_passphrase.get_secret_value())
    return Passphrase(read_file(path.with_name("passphrase")).decode())

"""The key store of this process: created on first use, opened once."""

import os
import secrets
from pathlib import Path

from amis.kernel.settings import Settings
from cards.keys import EncryptedFileKeyStore, KeyStore, Passphrase, Secret

AUDIT = "audit"
INDEX = "mac/index"
SUBJECT = "wrap/subject"
STAFF = "wrap/staff"
STATUS = "status"
_BASE = (AUDIT, INDEX, SUBJECT, STAFF, STATUS)
"""The keys that every installation has from its first start."""

_store: KeyStore | None = None


def open_keys(settings: Settings) -> KeyStore:
    """Opens (or on first use creates) the key store that the settings name."""
    global _store
    path = key_file(settings)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    secret = _secret(settings, path)
    _store = (EncryptedFileKeyStore.open if path.exists() else EncryptedFileKeyStore.create)(path, secret)
    for name in _BASE:
        if name not in _store.names():
            _store.add(name)
    return _store


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


def _secret(settings: Settings, path: Path) -> Secret:
    if settings.key_passphrase is not None:
        return Passphrase(settings.key_passphrase.get_secret_value())
    beside = path.with_name("passphrase")
    if not beside.exists():
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(32))
    return Passphrase(beside.read_text())

"""The key store of this process: created on first use, opened once."""

import secrets
from pathlib import Path

from amis.kernel.settings import Settings
from cards.errors import KeyModuleUnavailable
from cards.keys import EncryptedFileKeyStore, KeyStore, Passphrase, Secret
from cards.keys.atomic import exclusive, read_file, replace_file
from cards.keys.chip import MASTERS

AUDIT = "audit"
INDEX = "mac/index"
SUBJECT = "wrap/subject"
STAFF = "wrap/staff"
STATUS = "status"
ROOT = "root"
MANIFEST = "manifest"
SNAPSHOT = "mac/snapshot"
_BASE = (AUDIT, INDEX, SUBJECT, STAFF, STATUS, ROOT, MANIFEST, SNAPSHOT, *MASTERS.values())
"""The keys that every installation has from its first start."""

_store: KeyStore | None = None


def open_keys(settings: Settings) -> KeyStore:
    """Opens the key store that the settings name: a PKCS#11 token, or the key file, made on first use.

    Raises:
        cards.errors.CardsError: passphrase or PIN is wrong or missing, the file is damaged, the module is away.
        LookupError: a module is named, but no PIN.
    """
    global _store
    folder = key_file(settings).parent
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    store = _file(settings) if settings.pkcs11_module is None else _token(settings, settings.pkcs11_module)
    _complete(store, folder)
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


def _file(settings: Settings) -> KeyStore:
    path = key_file(settings)
    # Web process and worker may start for the first time at once.
    with exclusive(path.with_name("passphrase")):
        if not path.exists():
            _create(settings, path)
    return EncryptedFileKeyStore.open(path, _secret(settings, path))


def _create(settings: Settings, path: Path) -> None:
    beside = path.with_name("passphrase")
    if settings.key_passphrase is None and not beside.exists():
        replace_file(beside, secrets.token_urlsafe(32).encode())
    EncryptedFileKeyStore.create(path, _secret(settings, path))


def _token(settings: Settings, library: Path) -> KeyStore:
    if settings.pkcs11_pin is None:
        raise LookupError("AMIS_PKCS11_MODULE is set, so AMIS_PKCS11_PIN must be set too")
    try:
        from cards.keys.hardware import HardwareKeyStore
    except ModuleNotFoundError as missing:
        raise KeyModuleUnavailable(f"{missing.name} is not installed: pip install 'amis-concessions[hsm]'") from missing
    lock = key_file(settings).with_name("pkcs11")
    return HardwareKeyStore(library, settings.pkcs11_token, settings.pkcs11_pin.get_secret_value(), lock)


def _complete(store: KeyStore, folder: Path) -> None:
    """Adds the keys that this version needs and the store does not have yet."""
    if set(_BASE) <= set(store.names()):
        return
    with exclusive(folder / "passphrase"):
        store.reload()
        for name in sorted(set(_BASE) - set(store.names())):
            store.add(name)


def _secret(settings: Settings, path: Path) -> Secret:
    if settings.key_passphrase is not None:
        return Passphrase(settings.key_passphrase.get_secret_value())
    return Passphrase(read_file(path.with_name("passphrase")).decode())

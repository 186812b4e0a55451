"""Where a terminal holds the masters by which it reads cards: a file that the service lent it, or a token (SAM)."""

from pathlib import Path

from cards.errors import KeyModuleUnavailable
from cards.keys import EncryptedFileKeyStore, KeyStore, Passphrase


def in_file(path: Path, passphrase: str) -> KeyStore:
    """The file that `amis keys lend` wrote.

    Raises:
        KeyFileMissing, KeyFileDamaged, WrongSecret
    """
    return EncryptedFileKeyStore.open(path, Passphrase(passphrase))


def in_token(module: Path, token: str, pin: str, home: Path) -> KeyStore:
    """The token of a PKCS#11 module; its master is labelled `amis:card/1:VERSION:active`.

    Raises:
        KeyModuleUnavailable, WrongPin
    """
    try:
        from cards.keys.hardware import HardwareKeyStore
    except ModuleNotFoundError as missing:
        raise KeyModuleUnavailable(f"{missing.name} is not installed: pip install 'amis-concessions[hsm]'") from missing
    return HardwareKeyStore(module, token, pin, home / "sam")

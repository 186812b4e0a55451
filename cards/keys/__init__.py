"""Key stores: private keys stay inside; callers name a key and say what to do with it."""

from cards.keys.chip import PICC, CardKeys, chip_keys, keyset, rotate_keyset
from cards.keys.diversify import diversify
from cards.keys.file import EncryptedFileKeyStore
from cards.keys.lock import Argon2Cost, Passphrase, RawKey, Secret
from cards.keys.ring import KeyState, Public
from cards.keys.store import KeySigner, KeyStore

__all__ = [
    "PICC",
    "Argon2Cost",
    "CardKeys",
    "EncryptedFileKeyStore",
    "KeySigner",
    "KeyState",
    "KeyStore",
    "Passphrase",
    "Public",
    "RawKey",
    "Secret",
    "chip_keys",
    "diversify",
    "keyset",
    "rotate_keyset",
]

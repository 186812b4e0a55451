"""Key stores: private keys stay inside; callers name a key and say what to do with it."""

from cards.keys.diversify import diversify
from cards.keys.file import EncryptedFileKeyStore
from cards.keys.lock import Argon2Cost, Passphrase, RawKey, Secret
from cards.keys.ring import KeyState, Public
from cards.keys.store import KeySigner, KeyStore

__all__ = [
    "Argon2Cost",
    "EncryptedFileKeyStore",
    "KeySigner",
    "KeyState",
    "KeyStore",
    "Passphrase",
    "Public",
    "RawKey",
    "Secret",
    "diversify",
]

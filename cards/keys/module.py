"""A PKCS#11 module (OASIS PKCS #11 3.1): one logged-in session, its faults, and the work that keys do inside it."""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import pkcs11
from pkcs11 import GCMParams, Mechanism, exceptions

from cards.errors import KeyModuleUnavailable, UnwrapFailed, WrongPin
from cards.keys.ring import Algorithm
from cards.keys.wrapping import TAG

STALE = (
    exceptions.SessionHandleInvalid,
    exceptions.SessionClosed,
    exceptions.UserNotLoggedIn,
    exceptions.KeyHandleInvalid,
    exceptions.ObjectHandleInvalid,
)
"""The session or the key went away under our hands: another look may find it again."""
FAILED = exceptions.PKCS11Error
"""Whatever a module can answer beside success."""
_PIN = (exceptions.PinIncorrect, exceptions.PinInvalid, exceptions.PinLenRange, exceptions.PinExpired)
# a wrong tag is an error of the data by the standard, a general error to SoftHSM
_BAD_TAG = (
    exceptions.EncryptedDataInvalid,
    exceptions.EncryptedDataLenRange,
    exceptions.SignatureInvalid,
    exceptions.GeneralError,
)


@contextmanager
def told() -> Iterator[None]:
    """Errors of the module as errors of this package."""
    try:
        yield
    except _PIN as error:
        raise WrongPin(type(error).__name__) from error
    except exceptions.PinLocked as error:
        raise WrongPin("locked") from error
    except exceptions.PKCS11Error as error:
        raise KeyModuleUnavailable(f"{type(error).__name__} {error}".strip()) from error


def start_again(library: Path) -> None:
    """Lets the module forget everything and reach its hardware anew."""
    pkcs11.lib(str(library)).reinitialize()


def log_in(library: Path, token: str, pin: str) -> pkcs11.Session:
    """A session at the token of that label."""
    found = pkcs11.lib(str(library)).get_token(token_label=token)
    try:
        return found.open(rw=True, user_pin=pin)
    except exceptions.UserAlreadyLoggedIn:
        # logging in is the process's, not the session's
        return found.open(rw=True)


def sign(secret: Any, algorithm: Algorithm, data: bytes) -> bytes:
    """The raw 64-byte signature: Ed25519, or r || s of ECDSA over SHA-256."""
    if algorithm is Algorithm.ED25519:
        return bytes(secret.sign(data, mechanism=Mechanism.EDDSA))
    return bytes(secret.sign(sha256(data).digest(), mechanism=Mechanism.ECDSA))


def hmac(secret: Any, data: bytes) -> bytes:
    """HMAC-SHA256."""
    return bytes(secret.sign(data, mechanism=Mechanism.SHA256_HMAC))


def cmac(secret: Any, data: bytes) -> bytes:
    """AES-CMAC (NIST SP 800-38B)."""
    return bytes(secret.sign(data, mechanism=Mechanism.AES_CMAC))


def encrypt(secret: Any, nonce: bytes, plaintext: bytes, aad: bytes) -> bytes:
    """AES-256-GCM ciphertext and tag."""
    return bytes(secret.encrypt(plaintext, mechanism=Mechanism.AES_GCM, mechanism_param=_gcm(nonce, aad)))


def decrypt(secret: Any, nonce: bytes, box: bytes, aad: bytes) -> bytes:
    """What was encrypted; UnwrapFailed for any change."""
    try:
        return bytes(secret.decrypt(box, mechanism=Mechanism.AES_GCM, mechanism_param=_gcm(nonce, aad)))
    except _BAD_TAG:
        raise UnwrapFailed from None


def _gcm(nonce: bytes, aad: bytes) -> GCMParams:
    return GCMParams(nonce, aad, TAG * 8)

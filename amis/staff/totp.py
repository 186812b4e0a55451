"""One-time codes of a second device (TOTP, RFC 6238: SHA-1, 6 digits, 30 seconds, as authenticator apps do)."""

import hmac
from datetime import datetime
from uuid import UUID

import pyotp

from amis.kernel.keys import STAFF, keystore

STEP_SECONDS = 30
_STEPS_AROUND = (-1, 0, 1)


def new_secret() -> str:
    """A fresh 160-bit secret in base32."""
    return pyotp.random_base32()


def sealed(secret: str, account_id: UUID) -> bytes:
    """The secret as kept in the database: wrapped for this account only."""
    return keystore().wrap(STAFF, secret.encode(), _owner(account_id))


def unsealed(blob: bytes, account_id: UUID) -> str:
    """The secret of an account.

    Raises:
        cards.errors.CardsError: the blob belongs to another account or was damaged.
    """
    return keystore().unwrap(STAFF, blob, _owner(account_id)).decode()


def code_at(secret: str, at: datetime) -> str:
    """The code that a device shows at `at`."""
    return pyotp.TOTP(secret).at(at)


def matching_step(secret: str, code: str, at: datetime) -> int | None:
    """The time step whose code this is, now or one step (30 s) either way; None when it is none of them."""
    now = int(at.timestamp()) // STEP_SECONDS
    given = "".join(code.split()).encode()
    found = [now + d for d in _STEPS_AROUND if hmac.compare_digest(_code_of(secret, now + d).encode(), given)]
    return found[0] if found else None


def _code_of(secret: str, step: int) -> str:
    return pyotp.TOTP(secret).at(step * STEP_SECONDS)


def uri(secret: str, email: str) -> str:
    """The otpauth address that an authenticator app reads from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name="AMIS")


def _owner(account_id: UUID) -> bytes:
    return b"account|totp|" + account_id.bytes

"""Keys, trust and times that the tests of cards share."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from cards import cose
from cards.claims import Claims, Right
from cards.credential import mint_static, status_number
from cards.keys import Argon2Cost, EncryptedFileKeyStore, Passphrase
from cards.trust import Trust, TrustEntry

AT = datetime(2026, 9, 1, 8, 30, tzinfo=UTC)
YEAR = timedelta(days=365)
CHEAP = Argon2Cost(iterations=1, memory=64, lanes=1)


@dataclass(frozen=True)
class Issuer:
    """A signer with its private key in the test's hand."""

    key: cose.PrivateKey
    algorithm: int = cose.ESP256

    @property
    def kid(self) -> bytes:
        return cose.key_id(self.key.public_key())

    @property
    def der(self) -> bytes:
        return self.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    def sign(self, data: bytes) -> bytes:
        return cose.sign(self.key, data)

    def entry(self, **fields) -> TrustEntry:
        fields = {"municipality": "JLG", "algorithms": (self.algorithm,)} | fields
        return TrustEntry(kid=self.kid, public_key=self.der, **fields)


def new_issuer() -> Issuer:
    return Issuer(ec.generate_private_key(ec.SECP256R1()))


def edwards_issuer() -> Issuer:
    return Issuer(ed25519.Ed25519PrivateKey.generate(), cose.ED25519)


def claims(**fields) -> Claims:
    """Claims of an ordinary static credential, some of them changed."""
    iat = int(AT.timestamp())
    plain = {
        "iat": iat,
        "exp": iat + 365 * 86_400,
        "status": status_number(1, 77_000),
        "rights": (Right(301, date(2027, 8, 31)), Right(412, date(2026, 12, 31))),
        "cti": b"\x01\x23\x45\x67\x89\xab\xcd\xef",
    }
    return Claims(**(plain | fields))


def minted(issuer: Issuer, **fields) -> str:
    """The text of an ordinary static credential, some of its arguments changed."""
    plain = {
        "status": status_number(1, 77_000),
        "rights": [(301, date(2027, 8, 31)), (412, date(2026, 12, 31))],
        "cti": b"\x01\x23\x45\x67\x89\xab\xcd\xef",
        "issued": AT,
        "expires": AT + YEAR,
    }
    return mint_static(issuer, **(plain | fields))


@pytest.fixture(scope="session")
def issuer() -> Issuer:
    return new_issuer()


@pytest.fixture(scope="session")
def trust(issuer) -> Trust:
    return Trust([issuer.entry()])


@pytest.fixture
def store(tmp_path: Path) -> EncryptedFileKeyStore:
    return EncryptedFileKeyStore.create(tmp_path / "keys", Passphrase("ozols pie upes", CHEAP))

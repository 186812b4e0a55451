"""Pairing: a key pair of the terminal's own, a one-time code, and the assertions by which it proves its key later.

RFC 7517 (JWK), RFC 7638 (thumbprint), RFC 7523 section 2.2 (private_key_jwt), RFC 7518 section 3.4 (ES256).
"""

import base64
import json
import os
import secrets
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from terminals.errors import NotPaired, PairedAlready, Refused

_LIFE = 60
"""Seconds an assertion lives, the longest the service takes."""


@dataclass(frozen=True, slots=True)
class Pairing:
    """Whom this terminal is paired with, as which machine, in which space of sequence numbers."""

    url: str
    machine_id: str
    pairing: int
    fingerprint: str


async def pair(url: str, code: str, home: Path, http: httpx.AsyncClient) -> Pairing:
    """Makes a key pair in `home`, sends its public half with the code and keeps what the service answered.

    The service works with the key once a person has compared the fingerprint and approved it.

    Raises:
        PairedAlready, Refused
    """
    if (home / "pairing.json").exists():
        raise PairedAlready(str(home))
    key = ec.generate_private_key(ec.SECP256R1())
    response = await http.post(f"{url}/machine/v1/pair", json={"code": code, "jwk": jwk(key.public_key())})
    if response.status_code != httpx.codes.OK:
        raise Refused(f"{response.status_code} {response.text}")
    answer = response.json()
    pairing = Pairing(url, answer["machine_id"], answer["pairing"], answer["fingerprint"])
    _keep(home, pairing, key)
    return pairing


def _keep(home: Path, pairing: Pairing, key: ec.EllipticCurvePrivateKey) -> None:
    home.mkdir(parents=True, exist_ok=True)
    _write(home / "key.pem", key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    _write(home / "pairing.json", json.dumps(asdict(pairing)).encode())


def paired(home: Path) -> tuple[Pairing, ec.EllipticCurvePrivateKey]:
    """What `pair` kept in `home`.

    Raises:
        NotPaired
    """
    try:
        pairing = Pairing(**json.loads((home / "pairing.json").read_text()))
        key = load_pem_private_key((home / "key.pem").read_bytes(), None)
    except (OSError, ValueError, TypeError) as error:
        raise NotPaired(str(home)) from error
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise NotPaired(str(home))
    return pairing, key


def jwk(public: ec.EllipticCurvePublicKey) -> dict[str, str]:
    """The public key as a JWK."""
    numbers = public.public_numbers()
    return {"kty": "EC", "crv": "P-256", "x": _text(numbers.x.to_bytes(32)), "y": _text(numbers.y.to_bytes(32))}


def thumbprint(public: ec.EllipticCurvePublicKey) -> str:
    """The fingerprint that the terminal shows beside the one that the service shows."""
    canonical = json.dumps(jwk(public), sort_keys=True, separators=(",", ":"))
    return _text(sha256(canonical.encode()).digest())


def assertion(pairing: Pairing, key: ec.EllipticCurvePrivateKey, at: datetime) -> str:
    """A signed statement for one token request."""
    issued = int(at.timestamp())
    claims: dict[str, Any] = {"iss": pairing.machine_id, "sub": pairing.machine_id, "jti": secrets.token_urlsafe(16)}
    claims |= {"aud": f"{pairing.url}/machine/v1/token", "iat": issued, "exp": issued + _LIFE}
    signed = f"{_part({'alg': 'ES256', 'typ': 'JWT'})}.{_part(claims)}"
    r, s = decode_dss_signature(key.sign(signed.encode(), ec.ECDSA(SHA256())))
    return f"{signed}.{_text(r.to_bytes(32) + s.to_bytes(32))}"


def _part(content: dict[str, Any]) -> str:
    return _text(json.dumps(content, separators=(",", ":")).encode())


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _write(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())

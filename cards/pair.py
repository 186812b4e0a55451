"""Pairing a machine, desk or terminal, with the service: a key pair of its own and a one-time code."""

import json
import os
from dataclasses import asdict, replace
from pathlib import Path

import httpx
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from cards.bearer import Pairing
from cards.errors import NotPaired, PairedAlready, PairingRefused
from cards.jwk import jwk


async def pair(url: str, code: str, home: Path, http: httpx.AsyncClient) -> Pairing:
    """Makes a key pair in `home`, sends its public half with the code and keeps what the service answered.

    The service works with the key once a person has compared the fingerprint and approved it.

    Raises:
        PairedAlready, PairingRefused
    """
    if (home / "pairing.json").exists():
        raise PairedAlready(str(home))
    key = ec.generate_private_key(ec.SECP256R1())
    response = await http.post(f"{url}/machine/v1/pair", json={"code": code, "jwk": jwk(key.public_key())})
    if response.status_code != httpx.codes.OK:
        raise PairingRefused(f"{response.status_code} {response.text}")
    answer = response.json()
    pairing = Pairing(url, answer["machine_id"], answer["pairing"], answer["fingerprint"], answer.get("root", ""))
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


def move(home: Path, url: str) -> None:
    """The service that this machine is paired with has another address now.

    Raises:
        NotPaired
    """
    pairing, _ = paired(home)
    if pairing.url != url:
        _write(home / "pairing.json", json.dumps(asdict(replace(pairing, url=url))).encode())


def _write(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())

"""Pairing from the machine's side, checked by the service's own verifier."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from amis.staff import assertion as service
from amis.staff import pairing as service_pairing
from amis.staff.errors import InvalidClient
from cards.bearer import Pairing, assertion
from cards.errors import NotPaired, PairedAlready, PairingRefused
from cards.jwk import jwk, thumbprint
from cards.pair import pair, paired

AT = datetime(2026, 5, 1, 12, tzinfo=UTC)
AUDIENCE = "https://amis.example/machine/v1/token"


@pytest.fixture
def key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@pytest.fixture
def pairing() -> Pairing:
    return Pairing("https://amis.example", str(uuid4()), 1, "print")


def test_the_service_accepts_the_terminals_assertion(key: ec.EllipticCurvePrivateKey, pairing: Pairing) -> None:
    said = service.verify(assertion(pairing, key, AT), dict(jwk(key.public_key())), AUDIENCE, AT)
    assert str(said.machine_id) == pairing.machine_id


def test_an_assertion_for_another_service_another_key_or_another_time_is_refused(
    key: ec.EllipticCurvePrivateKey, pairing: Pairing
) -> None:
    public = dict(jwk(key.public_key()))
    other = ec.generate_private_key(ec.SECP256R1())
    wrong = [
        (assertion(replace(pairing, url="https://other.example"), key, AT), AT),
        (assertion(pairing, other, AT), AT),
        (assertion(pairing, key, AT), AT + timedelta(minutes=5)),
    ]
    for text, at in wrong:
        with pytest.raises(InvalidClient):
            service.verify(text, public, AUDIENCE, at)


def test_no_two_assertions_share_their_one_time_id(key: ec.EllipticCurvePrivateKey, pairing: Pairing) -> None:
    public = dict(jwk(key.public_key()))
    seen = {service.verify(assertion(pairing, key, AT), public, AUDIENCE, AT).jti for _ in range(20)}
    assert len(seen) == 20


def test_terminal_and_service_show_the_same_fingerprint(key: ec.EllipticCurvePrivateKey) -> None:
    assert thumbprint(key.public_key()) == service_pairing.fingerprint(jwk(key.public_key()))


async def test_a_terminal_keeps_its_key_for_itself_and_pairs_once(tmp_path: Path) -> None:
    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"machine_id": "m", "pairing": 1, "fingerprint": "f", "root": "MFkw"})

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        made = await pair("https://amis.example", "CODE", tmp_path / "home", http)
        assert paired(tmp_path / "home")[0] == made
        assert made.root == "MFkw"
        assert (tmp_path / "home" / "key.pem").stat().st_mode & 0o077 == 0
        with pytest.raises(PairedAlready):
            await pair("https://amis.example", "CODE", tmp_path / "home", http)


async def test_a_refused_code_leaves_nothing_behind(tmp_path: Path) -> None:
    async with httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(400))) as http:
        with pytest.raises(PairingRefused):
            await pair("https://amis.example", "CODE", tmp_path / "home", http)
    with pytest.raises(NotPaired):
        paired(tmp_path / "home")

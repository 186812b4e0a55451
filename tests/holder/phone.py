"""A phone that speaks the holder's protocol, with none of the service's own code but codecs."""

import base64
import json
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric import ec

from amis.kernel import clock
from cards import base45, cose
from cards.jwk import base64url, jwk, thumbprint
from cards.presentation import present


@dataclass(slots=True)
class Phone:
    """One key, the address of the service, and the credential that it has."""

    http: httpx.AsyncClient
    url: str
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    credential: str = ""

    def sign(self, data: bytes) -> bytes:
        return cose.sign(self.key, data)

    def enrolment(self, code: str) -> dict[str, Any]:
        """The body of an enrolment with this code."""
        plain = code.replace("-", "").upper()
        signed = self.sign(f"AMIS-HOLDER|{plain}|{thumbprint(self.key.public_key())}".encode())
        return {"code": code, "jwk": jwk(self.key.public_key()), "proof": base64url(signed)}

    async def enrol(self, code: str, **other: Any) -> httpx.Response:
        """Enrols with this code; `other` replaces parts of the body."""
        answer = await self.http.post(f"{self.url}/holder/v1/devices", json=self.enrolment(code) | other)
        self.credential = answer.json().get("text", self.credential)
        return answer

    async def renew(self) -> httpx.Response:
        """Asks for what it presents from now on."""
        answer = await self.ask("POST", "/holder/v1/credential")
        self.credential = answer.json().get("text", self.credential)
        return answer

    async def ask(self, method: str, path: str, query: str = "", **claims: Any) -> httpx.Response:
        """A proved request; `claims` replace those of the proof."""
        headers = {"dpop": self.proof(method, path, **claims)}
        return await self.http.request(method, f"{self.url}{path}{query}", headers=headers)

    def proof(self, method: str, path: str, **claims: Any) -> str:
        """A proof JWT (RFC 9449 section 4.2)."""
        head = {"typ": claims.pop("typ", "dpop+jwt"), "alg": "ES256", "jwk": jwk(self.key.public_key())}
        said = {"htm": method, "htu": self.url + path, "iat": int(clock.now().timestamp())}
        said |= {"jti": secrets.token_urlsafe(12)} | claims
        signed = ".".join(base64url(json.dumps(part).encode()) for part in (head, said))
        return f"{signed}.{base64url(self.sign(signed.encode()))}"

    def shows(self, at: datetime | None = None) -> str:
        """The text on its screen at this time: AM2."""
        credential = base45.decode(self.credential.removeprefix("AM1:"))
        return present(credential, self.sign, int((at or clock.now()).timestamp()))


def claims_of(proof: str) -> dict[str, Any]:
    """The claims in a proof."""
    middle = proof.split(".")[1]
    content: dict[str, Any] = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
    return content

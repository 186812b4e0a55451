"""A paired machine's short proofs: the assertion signed with its key, and the bearer token got for it.

RFC 7523 section 2.2 (private_key_jwt), RFC 7518 section 3.4 (ES256), RFC 6749 section 4.4 (client credentials).
"""

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from cards.clock import now as wall_clock
from cards.errors import MachineRevoked, PairingRefused, ServiceUnreachable
from cards.jwk import base64url

_LIFE = 60
"""Seconds an assertion lives, the longest the service takes."""
_EARLY = timedelta(minutes=1)
"""A bearer is renewed so long before its end."""
_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@dataclass(frozen=True, slots=True)
class Pairing:
    """Whom this machine is paired with, as which machine, in which space of sequence numbers.

    `root` is the key (DER SubjectPublicKeyInfo, base64url) that signs the list of whose signatures count.
    """

    url: str
    machine_id: str
    pairing: int
    fingerprint: str
    root: str = ""


class Bearer:
    """The bearer token of one paired machine, renewed when it runs out."""

    def __init__(
        self,
        pairing: Pairing,
        key: ec.EllipticCurvePrivateKey,
        http: httpx.AsyncClient,
        now: Callable[[], datetime] = wall_clock,
    ) -> None:
        self._pairing = pairing
        self._key = key
        self._http = http
        self._now = now
        self._text = ""
        self._ends: datetime | None = None

    def forget(self) -> None:
        """The service no longer takes the token: the next one is a new one."""
        self._ends = None

    async def headers(self) -> dict[str, str]:
        """What a request carries.

        Raises:
            ServiceUnreachable: no answer, or the service is too busy.
            PairingRefused: the key is not approved yet, or no longer good (MachineRevoked: for ever).
        """
        now = self._now()
        if self._ends is None or now > self._ends - _EARLY:
            await self._renew(now)
        return {"authorization": f"Bearer {self._text}"}

    async def _renew(self, now: datetime) -> None:
        form = {"client_assertion_type": _ASSERTION, "client_assertion": assertion(self._pairing, self._key, now)}
        form["grant_type"] = "client_credentials"
        try:
            response = await self._http.post(f"{self._pairing.url}/machine/v1/token", data=form)
        except httpx.RequestError as error:
            raise ServiceUnreachable(self._pairing.url) from error
        if response.status_code >= 500 or response.status_code == httpx.codes.TOO_MANY_REQUESTS:
            raise ServiceUnreachable(str(response.status_code))
        if response.status_code != httpx.codes.OK:
            refused = MachineRevoked if _revoked(response) else PairingRefused
            raise refused(f"{response.status_code} {response.text}")
        try:
            answer = response.json()
            text, ends = str(answer["access_token"]), now + timedelta(seconds=answer["expires_in"])
            text.encode("ascii")
        except (ValueError, KeyError, TypeError, OverflowError) as error:
            raise ServiceUnreachable("something else answers at its address") from error
        self._text, self._ends = text, ends


def _revoked(response: httpx.Response) -> bool:
    try:
        said = response.json()
    except ValueError:
        return False
    return isinstance(said, dict) and said.get("state") == "revoked"


def assertion(
    pairing: Pairing,
    key: ec.EllipticCurvePrivateKey,
    at: datetime,
    audience: str = "",
    more: Mapping[str, Any] = MappingProxyType({}),
) -> str:
    """A signed statement for one request to `audience`, which is that for a token unless said; `more` are claims."""
    issued = int(at.timestamp())
    claims: dict[str, Any] = {"iss": pairing.machine_id, "sub": pairing.machine_id, "jti": secrets.token_urlsafe(16)}
    claims |= {"aud": audience or f"{pairing.url}/machine/v1/token", "iat": issued, "exp": issued + _LIFE, **more}
    signed = f"{_part({'alg': 'ES256', 'typ': 'JWT'})}.{_part(claims)}"
    r, s = decode_dss_signature(key.sign(signed.encode(), ec.ECDSA(SHA256())))
    return f"{signed}.{base64url(r.to_bytes(32) + s.to_bytes(32))}"


def _part(content: dict[str, Any]) -> str:
    return base64url(json.dumps(content, separators=(",", ":")).encode())

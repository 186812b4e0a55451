"""Bodies of the machine API."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class PairRequest(BaseModel):
    """The one-time code, and the machine's public key as a JWK (EC, P-256)."""

    model_config = ConfigDict(strict=True, extra="forbid")
    code: Annotated[str, Field(min_length=1, max_length=64)]
    jwk: Annotated[dict[str, Any], Field(max_length=16)]


class PairAnswer(BaseModel):
    """The machine's id, its pairing number (a new space of sequence numbers) and its key's RFC 7638 thumbprint.

    `root` is the key (DER SubjectPublicKeyInfo, base64url) that signs the list of whose signatures count.
    """

    machine_id: UUID
    pairing: int
    fingerprint: str
    root: str


class TokenRequest(BaseModel):
    """A client credentials request with a client assertion (RFC 6749 section 4.4, RFC 7523 section 2.2)."""

    model_config = ConfigDict(extra="forbid")
    grant_type: Annotated[str, Field(max_length=64)] = "client_credentials"
    client_assertion_type: Annotated[str, Field(max_length=128)]
    client_assertion: Annotated[str, Field(min_length=1, max_length=4096)]


class TokenAnswer(BaseModel):
    """An opaque bearer token; `expires_in` in seconds."""

    access_token: str
    token_type: str = "Bearer"  # noqa: S105  # a word of RFC 6750
    expires_in: int

"""Client assertions by which a machine proves its key (`private_key_jwt`: RFC 7523 section 3, RFC 7521)."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from amis.staff.errors import InvalidClient

LONGEST_LIFE = timedelta(seconds=60)
CLOCK_SKEW = timedelta(seconds=30)
_LONGEST_TEXT = 4096
_LONGEST_JTI = 128


@dataclass(frozen=True, slots=True)
class Assertion:
    """What a valid assertion says: who speaks, under which one-time id, and until when it could be used."""

    machine_id: UUID
    jti: str
    expires_at: datetime


def claimed_machine(text: str) -> UUID:
    """The machine that an assertion claims to be of, before anything is verified: only to find its key.

    Raises:
        InvalidClient: the text is no JWT with a machine's id as `sub`.
    """
    if len(text) > _LONGEST_TEXT:
        raise InvalidClient
    try:
        return UUID(json.loads(jws.extract_compact(text.encode()).payload)["sub"])
    except (JoseError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InvalidClient from error


def verify(text: str, jwk: dict[str, Any], audience: str, at: datetime) -> Assertion:
    """Checks signature (ES256 and nothing else), then issuer, subject, audience, lifetime and one-time id.

    Raises:
        InvalidClient: without detail before the signature is known to be good, with the faulty claim after.
    """
    try:
        signed = jws.deserialize_compact(text.encode(), ECKey.import_key(jwk), algorithms=["ES256"])
        claims = json.loads(signed.payload)
    except (JoseError, ValueError, RecursionError) as error:
        raise InvalidClient from error
    issued, expires = _instant(claims, "iat"), _instant(claims, "exp")
    if expires <= at - CLOCK_SKEW or issued > at + CLOCK_SKEW:
        raise InvalidClient("exp or iat: the assertion is expired or from the future; check the machine's clock")
    if not timedelta(0) < expires - issued <= LONGEST_LIFE:
        raise InvalidClient(f"exp: at most {LONGEST_LIFE.seconds} s after iat")
    return Assertion(_subject(claims, audience), _jti(claims), expires)


def _subject(claims: dict[str, Any], audience: str) -> UUID:
    audiences = claims.get("aud")
    if audience not in (audiences if isinstance(audiences, list) else [audiences]):
        raise InvalidClient(f"aud: must be {audience}")
    if claims.get("iss") != claims.get("sub"):
        raise InvalidClient("iss: must be the same as sub")
    return UUID(claims["sub"])


def _jti(claims: dict[str, Any]) -> str:
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 0 < len(jti) <= _LONGEST_JTI:
        raise InvalidClient(f"jti: a text of 1 to {_LONGEST_JTI} characters")
    return jti


def _instant(claims: dict[str, Any], name: str) -> datetime:
    value = claims.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 2**33:
        raise InvalidClient(f"{name}: seconds since 1970")
    return datetime.fromtimestamp(value, UTC)

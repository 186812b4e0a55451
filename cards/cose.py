"""COSE_Sign1 in the one shape that we sign and read: fixed order, empty unprotected map, 64-byte signature.

The slice is cut by position, so that no CBOR parser runs before a signature has been checked.
Source: RFC 9052 sections 4.2 and 4.4; algorithm numbers RFC 9053 and RFC 9864; key thumbprints RFC 9679.
"""

from collections.abc import Callable
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple, Protocol

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from cards import cbor
from cards.errors import BadSignature, Malformed

ESP256, ES256, ED25519, EDDSA = -9, -7, -19, -8
ECDSA_ALGORITHMS = frozenset({ESP256, ES256})
EDWARDS_ALGORITHMS = frozenset({ED25519, EDDSA})
SIGNATURE_SIZE = 64

PublicKey = ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey
PrivateKey = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
Check = Callable[[bytes, bytes], None]

_TAG_AND_ARRAY = b"\xd2\x84"
_SIGNATURE_HEAD = b"\x58\x40"
_HEADS = {0x58: (1, 24), 0x59: (2, 1 << 8), 0x5A: (4, 1 << 16)}
_CONTEXT = b"\x84\x6aSignature1"
_ECDSA = ec.ECDSA(SHA256())


class Signer(Protocol):
    """One private key that signs: its thumbprint's first bytes, its algorithm, and the act."""

    @property
    def kid(self) -> bytes: ...
    @property
    def algorithm(self) -> int: ...
    def sign(self, data: bytes) -> bytes: ...


class Sign1(NamedTuple):
    """The parts of one COSE_Sign1 object, nothing verified yet."""

    protected: bytes
    payload: bytes
    signature: bytes

    def signed_bytes(self, external_aad: bytes) -> bytes:
        """The Sig_structure (RFC 9052 section 4.4)."""
        return signed_bytes(self.protected, self.payload, external_aad)


def signed_bytes(protected: bytes, payload: bytes, external_aad: bytes) -> bytes:
    """The bytes that a signer signs: context, protected header, external data, payload."""
    return _before_payload(protected, external_aad) + cbor.byte_string(payload)


@lru_cache(maxsize=256)
def _before_payload(protected: bytes, external_aad: bytes) -> bytes:
    return _CONTEXT + cbor.byte_string(protected) + cbor.byte_string(external_aad)


@lru_cache(maxsize=256)
def header(algorithm: int, kid: bytes, content_type: int | str | None = None) -> bytes:
    """The protected header {1: algorithm, 4: kid, 16: type}, encoded; without 16 where no type is given."""
    fields: dict[int | str, cbor.Value] = {1: algorithm, 4: kid}
    if content_type is not None:
        fields[16] = content_type
    return cbor.encode(fields)


def seal(protected: bytes, payload: bytes, external_aad: bytes, sign: Callable[[bytes], bytes]) -> bytes:
    """A tagged COSE_Sign1 over `payload`; `sign` returns the raw 64-byte signature."""
    signature = sign(signed_bytes(protected, payload, external_aad))
    parts = cbor.byte_string(protected), b"\xa0", cbor.byte_string(payload), cbor.byte_string(signature)
    return _TAG_AND_ARRAY + b"".join(parts)


def cut(data: bytes) -> Sign1:
    """Slice `data` by its fixed shape; Malformed for any other shape, length or trailing byte."""
    if data[:2] != _TAG_AND_ARRAY:
        raise Malformed("cose: not a tagged COSE_Sign1")
    start, end = _extent(data, 2)
    payload_start, payload_end = _extent(data, end + 1)
    if data[end : end + 1] != b"\xa0" or data[payload_end : payload_end + 2] != _SIGNATURE_HEAD:
        raise Malformed("cose: unprotected header or signature")
    if len(data) != payload_end + 2 + SIGNATURE_SIZE:
        raise Malformed("cose: wrong length")
    return Sign1(data[start:end], data[payload_start:payload_end], data[payload_end + 2 :])


def length(data: bytes) -> int:
    """How many bytes the object takes that `data` begins with, to part it from padding; Malformed for another shape."""
    if data[:2] != _TAG_AND_ARRAY:
        raise Malformed("cose: not a tagged COSE_Sign1")
    _, payload_end = _extent(data, _extent(data, 2)[1] + 1)
    return payload_end + 2 + SIGNATURE_SIZE


def _extent(data: bytes, at: int) -> tuple[int, int]:
    first = data[at] if at < len(data) else 0
    if 0x40 <= first < 0x58:
        return at + 1, at + 1 + first - 0x40
    if first not in _HEADS:
        raise Malformed("cose: byte string expected")
    digits, least = _HEADS[first]
    start = at + 1 + digits
    size = int.from_bytes(data[at + 1 : start])
    if size < least:
        raise Malformed("cose: not the shortest head")
    return start, start + size


def sign(key: PrivateKey, data: bytes) -> bytes:
    """The raw 64-byte signature of `data`: r || s on P-256, or Ed25519's."""
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key.sign(data)
    r, s = decode_dss_signature(key.sign(data, _ECDSA))
    return r.to_bytes(32) + s.to_bytes(32)


def check_with(key: PublicKey) -> Check:
    """A function (signature, signed bytes) that raises BadSignature; the key is prepared once."""
    if isinstance(key, ed25519.Ed25519PublicKey):
        return _edwards_check(key)
    return _ecdsa_check(key)


def _edwards_check(key: ed25519.Ed25519PublicKey) -> Check:
    def check(signature: bytes, data: bytes) -> None:
        try:
            key.verify(signature, data)
        except InvalidSignature:
            raise BadSignature from None

    return check


def _ecdsa_check(key: ec.EllipticCurvePublicKey) -> Check:
    def check(signature: bytes, data: bytes) -> None:
        r, s = int.from_bytes(signature[:32]), int.from_bytes(signature[32:])
        try:
            key.verify(encode_dss_signature(r, s), data, _ECDSA)
        except InvalidSignature:
            raise BadSignature from None

    return check


def load_public(der: bytes) -> PublicKey:
    """A P-256 or Ed25519 key from its SubjectPublicKeyInfo; Malformed for anything else."""
    try:
        key = load_der_public_key(der)
    except (ValueError, UnsupportedAlgorithm):
        raise Malformed("public key") from None
    if isinstance(key, ed25519.Ed25519PublicKey):
        return key
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        return key
    raise Malformed("public key of a kind not in use")


def algorithms_of(key: PublicKey) -> frozenset[int]:
    """The COSE algorithm numbers that fit a public key."""
    return EDWARDS_ALGORITHMS if isinstance(key, ed25519.Ed25519PublicKey) else ECDSA_ALGORITHMS


def thumbprint(key: PublicKey) -> bytes:
    """SHA-256 over the key's required COSE_Key members (RFC 9679 section 4)."""
    if isinstance(key, ed25519.Ed25519PublicKey):
        return sha256(cbor.encode({1: 1, -1: 6, -2: key.public_bytes_raw()})).digest()
    point = key.public_numbers()
    return sha256(cbor.encode({1: 2, -1: 1, -2: point.x.to_bytes(32), -3: point.y.to_bytes(32)})).digest()


def key_id(key: PublicKey) -> bytes:
    """The four bytes that name a key on the wire."""
    return thumbprint(key)[:4]

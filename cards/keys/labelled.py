"""Keys in a token by their labels, because a label is what every module lets be changed.

Of a signing key the public half says `amis:NAME:VERSION:STATE` and the private half `amis:NAME:VERSION`; of others the
key itself says it all.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pkcs11
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from pkcs11 import Attribute, KeyType, Mechanism, MechanismFlag, ObjectClass

from cards.errors import KeyDoubled
from cards.keys.ring import SIGNING, USES, Algorithm, Key, KeyState, algorithm_of, public_der

Place = tuple[str, int]
_PREFIX = "amis"
_NAMED = rf"{_PREFIX}:((?:{'|'.join(USES)})(?:/[A-Za-z0-9-]{{1,40}})?):([1-9][0-9]{{0,4}})"
_PRIVATE, _STATED = re.compile(_NAMED), re.compile(rf"{_NAMED}:({'|'.join(KeyState)})")
_PAIRS = {
    # the DER of the curve's object identifier: RFC 5480 section 2.1.1.1, RFC 8410 section 3
    Algorithm.ES256: (KeyType.EC, Mechanism.EC_KEY_PAIR_GEN, bytes.fromhex("06082a8648ce3d030107")),
    Algorithm.ED25519: (KeyType.EC_EDWARDS, Mechanism.EC_EDWARDS_KEY_PAIR_GEN, bytes.fromhex("06032b6570")),
}
_SECRETS = {
    Algorithm.HMAC_SHA256: (KeyType.GENERIC_SECRET, 256, MechanismFlag.SIGN),
    Algorithm.AES_256_GCM: (KeyType.AES, 256, MechanismFlag.ENCRYPT | MechanismFlag.DECRYPT),
    Algorithm.AN10922: (KeyType.AES, 128, MechanismFlag.SIGN),
}
_GUARDED: Mapping[Attribute, Any] = {Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False, Attribute.PRIVATE: True}


@dataclass(frozen=True, slots=True)
class Held:
    """One version of a key in the token: `labelled` tells its state, `secret` does its work (None once it is gone)."""

    key: Key
    labelled: Any
    secret: Any

    @property
    def state(self) -> KeyState:
        """What the label says, whatever the other versions say."""
        return KeyState(_label_of(self.labelled).rpartition(":")[2])


def read(session: pkcs11.Session) -> dict[Place, Held]:
    """The keys of ours that the token holds; of several active versions the newest counts.

    Raises KeyDoubled where two of them claim to be the same.
    """
    private = {found.groups(): key for found, key in _ours(session, ObjectClass.PRIVATE_KEY, _PRIVATE)}
    held: dict[Place, Held] = {}
    for kind in (ObjectClass.PUBLIC_KEY, ObjectClass.SECRET_KEY):
        for found, labelled in _ours(session, kind, _STATED):
            name, number, state = found.groups()
            if (name, int(number)) in held:
                raise KeyDoubled(f"{name} version {number}")
            public = kind is ObjectClass.PUBLIC_KEY
            key = Key(name, int(number), KeyState(state), None, _der(algorithm_of(name), labelled) if public else None)
            held[name, int(number)] = Held(key, labelled, private.get((name, number)) if public else labelled)
    return held


def _ours(session: pkcs11.Session, kind: ObjectClass, label: re.Pattern[str]) -> Iterator[tuple[re.Match[str], Any]]:
    for found in session.get_objects({Attribute.CLASS: kind, Attribute.TOKEN: True}):
        if match := label.fullmatch(_label_of(found)):
            yield match, found


def _label_of(found: Any) -> str:
    return str(found[Attribute.LABEL])


def _der(algorithm: Algorithm, public: Any) -> bytes:
    # an OCTET STRING by the standard, bare to some modules
    size = 32 if algorithm is Algorithm.ED25519 else 65
    point = bytes(public[Attribute.EC_POINT])[-size:]
    if algorithm is Algorithm.ED25519:
        return public_der(ed25519.Ed25519PublicKey.from_public_bytes(point))
    return public_der(ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point))


def make(session: pkcs11.Session, name: str, version: int, state: KeyState) -> None:
    """A fresh key inside the token, which never leaves it."""
    algorithm, label = algorithm_of(name), _stated(name, version, state)
    if algorithm in SIGNING:
        kind, mechanism, curve = _PAIRS[algorithm]
        parameters = session.create_domain_parameters(kind, {Attribute.EC_PARAMS: curve}, local=True)
        parameters.generate_keypair(
            mechanism=mechanism,
            store=True,
            capabilities=MechanismFlag.SIGN | MechanismFlag.VERIFY,
            public_template={Attribute.LABEL: label},
            private_template={Attribute.LABEL: f"{_PREFIX}:{name}:{version}", **_GUARDED},
        )
    else:
        kind, bits, capabilities = _SECRETS[algorithm]
        session.generate_key(kind, bits, label=label, store=True, capabilities=capabilities, template=dict(_GUARDED))


def relabel(held: Held, state: KeyState) -> None:
    """Says that a version stands elsewhere now."""
    held.labelled[Attribute.LABEL] = _stated(held.key.name, held.key.version, state)


def _stated(name: str, version: int, state: KeyState) -> str:
    return f"{_PREFIX}:{name}:{version}:{state.value}"

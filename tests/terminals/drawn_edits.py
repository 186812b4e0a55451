"""Signed contents with one thing in them changed: what every reader has to refuse, or to take, in the same way."""

import json
from hashlib import sha256
from random import Random
from typing import Any

from cards import cbor, cose
from cards.claims import encode_claims
from cards.trust import STATUS_LIST_TYPE
from terminals.bundle.canonical import canonical
from terminals.bundle.delta import Delta
from terminals.bundle.snapshot import Snapshot
from tests.cards.conftest import claims
from tests.terminals.bundle.publisher import FREE_CARD, STATUS_KEY, TRAM_CARD, Publisher, snapshot
from tests.terminals.drawn import UID, damaged

_CARDS = 28 + 3 * 10
"""Where the dictionary begins in a snapshot of three cards."""
_NUMBERS = [-1, 0, 1, 2, 3, 4, 10, 31, 127, 128, 255, 1900, 32_767, 32_768, 65_535, 65_536, 131_071, 131_072]
_NUMBERS += [2**32 - 1, 2**32, 2**40, 2**40 + 1, 2**53, 2**63]
_TEXTS = [
    "",
    "status",
    "cards",
    "0",
    "00",
    "7",
    "32768",
    "x" * 200,
    "x" * 201,
    "😀" * 200,
    "\ufeffA",
    "{}",
    "0.85",
    "1.00001",
]
_TEXTS += [
    "{[2026-01-01,2026-01-01)}",
    "{[2026-01-01,)}",
    "{(,)}",
    "2026-02-30",
    "2026-03-01",
    "02-29",
    "24:00",
    "07:60",
]
_TEXTS += ["07:60", "1.00001", "free", "percent", "100.0001", "month", "week", "grant"]
_TEXTS += ["Ž A", " A", "A ", "e\u0301", "A\u0000", "A\u200b"]


def contents(random: Random, many: int) -> list[tuple[str, bytes]]:
    """Kinds and payloads, most of them with a change; a status list is signed again after it."""
    real = _real()
    return [(kind, _changed(random, kind, payload)) for kind, payload in random.choices(real, k=many)]


def _real() -> list[tuple[str, bytes]]:
    publisher = Publisher()
    state = publisher.parts()
    status = ((0, ((1, 1), (5, 2))), (3, ((0, 3),)))
    mac = snapshot().mac(FREE_CARD)
    changed = Delta("iss", 1, 10, 11, status, ((mac, 2),), (), bytes(32))
    whole = Delta("iss", 1, 10, 12, status[:1], (), tuple(part for part in state if part.kind != "status"), bytes(32))
    said = [claims(companions=1, photo_id=True, online=True), claims(name="Žanis A", birth_year=1951)]
    said += [claims(uid=UID, generation=0, cti=None), claims(device=b"\2" + bytes(32), exp=claims().iat + 9, nbf=None)]
    return [
        *(("claims", encode_claims(each)) for each in said),
        ("trust", publisher.trust.encode()),
        *[("manifest", cose.cut(publisher.manifest()).payload)] * 2,
        ("delta", changed.encode()),
        ("delta", whole.encode()),
        *[("status", cose.cut(publisher.objects[part.href]).payload) for part in state if part.kind == "status"],
        *[("policy", publisher.policy.encode())] * 4,
        ("cards", Snapshot.build(bytes(16), {FREE_CARD: 1, TRAM_CARD: 2, UID: 0}, snapshot().profiles).encode()),
    ]


def _changed(random: Random, kind: str, payload: bytes) -> bytes:
    what = random.random()
    if what < 0.05 and kind != "status":
        return payload
    if what < 0.15 and kind != "status":
        return damaged(random, payload)
    if kind == "policy":
        return canonical(_edited(random, json.loads(payload)))
    if kind == "cards":
        head, dictionary = payload[:_CARDS], payload[_CARDS:]
        if what < 0.4:
            return damaged(random, head) + dictionary
        return head + canonical(_edited(random, json.loads(dictionary)))
    edited = cbor.decode(payload) if what < 0.05 else _edited(random, cbor.decode(payload))
    if kind == "status":
        header = cose.header(STATUS_KEY.algorithm, STATUS_KEY.kid, STATUS_LIST_TYPE)
        return cose.seal(header, cbor.encode(edited), b"", STATUS_KEY.sign)
    return cbor.encode(_rehashed(edited) if kind == "manifest" and what < 0.8 else edited)


def _rehashed(manifest: Any) -> Any:
    """The manifest with the digest of its parts, where they can have one: so that it is they that are looked at."""
    try:
        named = b"".join(f"{kind}{name}".encode() + digest for kind, name, _, _, digest, _ in manifest["parts"])
    except (TypeError, ValueError, KeyError):
        return manifest
    return {**manifest, "hash": sha256(named).digest()}


def _edited(random: Random, value: Any) -> Any:
    """The value with one thing in it replaced, left out, repeated, or put elsewhere."""
    if isinstance(value, dict) and value and random.random() < 0.85:
        key = random.choice(list(value))
        what = random.random()
        if what < 0.1:
            return {name: item for name, item in value.items() if name != key}
        if what < 0.15:
            return {**value, random.choice([9, "x"]) if isinstance(key, int) else "x": 1}
        return {**value, key: _edited(random, value[key])}
    if isinstance(value, list) and value and random.random() < 0.85:
        at = random.randrange(len(value))
        what = random.random()
        if what < 0.1:
            return value[:at] + value[at + 1 :]
        if what < 0.2:
            return [*value[: at + 1], *value[at:]]
        if what < 0.3:
            return random.sample(value, len(value))
        return [*value[:at], _edited(random, value[at]), *value[at + 1 :]]
    return _replaced(random, value)


def _replaced(random: Random, value: Any) -> Any:
    what = random.random()
    if type(value) is int and what < 0.8:
        return random.choice([value - 1, value + 1, *_NUMBERS])
    if isinstance(value, str) and what < 0.8:
        return random.choice([value + "x", value[:-1], *_TEXTS])
    if isinstance(value, bytes) and what < 0.8:
        return random.choice([value[:-1], value + b"\0", b"", bytes(len(value)), bytes(32), damaged(random, value)])
    return random.choice([None, True, False, 0, 1, "", "x", [], {}])

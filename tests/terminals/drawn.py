"""Drawn things to ask two languages about: values in CBOR, damaged bytes, credentials and presentations."""

from collections.abc import Iterator
from random import Random

from cards import base45, cbor, cose
from cards.claims import encode_claims
from cards.credential import AAD, CARD_AAD, mint
from cards.presentation import present
from cards.trust import STATUS_LISTS, Trust
from tests.cards.conftest import AT, Issuer, claims, edwards_issuer, new_issuer

_NOW = int(AT.timestamp())
_EDGES = [0, 23, 24, 255, 256, 65_535, 65_536, 2**32 - 1, 2**32, 2**53 - 1, 2**53, 2**64 - 1]
_LETTERS = "aZ9 āŠ€😀\u0301\u0000\ufeff"
UID = bytes.fromhex("04a1b2c3d4e5f6")


def value(random: Random, depth: int = 0) -> cbor.Value:
    """A value of the subset, up to some levels deep."""
    kind = random.randrange(8 if depth < 4 else 6)
    if kind < 2:
        number = random.choice([*_EDGES, random.randrange(2**16)])
        return number if random.random() < 0.6 else -1 - number
    if kind == 2:
        return random.randbytes(random.choice([0, 1, 23, 24, 300]))
    if kind == 3:
        return "".join(random.choices(_LETTERS, k=random.randrange(30)))
    if kind < 6:
        return random.choice([True, False, None])
    items = [value(random, depth + 1) for _ in range(random.randrange(5))]
    return items if kind == 6 else {_key(random): item for item in items}


def _nested(random: Random) -> bytes:
    """Arrays and maps in one another, as deep as is taken or one deeper."""
    return random.choice([b"\x81", b"\xa1\x00"]) * random.choice([7, 8, 9]) + b"\x00"


def _key(random: Random) -> int | str:
    return random.choice([random.randrange(-70_000, 70_000), "".join(random.choices(_LETTERS, k=3))])


def damaged(random: Random, data: bytes) -> bytes:
    """The bytes with a few changed, inserted, left out or repeated."""
    found = bytearray(data)
    for _ in range(random.choice([1, 1, 1, 2, 5])):
        at = random.randrange(len(found) + 1)
        what = random.randrange(5)
        if what == 0:
            found.insert(at, random.randrange(256))
        elif what == 1:
            del found[at : at + random.randrange(1, 4)]
        elif what == 2:
            found[at:at] = found[at : at + 3]
        elif at < len(found):
            found[at] = random.choice([found[at] ^ 1 << random.randrange(8), random.randrange(256)])
    return bytes(found)


def encodings(random: Random, many: int) -> Iterator[bytes]:
    """Good encodings, damaged ones and noise, in equal parts."""
    for at in range(many):
        good = _nested(random) if at % 20 == 0 else cbor.encode(value(random))
        yield (good, damaged(random, good), random.randbytes(random.randrange(1, 12)))[at % 3]


class Town:
    """Issuers on two algorithms, a key that has ended, one that signs status lists, one unknown, and a phone."""

    def __init__(self) -> None:
        self.issuers = [new_issuer(), edwards_issuer()]
        self.ended, self.few, self.lists, self.unknown, self.phone = (new_issuer() for _ in range(5))
        self.entries = [
            *(each.entry() for each in self.issuers),
            self.ended.entry(verify_until=_NOW + 3600),
            self.few.entry(codes=frozenset({301})),
            self.lists.entry(role=STATUS_LISTS),
        ]
        self.trust = Trust(self.entries)

    def signer(self, random: Random) -> Issuer:
        """Mostly one that counts."""
        return random.choice([*self.issuers * 4, self.ended, self.few, self.lists, self.unknown])

    def credential(self, random: Random, profile: str) -> bytes:
        """A credential of a profile, sometimes with damaged claims under a good signature."""
        said = claims(**self._fields(random, profile))
        signer = self.signer(random)
        if random.random() < 0.7:
            return mint(signer, said)
        payload = damaged(random, encode_claims(said))
        aad = CARD_AAD if profile == "C" else AAD
        return cose.seal(cose.header(signer.algorithm, signer.kid), payload, aad, signer.sign)

    def _fields(self, random: Random, profile: str) -> dict[str, object]:
        nbf = random.choice([None, None, _NOW + 3600])
        if profile == "P":
            return {"name": random.choice(["Anna Kļaviņa", "Žanis", "O'Brien"]), "birth_year": 1951, "nbf": nbf}
        if profile == "B":
            point = self.phone.key.public_key().public_numbers()
            compressed = bytes([2 + point.y % 2]) + point.x.to_bytes(32)
            return {"device": compressed, "exp": _NOW + 30 * 86_400, "cti": None}
        if profile == "C":
            return {"uid": UID, "generation": random.choice([0, 1, 2**32 - 1]), "cti": None, "nbf": nbf}
        return {"nbf": nbf, "companions": random.randrange(3), "photo_id": random.random() < 0.5} | {
            "online": random.random() < 0.5
        }

    def text(self, random: Random) -> str:
        """What a camera may read: good, of the wrong carrier, damaged in its bytes or in its letters."""
        profile = random.choice("SPBBBBC")
        sealed = self.credential(random, profile)
        if profile == "B" and random.random() < 0.8:
            signer = random.choice([self.phone] * 5 + [self.unknown])
            text = present(sealed, signer.sign, _NOW + random.choice([-61, -60, 0, 30, 31]), "bus 12")
        else:
            text = "AM1:" + base45.encode(sealed)
        if random.random() < 0.3:
            return text[:4] + base45.encode(damaged(random, base45.decode(text[4:])))
        if random.random() < 0.15:
            at = random.randrange(len(text))
            return text[:at] + random.choice("A:% x€") + text[at + 1 :]
        return text

    def card(self, random: Random) -> bytes:
        """What file 02 of a chip may hold."""
        sealed = self.credential(random, random.choice("CCCCS"))
        return damaged(random, sealed) if random.random() < 0.3 else sealed

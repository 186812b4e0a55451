"""Parsers of what strangers show: whatever comes, an answer or a refusal, and the corpus reaches their branches."""

import json
import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import coverage
import pytest

from cards import base45, cbor, cose
from cards.claims import decode_claims, encode_claims
from cards.credential import AAD, CARD_AAD, PREFIX, verify, verify_card
from cards.errors import CredentialRefused, Malformed, Unencodable
from cards.number import check_character, parse_number
from cards.presentation import present
from cards.statuslist import StatusList, open_status_list, sign_status_list
from cards.trust import Trust
from terminals.bundle.canonical import canonical
from terminals.bundle.delta import Delta
from terminals.bundle.errors import BundleRefused
from terminals.bundle.manifest import Manifest
from terminals.bundle.policy import Policy
from terminals.bundle.snapshot import Snapshot
from terminals.bundle.trustlist import TrustList
from tests.fuzz.mutation import changed_bytes, changed_value
from tests.terminals.bundle.publisher import (
    AT,
    CONCESSIONS,
    FREE_CARD,
    PHONE,
    RIGA_ISSUER,
    STATUS_KEY,
    Publisher,
    p256,
    policy,
    trust_list,
)
from tests.terminals.tokens import claims, inner, letter, phone, screenshot
from tests.walks.counts import count

RUNS = count(test=1_000, check=100_000, deep=10_000_000)
ROOT = Path(__file__).parents[2]
NOW = int(AT.timestamp())
FEW = p256(60)
TRUST = Trust([*trust_list().entries, FEW.entry(codes=frozenset({301}))])
REFUSED = [
    screenshot(301),
    letter(301, iat=NOW - 9 * 86_400, exp=NOW - 3600),
    letter(301, nbf=NOW + 3600),
    letter(999, signer=FEW),
]
HEADER = cose.header(RIGA_ISSUER.algorithm, RIGA_ISSUER.kid)
Mutate = Callable[[random.Random], bytes]


@dataclass(frozen=True)
class Target:
    """A parser with good input, and some that it `refuses` for what it says.

    `again` gives the bytes back of what was parsed, where they have only one form; `wrap` signs what was made.
    """

    parse: Callable[[bytes], Any]
    refusals: type[Exception]
    seeds: Sequence[bytes]
    again: Callable[[Any], bytes] | None = None
    wrap: Callable[[bytes], bytes] = bytes
    values: tuple[Callable[[bytes], Any], Callable[[Any], bytes]] = (cbor.decode, cbor.encode)
    refuses: Sequence[bytes] = ()

    def mutated(self, draw: random.Random) -> bytes:
        """One input: good bytes made bad, or a good value made bad and written well."""
        seed = draw.choice((*self.seeds, *self.refuses))
        if draw.random() < 0.5:
            read, write = self.values
            with suppress(Malformed, Unencodable, TypeError):
                value = read(seed)
                for _ in range(draw.choice([1, 1, 2])):
                    value = changed_value(draw, value)
                return self.wrap(write(value))
        return self.wrap(changed_bytes(draw, seed, self.seeds))

    def run(self, runs: int, seed: int) -> None:
        """So many inputs: each is refused, or parsed to what has exactly these bytes."""
        draw = random.Random(seed)
        for good in self.seeds:
            self.parse(self.wrap(good))
        for bad in self.refuses:
            with pytest.raises(self.refusals):
                self.parse(self.wrap(bad))
        for _ in range(runs):
            data = self.mutated(draw)
            try:
                found = self.parse(data)
            except self.refusals:
                continue
            assert self.again is None or self.again(found) == data, data


def shown(data: bytes) -> object:
    return verify(data.decode("latin-1"), TRUST, AT)


def signed(aad: bytes) -> Callable[[bytes], bytes]:
    """As an issuer that signs anything."""
    return lambda payload: cose.seal(HEADER, payload, aad, RIGA_ISSUER.sign)


def said_by_phone(payload: bytes) -> bytes:
    header = bytes.fromhex("a301280d") + BOUND + bytes.fromhex("10190126")
    return b"AM2:" + base45.encode(cose.seal(header, payload, b"", PHONE.sign)).encode()


BOUND = inner(301)
CONTENTS = [
    encode_claims(claims(301, 302, photo_id=True, companions=2)),
    encode_claims(claims(301, nbf=NOW + 1, online=True)),
    encode_claims(claims(301, name="Anna", birth_year=1951)),
    encode_claims(claims(301, uid=FREE_CARD, generation=1, cti=None)),
    cose.cut(BOUND).payload,
]
TEXTS = [
    letter(301, 302),
    letter(309, signer=RIGA_ISSUER),
    letter(301, name="Anna", birth_year=1951),
    phone(301),
    present(BOUND, PHONE.sign, NOW, "bus 12", b"nonce"),
]
VALUES = [
    *CONTENTS,
    cbor.encode([0, 23, 24, 256, 65_536, 2**32, -1, -25, b"x" * 30, "ā" * 20, True, False, None, {}, [[]]]),
]
PUBLISHER = Publisher()
FEW_OFFERS = policy(concessions={code: CONCESSIONS[code] for code in (302, 303, 311)})
JSON = json.loads, canonical
CARDS = PUBLISHER.cards.encode()
_END = CARDS.index(b"{")
MANIFEST = cose.cut(PUBLISHER.manifest()).payload
DELTAS = [cose.cut(PUBLISHER.delta(status={0: {1: 2}, 3: {5: 1}}, cards={FREE_CARD: 0})).payload]
DELTAS += [cose.cut(PUBLISHER.delta(whole=("policy", "status"))).payload]
NUMBER = b"AM0:7M2K9QF0T4ZB1CW" + check_character("7M2K9QF0T4ZB1CW").encode()
LISTED = StatusList(64, bytes(range(16)))
LIST = cose.cut(
    sign_status_list(LISTED, STATUS_KEY, uri="https://a/status/3", at=AT, aggregation_uri="https://a")
).payload


def list_token(payload: bytes) -> bytes:
    header = cose.header(STATUS_KEY.algorithm, STATUS_KEY.kid, "application/statuslist+cwt")
    return cose.seal(header, payload, b"", STATUS_KEY.sign)


TARGETS = {
    "QR text": Target(
        shown,
        CredentialRefused,
        [text.encode() for text in TEXTS],
        refuses=[text.encode() for text in REFUSED],
    ),
    "base45": Target(
        lambda data: base45.decode(data.decode("latin-1")),
        CredentialRefused,
        [b"", b"00", b"%69 VD92EX0", *[text[4:].encode() for text in TEXTS]],
        lambda found: base45.encode(found).encode(),
    ),
    "COSE": Target(
        cose.cut,
        CredentialRefused,
        [base45.decode(text[4:]) for text in TEXTS] + [cose.seal(HEADER, bytes(70_000), b"", RIGA_ISSUER.sign)],
    ),
    "CBOR": Target(cbor.decode, CredentialRefused, VALUES, cbor.encode),
    "claims": Target(decode_claims, CredentialRefused, CONTENTS, encode_claims),
    "signed claims": Target(
        lambda data: verify(PREFIX + base45.encode(data), TRUST, AT), CredentialRefused, CONTENTS[:1], wrap=signed(AAD)
    ),
    "card": Target(
        lambda data: verify_card(data, FREE_CARD, TRUST, AT), CredentialRefused, CONTENTS[3:4], wrap=signed(CARD_AAD)
    ),
    "phone": Target(
        shown, CredentialRefused, [cbor.encode({6: NOW}), cbor.encode({6: NOW, 3: "bus", 39: b"n"})], wrap=said_by_phone
    ),
    "status list": Target(lambda data: open_status_list(data, TRUST), CredentialRefused, [LIST], wrap=list_token),
    "number": Target(lambda data: parse_number(data.decode("latin-1")), CredentialRefused, [NUMBER]),
    "trust list": Target(TrustList.decode, BundleRefused, [trust_list().encode()], TrustList.encode),
    "manifest": Target(Manifest.decode, BundleRefused, [MANIFEST], Manifest.encode),
    "delta": Target(Delta.decode, BundleRefused, DELTAS, Delta.encode),
    "policy": Target(Policy.decode, BundleRefused, [FEW_OFFERS.encode()], Policy.encode, values=JSON),
    "snapshot": Target(Snapshot.decode, BundleRefused, [PUBLISHER.cards.encode()], Snapshot.encode),
    "profiles": Target(
        Snapshot.decode, BundleRefused, [CARDS[_END:]], Snapshot.encode, lambda tail: CARDS[:_END] + tail, JSON
    ),
}


@pytest.mark.parametrize("name", TARGETS)
def test_whatever_comes_is_refused_or_has_exactly_these_bytes(name: str) -> None:
    TARGETS[name].run(RUNS, seed=RUNS)


READERS = {
    "cards/base45.py": "decode _words _lanes _tail",
    "cards/cbor.py": "decode _item _text_item _array _map",
    "cards/cose.py": "cut _extent",
    "cards/claims.py": "fault _fault_of_profile decode_claims _waste _number _bytes _text _rights _right _device",
    "cards/credential.py": "verify verify_card _presented _verified _in_time",
    "cards/presentation.py": "inner_credential check_presentation _said",
    "cards/number.py": "parse_number",
    "cards/statuslist.py": "inflate open_status_list _token _content",
    "terminals/bundle/reading.py": "record number text blob row each ascending",
    "terminals/bundle/trustlist.py": "TrustList.decode _entry _algorithm",
    "terminals/bundle/manifest.py": "Part.read _is_list read_parts Manifest.decode",
    "terminals/bundle/delta.py": "Delta.decode _snapshot_in _list _change _card",
    "terminals/bundle/canonical.py": "read_canonical",
    "terminals/bundle/snapshot.py": "Snapshot.decode _sorted _profiles Profile.from_json ProfileRight.from_json",
    "terminals/bundle/policy.py": "Policy.decode Policy.from_json Revision.from_json _members _concession _maybe_day",
}
"""What reads the bytes of strangers, by file."""


def test_the_inputs_reach_the_branches_of_the_parsers(tmp_path: Path) -> None:
    watched = coverage.Coverage(branch=True, data_file=None, include=[str(ROOT / file) for file in READERS])
    watched.start()
    try:
        for target in TARGETS.values():
            target.run(count(test=200, check=5_000, deep=50_000), seed=1)
    finally:
        watched.stop()
    watched.json_report(outfile=str(tmp_path / "reached.json"))
    files = json.loads((tmp_path / "reached.json").read_text())["files"]
    reached, missed = _branches({str(Path(ROOT, name).relative_to(ROOT)): found for name, found in files.items()})
    assert 100 * reached >= count(test=85, check=95, deep=95) * (reached + len(missed)), missed


def _branches(files: dict[str, Any]) -> tuple[int, list[str]]:
    """How many branches of the readers were taken, and which were not."""
    reached, missed = 0, []
    for file, names in READERS.items():
        functions = files[file]["functions"]
        for name in names.split():
            found = functions[name]
            reached += len(found["executed_branches"])
            missed += [f"{file} {name} {branch}" for branch in found["missing_branches"]]
    return reached, missed

"""A table with virtual cards on it: what is sent is counted, power and cards come and go as a test says."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from hashlib import sha256

from cards.desfire.procedure import relay
from cards.keys import diversify
from cards.keys.chip import CardKeys, system_of
from cards.profile import CardContent, EntitlementRecord, HolderFile, LogRecord
from cards.profile.layout import AID
from cards.simcard import Version, VirtualCard

UID = bytes.fromhex("04a1b2c3d4e5f6")
OTHER_UID = bytes.fromhex("04010203040506")
ISSUER, ELSEWHERE = 11, 12
BOTH = (Version.EV1, Version.EV2)
CONTENT = CardContent(
    issuer=ISSUER,
    number="7K3M9QX2BC4D5E6F",
    valid_from=date(2026, 9, 1),
    valid_to=date(2029, 9, 1),
    generation=1,
    credential=bytes(range(1, 231)),
    holder=HolderFile(b"sixteen of bytes", 1951, True, sha256(b"photo").digest()),
    entitlements=(
        EntitlementRecord(301, 0, 100, 0, date(2026, 9, 1), date(2027, 9, 1)),
        EntitlementRecord(412, 7, 50, 3, date(2026, 9, 1), date(2026, 12, 1), 1),
    ),
    quota=40,
)
RENEWED = replace(
    CONTENT,
    generation=2,
    credential=bytes(range(2, 241)),
    holder=replace(CONTENT.holder, companion=False),
    entitlements=CONTENT.entitlements[:1],
    quota=25,
)


def keys_for(issuer: int = ISSUER) -> Callable[[bytes], CardKeys]:
    """The keys of a municipality's chips, from masters that a test knows."""

    def of(uid: bytes) -> CardKeys:
        return lambda slot, keyset: diversify(
            sha256(bytes((slot, keyset))).digest()[:16], uid, AID, slot, keyset, system_of(issuer)
        )

    return of


OURS = keys_for()
EVENT = LogRecord(datetime(2026, 9, 1, 8, 30, tzinfo=UTC), b"terminal", 301, 0, 0, 77)
"""As a terminal gives it: what was taken and what is left are the card's to say."""


@dataclass
class Count:
    """How many APDUs (pseudo-APDUs of the reader apart) and lists a procedure took."""

    apdus: int = 0
    lists: int = 0


def play(procedure, transmit: Callable[[bytes], bytes], count: Count | None = None):
    """As `run`, counting."""
    count = count or Count()

    def counted(apdu: bytes) -> bytes:
        count.apdus += apdu[0] != 0xFF
        return transmit(apdu)

    try:
        steps = next(procedure)
        while True:
            count.lists += 1
            steps = procedure.send(relay(steps, counted))
    except StopIteration as end:
        return end.value


def blank(version: Version = Version.EV1, uid: bytes = UID, storage: int = 4096) -> VirtualCard:
    """A card from the factory."""
    return VirtualCard(uid, version=version, storage=storage)

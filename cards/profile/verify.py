"""A whole card read back with the update key, nothing changed: is it genuine, and what does it carry."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from cards.desfire.authenticate import authenticate
from cards.desfire.commands import value_of
from cards.desfire.procedure import Procedure
from cards.desfire.version import ChipVersion
from cards.keys.chip import CardKeys
from cards.profile.content import stored_credential
from cards.profile.course import Subject, persistent
from cards.profile.data import read_all
from cards.profile.header import Header
from cards.profile.layout import UPDATE
from cards.profile.making import Target
from cards.profile.probe import inventory, look
from cards.profile.records import EntitlementRecord, HolderFile, decode_entitlements
from cards.profile.renew import finished


@dataclass(frozen=True, slots=True)
class Verified:
    """A genuine chip and its content; `whole` unless a rotation of its keys was interrupted, which `rotate` ends."""

    uid: bytes
    chip: ChipVersion
    header: Header
    credential: bytes
    holder: HolderFile
    entitlements: tuple[EntitlementRecord, ...]
    quota: int
    whole: bool


def verify(issuer: int, keys_for: Callable[[bytes], CardKeys], *, uid: bytes | None = None) -> Procedure[Verified]:
    """What a finished card carries: 22 APDUs in four lists (one more under EV2).

    Raises:
        RecordDamaged: the card is unfinished, or one of its records is not of this profile.
        ForeignCard, Counterfeit, CardElsewhere, CardSwapped, WrongProduct, ChipTooSmall
    """
    return (yield from persistent(partial(_verified, issuer, keys_for), uid))


def _verified(issuer: int, keys_for: Callable[[bytes], CardKeys], subject: Subject) -> Procedure[Verified]:
    chip, _ = yield from look(subject, [])
    header, first = yield from finished(chip, issuer)
    whole = header.keyset == chip.keyset == first
    # a rotation that was interrupted may or may not have come to the update key
    keyset = header.keyset if whole else (yield from inventory(header.encode())).keysets[UPDATE]
    key = Target(keyset, keys_for(chip.uid)).old_key(UPDATE, keyset)
    _, found = yield from authenticate(chip.scheme, UPDATE, key, then=read_all())
    holder, credential, entitlements, quota = found
    return Verified(
        chip.uid,
        chip.version,
        header,
        stored_credential(credential),
        HolderFile.decode(holder),
        decode_entitlements(entitlements),
        value_of(quota),
        whole,
    )

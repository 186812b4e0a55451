"""Cards for trying out what a desk does with them: new ones, and ones that it must turn away.

A card of another municipality is made as every card is: personalise one with that municipality's keys and keep its
file.
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from enum import StrEnum
from types import MappingProxyType

from cards.desfire.command import Mode
from cards.simcard.access import Access
from cards.simcard.card import VirtualCard
from cards.simcard.files import StandardFile
from cards.simcard.keys import ChipKey, Kind
from cards.simcard.picc import MASTER, PICC_LEVEL, Application, Picc

NXP = b"\x04"
"""The first byte of a UID: the maker of the chip."""
_FOREIGN_AID = bytes.fromhex("563412")
_BYSTANDER = Access(Mode.PLAIN, read=0xE, write=0, both=0, change=0)


class Sort(StrEnum):
    """What has happened to a card before."""

    FRESH = "fresh"
    """Nothing."""
    LOCKED = "locked"
    """Somebody has set a master key that nobody here knows."""
    FOREIGN = "foreign"
    """It serves another system, with its own keys, application and file."""
    FULL = "full"
    """Its memory is taken; its keys are those of the factory."""


def new_uid() -> bytes:
    """Seven bytes as NXP gives them, at random."""
    return NXP + secrets.token_bytes(6)


def sample(card: VirtualCard, sort: Sort) -> VirtualCard:
    """`card`, new, after what makes it of that sort."""
    card.restore(_MAKERS[sort](card.snapshot()))
    return card


def counterfeit(card: VirtualCard) -> VirtualCard:
    """A copy of everything that can be read from `card`: number, layout, key versions and content, but not its keys."""
    copy = VirtualCard.load(card.saved())
    picc = copy.snapshot()
    applications = {aid: replace(it, keys=tuple(map(_guessed, it.keys))) for aid, it in picc.applications.items()}
    copy.restore(replace(picc, applications=applications))
    return copy


def _guessed(key: ChipKey) -> ChipKey:
    # whoever makes a copy can read the key's version; a DES key has it inside
    value = secrets.token_bytes(key.kind.size)
    return replace(key, value=value if key.kind is Kind.AES else key.value)


def _locked(picc: Picc) -> Picc:
    master = ChipKey(Kind.AES, secrets.token_bytes(16), 1)
    return picc.with_application(PICC_LEVEL, picc.application(PICC_LEVEL).with_key(MASTER, master))


def _foreign(picc: Picc) -> Picc:
    application = Application(0x09, Kind.AES, (ChipKey(Kind.AES, secrets.token_bytes(16), 1),))
    picc = _locked(picc).with_new_application(_FOREIGN_AID, application)
    return picc.with_new_file(_FOREIGN_AID, 0, StandardFile(_BYSTANDER, b"library".ljust(32)))


def _full(picc: Picc) -> Picc:
    key = ChipKey(Kind.DES, bytes(16))
    picc = picc.with_new_application(_FOREIGN_AID, Application(0x0F, Kind.DES, (key,)))
    # what a file takes beside its content stays free, and is too little for an application
    head = picc.with_new_file(_FOREIGN_AID, 0, StandardFile(_BYSTANDER, b"")).used - picc.used
    return picc.with_new_file(_FOREIGN_AID, 0, StandardFile(_BYSTANDER, bytes(picc.free - head)))


_MAKERS: Mapping[Sort, Callable[[Picc], Picc]] = MappingProxyType(
    {Sort.FRESH: lambda picc: picc, Sort.LOCKED: _locked, Sort.FOREIGN: _foreign, Sort.FULL: _full}
)

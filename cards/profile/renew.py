"""What becomes of a card later: its keys turn over, and one day it is emptied."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from cards.desfire.authenticate import authenticate
from cards.desfire.command import Command
from cards.desfire.commands import format_picc, select_application
from cards.desfire.procedure import Procedure
from cards.errors import CardElsewhere, ForeignCard, RecordDamaged
from cards.keys.chip import PICC, CardKeys
from cards.profile.course import Subject, persistent
from cards.profile.data import seal
from cards.profile.header import Header
from cards.profile.layout import FACTORY, PICC_LEVEL, UPDATE
from cards.profile.making import Target, complete
from cards.profile.probe import Chip, decoded, inventory, look, look_closer


@dataclass(frozen=True, slots=True)
class Renewed:
    """The chip `uid` has the keys of `keyset`; `written` whether anything was changed."""

    uid: bytes
    keyset: int
    written: bool


def rotate(
    issuer: int, keyset: int, keys_for: Callable[[bytes], CardKeys], *, uid: bytes | None = None
) -> Procedure[Renewed]:
    """The keys of a finished card become those of `keyset`, whichever they were; all else on it stays.

    The header names the new key set last: until then only the chip tells which one a key belongs to (`read_keyset`).

    Raises:
        RecordDamaged: the card is unfinished and has to be personalised first.
        ForeignCard, Counterfeit, CardElsewhere, CardSwapped: nothing was changed on the card.
    """
    return (yield from persistent(partial(_rotated, issuer, keyset, keys_for), uid))


def _rotated(issuer: int, keyset: int, keys_for: Callable[[bytes], CardKeys], subject: Subject) -> Procedure[Renewed]:
    chip, _ = yield from look(subject, [])
    found, first = yield from finished(chip, issuer)
    target = Target(keyset, keys_for(chip.uid))
    if found.keyset == chip.keyset == first == keyset:
        yield from authenticate(chip.scheme, UPDATE, target.key(UPDATE))
        return Renewed(chip.uid, keyset, False)
    application = yield from inventory(found.encode())
    renewed = seal(replace(found, keyset=keyset).encode())
    yield from complete(chip, None, application, target, 0, [renewed])
    return Renewed(chip.uid, keyset, True)


def finished(chip: Chip, issuer: int) -> Procedure[tuple[Header, int]]:
    """The header, and the key set of the first key that a rotation changes in the application."""
    if not chip.ours:
        raise ForeignCard
    header, first = yield from look_closer()
    found = decoded(header)
    if found is None:
        raise RecordDamaged("header")
    if found.issuer != issuer:
        raise CardElsewhere
    return found, first


def retire(issuer: int, keys_for: Callable[[bytes], CardKeys], *, uid: bytes | None = None) -> Procedure[bytes]:
    """Empties a card, finished or not; its UID. Its master key stays: only this issuer can make a card of it again.

    Raises:
        ForeignCard, Counterfeit, CardElsewhere, CardSwapped: nothing was changed on the card.
    """
    return (yield from persistent(partial(_retired, issuer, keys_for), uid))


def _retired(issuer: int, keys_for: Callable[[bytes], CardKeys], subject: Subject) -> Procedure[bytes]:
    chip, _ = yield from look(subject, [])
    if chip.keyset == FACTORY:
        raise ForeignCard
    if chip.ours:
        header, _ = yield from look_closer()
        found = decoded(header)
        if found is not None and found.issuer != issuer:
            raise CardElsewhere
    key = Target(chip.keyset, keys_for(chip.uid)).old_key(PICC, chip.keyset)
    emptied: list[Command] = [format_picc()] if chip.ours else []
    yield from authenticate(chip.scheme, 0, key, first=[select_application(PICC_LEVEL)], then=emptied)
    return chip.uid

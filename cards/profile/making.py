"""From whatever a look at the card showed to the keys and files of the profile: only the steps that are missing.

The order never changes, so that the card itself shows how far it came: master key, settings, application, files, keys
1 to 5, key 0, data, and the header last. A key of the factory is used only in one list with a proof of the UID: nothing
is written to a chip that was slipped in.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cards.desfire.authenticate import Scheme, authenticate
from cards.desfire.command import Command
from cards.desfire.commands import (
    AES_KEY,
    change_key,
    change_key_settings,
    create_application,
    create_backup_file,
    create_cyclic_file,
    create_standard_file,
    create_value_file,
    get_key_settings,
    select_application,
)
from cards.desfire.procedure import Procedure
from cards.desfire.session import PlainSession
from cards.errors import CardFull, ForeignCard, NoSuchKey, WrongKeyUse
from cards.keys.chip import PICC, CardKeys
from cards.profile.layout import (
    AID,
    APPLICATION_KEYS,
    APPLICATION_SETTINGS,
    FACTORY,
    FILES,
    FOOTPRINT,
    HIGHEST_QUOTA,
    ISSUER,
    PICC_LEVEL,
    PICC_SETTINGS,
    SLOTS,
    UPDATE,
    ZERO_KEY,
    File,
    Kind,
)
from cards.profile.lists import Leg, through
from cards.profile.probe import Application, Chip, Opened, Visit


@dataclass(frozen=True, slots=True)
class Target:
    """The key set that one chip is to have, and the keys of this chip."""

    keyset: int
    keys: CardKeys

    def key(self, slot: int) -> bytes:
        """The key of `slot` under the target's key set."""
        return self.keys(slot, self.keyset)

    def old_key(self, slot: int, keyset: int) -> bytes:
        """The key that the chip says it has: zero from the factory; ForeignCard for a key set that is not here.

        A key store that fails is no fault of the card: KeyStoreError goes through.
        """
        try:
            return ZERO_KEY if keyset == FACTORY else self.keys(slot, keyset)
        except (NoSuchKey, WrongKeyUse) as unknown:
            raise ForeignCard(f"key set {keyset}") from unknown


def master_change(target: Target) -> Command:
    """The chip's own key becomes that of the target."""
    return change_key(0, AES_KEY, target.key(PICC), target.keyset)


def complete(
    chip: Chip, opened: Opened | None, application: Application, target: Target, quota: int, then: Sequence[Command]
) -> Procedure[Visit]:
    """Brings keys and files to the target; the session with the update key and the answers to `then` in it.

    `opened` is the begun session of the factory's master key with `master_change` in it, where that is the card's.
    Raises CardFull before anything is changed.
    """
    if not chip.ours and chip.free < FOOTPRINT:
        raise CardFull(f"{chip.free} bytes")
    settled = opened is None and not chip.ours and (yield from _settings()) == PICC_SETTINGS
    work = [*_missing_files(application, quota), *_changed_keys(application, target)]
    legs = [*_master(chip, opened, target)]
    if application.keysets[ISSUER] == FACTORY:
        legs.append(_proof(chip, target, settled))
    if work:
        legs.append(_leg(chip, ISSUER, target.old_key(ISSUER, application.keysets[ISSUER]), [_ours()], work))
    legs.append(_leg(chip, UPDATE, target.key(UPDATE), [] if work else [_ours()], then))
    return (yield from through(legs))


def _settings() -> Procedure[int]:
    (found,) = yield from PlainSession().batch([get_key_settings()])
    return found[0]


def _ours() -> Command:
    return select_application(AID)


def _leg(chip: Chip, number: int, key: bytes, first: Sequence[Command], then: Sequence[Command]) -> Leg[Visit]:
    # with the newer scheme nothing can be sent ahead of the card's proof
    lists = 3 if then and chip.scheme is Scheme.EV2 else 2
    return Leg(authenticate(chip.scheme, number, key, first=first, then=then), lists)


def _master(chip: Chip, opened: Opened | None, target: Target) -> Iterator[Leg[Visit]]:
    if opened is not None:
        yield Leg(opened)
    elif chip.keyset != target.keyset:
        old = target.old_key(PICC, chip.keyset)
        yield _leg(chip, 0, old, [select_application(PICC_LEVEL)], [master_change(target)])


def _proof(chip: Chip, target: Target, settled: bool) -> Leg[Visit]:
    """The master key of the target: shows the UID; and makes the application where there is none."""
    settings = [] if settled else [change_key_settings(PICC_SETTINGS)]
    created = [*settings, create_application(AID, APPLICATION_SETTINGS, APPLICATION_KEYS)]
    first = [select_application(PICC_LEVEL)] if chip.keyset == target.keyset else []
    return _leg(chip, 0, target.key(PICC), first, [] if chip.ours else created)


def _missing_files(application: Application, quota: int) -> Iterator[Command]:
    for file in FILES.values():
        if file.number not in application.files:
            yield _create(file, quota)


def _create(file: File, quota: int) -> Command:
    match file.kind:
        case Kind.STANDARD:
            return create_standard_file(file.number, file.mode, file.rights, file.size)
        case Kind.BACKUP:
            return create_backup_file(file.number, file.mode, file.rights, file.size)
        case Kind.VALUE:
            return create_value_file(file.number, file.mode, file.rights, 0, HIGHEST_QUOTA, quota)
        case Kind.CYCLIC:
            return create_cyclic_file(file.number, file.mode, file.rights, file.size, file.records)


def _changed_keys(application: Application, target: Target) -> Iterator[Command]:
    for slot in (*SLOTS[1:], ISSUER):
        if (had := application.keysets[slot]) != target.keyset:
            yield change_key(ISSUER, slot, target.key(slot), target.keyset, target.old_key(slot, had))

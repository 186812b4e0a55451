"""What lies on the reader: the chip, our application on it, and how far both have come. Nothing here changes a card."""

from dataclasses import dataclass

from cards.desfire.authenticate import Scheme, authenticate
from cards.desfire.command import Command, Mode
from cards.desfire.commands import (
    free_memory,
    get_application_ids,
    get_file_ids,
    get_key_version,
    read_data,
    select_application,
)
from cards.desfire.frames import DONE
from cards.desfire.procedure import Procedure
from cards.desfire.session import PlainSession, Session
from cards.desfire.status import Status
from cards.desfire.version import ChipVersion, get_version
from cards.errors import (
    AnswerTooLong,
    CardRefused,
    ChipTooSmall,
    ForeignCard,
    RecordDamaged,
    UnexpectedAnswer,
    WrongProduct,
)
from cards.profile.course import Subject
from cards.profile.header import Header
from cards.profile.layout import AID, FACTORY, HEADER_FILE, PICC_LEVEL, READ, SLOTS, STORAGE, ZERO_KEY
from cards.profile.lists import Leg, ahead, joined

Visit = tuple[Session, list[bytes]]
"""A session, and the answers to what was sent with its beginning."""
Opened = Procedure[Visit]
"""A session that has begun."""


@dataclass(frozen=True, slots=True)
class Chip:
    """The chip without any key: its version, free bytes, applications, and the key set of its master key."""

    version: ChipVersion
    free: int
    applications: frozenset[bytes]
    keyset: int

    @property
    def uid(self) -> bytes:
        return self.version.uid

    @property
    def scheme(self) -> Scheme:
        return self.version.scheme

    @property
    def ours(self) -> bool:
        """Whether it carries our application."""
        return AID in self.applications


@dataclass(frozen=True, slots=True)
class Application:
    """Our application without any key: the key set of each of its keys, its files, and its header when it stands."""

    keysets: tuple[int, ...]
    files: frozenset[int]
    header: Header | None


NOTHING = Application((FACTORY,) * len(SLOTS), frozenset(), None)
"""As it is where it was just created."""


def look(subject: Subject, then: list[Command]) -> Procedure[tuple[Chip, Opened | None]]:
    """The chip; where its master key is that of the factory, also the session with it, which has begun.

    `then` goes out in that session: it may be filled up to the moment when the session is gone on with, as the keys
    depend on the UID that is only known by then. Raises WrongProduct, ChipTooSmall, ForeignCard, CardSwapped.
    """
    factory = authenticate(Scheme.FACTORY, 0, ZERO_KEY, then=then)
    untouched = bytes((FACTORY,)) + DONE
    chip, opened = yield from ahead(_chip(), untouched, factory)
    if not any(chip.uid):
        # its owner has made it hide its number: no key and no credential could be bound to it
        raise ForeignCard("hidden UID")
    subject.hold(chip.uid)
    subject.ours = chip.ours
    if chip.version.storage < STORAGE:
        raise ChipTooSmall(f"{chip.version.storage} bytes")
    if chip.ours and chip.keyset == FACTORY:
        # we change the master key first
        raise ForeignCard
    return chip, opened


def _chip() -> Procedure[Chip]:
    master = Leg(PlainSession().batch([get_key_version(0)]))
    state = joined(Leg(PlainSession().batch([free_memory(), get_application_ids()])), master.procedure)
    try:
        _, (version, ((free, listed), (keyset,))) = yield from joined(
            Leg(PlainSession().batch([select_application(PICC_LEVEL)])), joined(Leg(get_version()), state)
        )
    except AnswerTooLong as crowded:
        # more applications than one frame lists
        raise ForeignCard(crowded.detail) from crowded
    except UnexpectedAnswer as strange:
        raise WrongProduct(strange.detail) from strange
    identifiers = frozenset(listed[at : at + len(AID)] for at in range(0, len(listed), len(AID)))
    return Chip(version, int.from_bytes(free, "little"), identifiers, keyset[0])


def read_header() -> Command:
    """File 01 as anybody may read it."""
    return read_data(HEADER_FILE.number, 0, HEADER_FILE.size, Mode.PLAIN)


def look_closer() -> Procedure[tuple[bytes | None, int]]:
    """The 32 bytes of file 01, None where there is no such file, and the key set of the first key that a rotation
    changes; selects our application.
    """
    commands = [select_application(AID), get_key_version(READ), read_header()]
    try:
        _, keyset, header = yield from PlainSession().batch(commands)
    except CardRefused as refused:
        if refused.status is not Status.FILE_NOT_FOUND:
            raise
        return None, FACTORY
    return header, keyset[0]


def inventory(header: bytes | None) -> Procedure[Application]:
    """How far our application, which is selected, has come; `header` as `look_closer` found it."""
    *keysets, files = yield from PlainSession().batch([*map(get_key_version, SLOTS), get_file_ids()])
    return Application(tuple(version[0] for version in keysets), frozenset(files), decoded(header))


def decoded(header: bytes | None) -> Header | None:
    """The header in the bytes of file 01; None while it was not written, or not in full."""
    try:
        return None if header is None else Header.decode(header)
    except RecordDamaged:
        return None

"""What a chip remembers without power: its keys, settings, applications and files, as values that are replaced.

A change is one assignment of a new value: so power lost at any moment leaves the old memory or the new one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from cards.desfire.status import Status
from cards.errors import CardRefused
from cards.simcard.files import BLOCK, File
from cards.simcard.keys import ZERO_DES, ChipKey, Kind
from cards.simcard.version import Version

PICC_LEVEL = bytes(3)
"""The AID of the chip itself."""
MASTER = 0
"""The number of a master key."""
CHANGEABLE_MASTER, FREE_LISTING, FREE_CREATION, CHANGEABLE_SETTINGS = 0x01, 0x02, 0x04, 0x08
_HEAD = BLOCK
_MOST_APPLICATIONS = 28
# what chips of 2, 4 and 8 kilobytes tell of their free memory when they are new
_CAPACITY = {2048: 2304, 4096: 4864, 8192: 7936}


@dataclass(frozen=True, slots=True)
class Application:
    """Keys and files of one application, or the chip's own keys under the AID 000000."""

    settings: int
    kind: Kind
    keys: tuple[ChipKey, ...]
    files: Mapping[int, File] = field(default_factory=dict)
    iso_id: int | None = None
    iso_files: bool = False
    name: bytes = b""

    def key(self, number: int) -> ChipKey:
        """Key `number`; NO_SUCH_KEY."""
        if number >= len(self.keys):
            raise CardRefused(Status.NO_SUCH_KEY)
        return self.keys[number]

    def file(self, number: int) -> File:
        """File `number`; FILE_NOT_FOUND."""
        if number not in self.files:
            raise CardRefused(Status.FILE_NOT_FOUND)
        return self.files[number]

    def with_file(self, number: int, file: File) -> "Application":
        """With `file` in its place."""
        return replace(self, files={**self.files, number: file})

    def with_key(self, number: int, key: ChipKey) -> "Application":
        """With another key `number`."""
        return replace(self, keys=(*self.keys[:number], key, *self.keys[number + 1 :]))

    @property
    def room(self) -> int:
        """The bytes of memory that it takes without its files."""
        return _HEAD + -(-sum(len(key.value) for key in self.keys) // BLOCK) * BLOCK


@dataclass(frozen=True, slots=True)
class Picc:
    """A whole chip. `storage` is its nominal size in bytes, `used` what was taken since it was formatted last."""

    uid: bytes
    version: Version
    storage: int
    applications: Mapping[bytes, Application]
    used: int = 0
    default_key: ChipKey = ZERO_DES
    random_uid: bool = False
    unformattable: bool = False
    ats: bytes = b""

    @classmethod
    def factory(cls, uid: bytes, version: Version, storage: int) -> "Picc":
        """A chip as it is delivered: no application, the master key zero."""
        return cls(uid, version, storage, {PICC_LEVEL: Application(0x0F, Kind.DES, (ZERO_DES,))})

    @property
    def free(self) -> int:
        """Bytes of memory that are left."""
        return _CAPACITY.get(self.storage, self.storage) - self.used

    @property
    def aids(self) -> list[bytes]:
        """The applications on the chip, in the order they were made."""
        return [aid for aid in self.applications if aid != PICC_LEVEL]

    def application(self, aid: bytes) -> Application:
        """The application `aid`; APPLICATION_NOT_FOUND."""
        if aid not in self.applications:
            raise CardRefused(Status.APPLICATION_NOT_FOUND)
        return self.applications[aid]

    def with_application(self, aid: bytes, application: Application) -> "Picc":
        """With `application` in its place."""
        return replace(self, applications={**self.applications, aid: application})

    def without_application(self, aid: bytes) -> "Picc":
        """Without `aid`; its memory comes back when the chip is formatted."""
        return replace(self, applications={a: it for a, it in self.applications.items() if a != aid})

    def with_new_application(self, aid: bytes, application: Application) -> "Picc":
        """With one more application; DUPLICATE, COUNT_ERROR or OUT_OF_MEMORY."""
        names = [it for it in self.applications.values() if it.iso_id is not None]
        taken = any(it.iso_id == application.iso_id or (it.name and it.name == application.name) for it in names)
        if aid in self.applications or taken:
            raise CardRefused(Status.DUPLICATE)
        if len(self.aids) >= _MOST_APPLICATIONS and self.version is Version.EV1:
            raise CardRefused(Status.COUNT_ERROR)
        return self._taking(application.room).with_application(aid, application)

    def with_new_file(self, aid: bytes, number: int, file: File) -> "Picc":
        """With one more file in `aid`; DUPLICATE or OUT_OF_MEMORY."""
        application = self.application(aid)
        iso_ids = [it.iso_id for it in application.files.values() if it.iso_id is not None]
        if number in application.files or file.iso_id in iso_ids:
            raise CardRefused(Status.DUPLICATE)
        return self._taking(_HEAD + file.room).with_application(aid, application.with_file(number, file))

    def without_file(self, aid: bytes, number: int) -> "Picc":
        """Without one file; its memory comes back when the chip is formatted."""
        application = self.application(aid)
        application.file(number)
        files = {it: file for it, file in application.files.items() if it != number}
        return self.with_application(aid, replace(application, files=files))

    def formatted(self) -> "Picc":
        """Without applications, all memory free; the chip's own keys and settings stay."""
        return replace(self, applications={PICC_LEVEL: self.application(PICC_LEVEL)}, used=0)

    def _taking(self, room: int) -> "Picc":
        if room > self.free:
            raise CardRefused(Status.OUT_OF_MEMORY)
        return replace(self, used=self.used + room)

"""What a transaction has prepared for one file and a commit puts in its place."""

from dataclasses import dataclass, replace
from typing import TypeAlias

from cards.desfire.status import Status
from cards.errors import CardRefused
from cards.simcard.files import BackupFile, File, RecordFile, ValueFile, spliced


@dataclass(frozen=True, slots=True)
class DataDraft:
    """New content of a backup file."""

    data: bytes

    @classmethod
    def of(cls, file: BackupFile) -> "DataDraft":
        """A draft that changes nothing yet."""
        return cls(file.data)

    def written(self, offset: int, data: bytes) -> "DataDraft":
        """With `data` at `offset`."""
        return DataDraft(spliced(self.data, offset, data))


@dataclass(frozen=True, slots=True)
class ValueDraft:
    """A counter's next value, and what was debited on the way."""

    value: int
    refund: int
    debited: int = 0

    @classmethod
    def of(cls, file: ValueFile) -> "ValueDraft":
        """A draft that changes nothing yet."""
        return cls(file.value, file.refund)

    def credited(self, amount: int, file: ValueFile) -> "ValueDraft":
        """With `amount` more; BOUNDARY_ERROR above the upper limit."""
        if self.value + amount > file.upper:
            raise CardRefused(Status.BOUNDARY_ERROR)
        return replace(self, value=self.value + amount)

    def debited_by(self, amount: int, file: ValueFile) -> "ValueDraft":
        """With `amount` less; BOUNDARY_ERROR below the lower limit."""
        if self.value - amount < file.lower:
            raise CardRefused(Status.BOUNDARY_ERROR)
        return replace(self, value=self.value - amount, debited=self.debited + amount)

    def refunded(self, amount: int, file: ValueFile) -> "ValueDraft":
        """With `amount` given back, once, of what the last transaction with a debit took."""
        if not file.flags & 1:
            raise CardRefused(Status.PERMISSION_DENIED)
        if amount > self.refund:
            raise CardRefused(Status.BOUNDARY_ERROR)
        return replace(self.credited(amount, file), refund=0)


@dataclass(frozen=True, slots=True)
class RecordDraft:
    """One more record, or the end of all; every write of a transaction goes into the same record."""

    record: bytes | None = None
    cleared: bool = False

    def written(self, offset: int, data: bytes, file: RecordFile) -> "RecordDraft":
        """With `data` at `offset` of the new record; BOUNDARY_ERROR when the file is full."""
        if self.cleared:
            raise CardRefused(Status.PERMISSION_DENIED)
        if file.full:
            raise CardRefused(Status.BOUNDARY_ERROR)
        return RecordDraft(spliced(self.record or bytes(file.size), offset, data))


Draft: TypeAlias = DataDraft | ValueDraft | RecordDraft


def applied(draft: Draft, file: File) -> File:
    """What `file` is once `draft` is committed."""
    if isinstance(draft, DataDraft) and isinstance(file, BackupFile):
        return replace(file, data=draft.data)
    if isinstance(draft, ValueDraft) and isinstance(file, ValueFile):
        return replace(file, value=draft.value, refund=draft.debited or draft.refund)
    if isinstance(draft, RecordDraft) and isinstance(file, RecordFile):
        if draft.cleared:
            return replace(file, records=())
        return file if draft.record is None else file.appended(draft.record)
    raise TypeError(f"no {type(draft).__name__} for file type {file.kind}")

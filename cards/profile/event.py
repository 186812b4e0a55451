"""File 06, the log of a card: one record for each event. Integers are least significant byte first."""

import struct
from dataclasses import dataclass
from datetime import UTC, datetime

from cards.errors import RecordDamaged
from cards.profile.fields import U8, U16, U32, opened, sealed, sized, within
from cards.profile.layout import HIGHEST_QUOTA, LOG_FILE

_LOG = struct.Struct("<I8sHiIIBx")


@dataclass(frozen=True, slots=True)
class LogRecord:
    """One event. `terminal` and `seq` name the tap: both together come once."""

    at: datetime
    """To the second."""
    terminal: bytes
    """8 bytes that name a terminal in one of its pairings."""
    concession: int
    delta: int
    """What the event took from the quota, negative; what it gave back, positive."""
    quota_after: int
    seq: int
    result: int = 0

    def encode(self) -> bytes:
        """32 bytes; Unencodable when a value does not fit."""
        body = _LOG.pack(
            within("time", int(self.at.timestamp()), U32),
            sized("terminal", self.terminal, 8),
            within("concession", self.concession, U16),
            within("delta", self.delta + HIGHEST_QUOTA, 2 * HIGHEST_QUOTA) - HIGHEST_QUOTA,
            within("quota", self.quota_after, HIGHEST_QUOTA),
            within("seq", self.seq, U32),
            within("result", self.result, U8),
        )
        return sealed(body)

    @classmethod
    def decode(cls, record: bytes) -> "LogRecord":
        """The event in 32 bytes; RecordDamaged for anything that `encode` does not write."""
        body = opened("event", record, LOG_FILE.size)
        at, terminal, concession, delta, quota, seq, result = _LOG.unpack(body)
        if body[-1] or abs(delta) > HIGHEST_QUOTA or quota > HIGHEST_QUOTA:
            raise RecordDamaged("event")
        return cls(datetime.fromtimestamp(at, UTC), terminal, concession, delta, quota, seq, result)

    def same_tap(self, other: "LogRecord") -> bool:
        """Whether both tell of one tap of one terminal."""
        return (self.terminal, self.seq) == (other.terminal, other.seq)

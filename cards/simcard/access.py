"""Who may do what with a file, and how its content travels."""

from dataclasses import dataclass

from cards.desfire.command import Mode
from cards.desfire.status import Status
from cards.errors import CardRefused


@dataclass(frozen=True, slots=True)
class Access:
    """How a file's content travels, and the four rights to it: a key 0..D, E everybody, F nobody."""

    mode: Mode
    read: int
    write: int
    both: int
    change: int

    @classmethod
    def decode(cls, data: bytes) -> "Access":
        """The three bytes of the settings: communication, then RW and Change, then R and W; PARAMETER_ERROR."""
        if data[0] > 3:
            raise CardRefused(Status.PARAMETER_ERROR)
        # the higher bit of the communication settings counts only together with the lower one
        mode = (Mode.PLAIN, Mode.MAC, Mode.PLAIN, Mode.FULL)[data[0]]
        return cls(mode, data[2] >> 4, data[2] & 15, data[1] >> 4, data[1] & 15)

    def encode(self) -> bytes:
        """The three bytes of the settings."""
        return bytes((int(self.mode.value), self.both << 4 | self.change, self.read << 4 | self.write))

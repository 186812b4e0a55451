"""Cards that only echo, for tests in which it does not matter what a card says."""

from cards import pcsc
from cards.errors import CardGone

UID = bytes.fromhex("04832F1AB25780")
HELLO = bytes.fromhex("9060000000")


class Echo:
    """Says its number when asked by the reader, and otherwise what it was told."""

    def __init__(self, uid: bytes = UID) -> None:
        self.uid = uid
        self.powered: list[bool] = []
        self.told: list[bytes] = []

    def process(self, apdu: bytes) -> bytes:
        if apdu == pcsc.GET_UID:
            return self.uid + b"\x90\x00"
        self.told.append(apdu)
        return self.answer(apdu)

    def answer(self, apdu: bytes) -> bytes:
        return apdu + b"\x91\x00"

    def power_on(self) -> None:
        self.powered.append(True)

    def power_off(self) -> None:
        self.powered.append(False)


class Silent(Echo):
    """Half in the field: its answer is too short to be one."""

    def answer(self, apdu: bytes) -> bytes:
        return b"\x91"


class TornOut(Echo):
    """Goes when the command of this number comes, counted from 1."""

    def __init__(self, at: int = 1) -> None:
        super().__init__()
        self.at = at

    def answer(self, apdu: bytes) -> bytes:
        if len(self.told) == self.at:
            raise CardGone
        return super().answer(apdu)

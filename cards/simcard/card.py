"""The virtual card: APDUs in, answers out, and the power that may go at any moment."""

import secrets
from collections.abc import Callable

from cards.desfire.frames import MORE
from cards.desfire.status import Status
from cards.errors import CardRefused, PowerLost
from cards.simcard import saving
from cards.simcard.apdu import (
    DONE,
    NO_SUCH_CLASS,
    NO_SUCH_FUNCTION,
    WRONG_LENGTH,
    native,
)
from cards.simcard.chip import Chip
from cards.simcard.conversation import converse
from cards.simcard.iso import iso
from cards.simcard.login import Talk
from cards.simcard.picc import Picc
from cards.simcard.version import Version

ATR = bytes.fromhex("3b8180018080")
"""What a PC/SC reader reports for a DESFire card (PC/SC part 3, 3.1.3.2.3: ISO 14443-4 with the ATS byte 80)."""
_READER, _ISO, _NATIVE = 0xFF, 0x00, 0x90
_GET_UID = bytes.fromhex("ffca0000")


class VirtualCard:
    """A DESFire EV1 or EV2 chip in memory. Its answers are those of a chip; nothing in it is secret.

    `storage` is its size in bytes, a power of two. It has power from the beginning; `process` raises nothing for any
    bytes, except PowerLost where a test cuts the power or left it off.
    """

    def __init__(
        self,
        uid: bytes,
        *,
        storage: int = 4096,
        version: Version = Version.EV1,
        random: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._random = random
        self._powered = True
        self._cut: dict[bool, int | None] = {True: None, False: None}
        self._begin(Picc.factory(uid, version, storage))

    def _begin(self, picc: Picc) -> None:
        self._chip = Chip(picc, self._random)
        self._talk: Talk | None = None
        # the first byte 08 marks a random identifier (ISO/IEC 14443-3)
        self._shown = b"\x08" + self._random(3) if picc.random_uid else picc.uid

    @property
    def uid(self) -> bytes:
        """The seven bytes that the chip was made with."""
        return self._chip.picc.uid

    def process(self, apdu: bytes) -> bytes:
        """The answer to one command APDU: data and status word."""
        if not self._powered:
            raise PowerLost("no power")
        if apdu[:1] == bytes((_READER,)):
            return self._shown + DONE if apdu[:4] == _GET_UID else NO_SUCH_FUNCTION
        self._perhaps_cut(before=True)
        answer = self._answer(apdu)
        self._perhaps_cut(before=False)
        return answer

    def _answer(self, apdu: bytes) -> bytes:
        if len(apdu) < 4:
            return WRONG_LENGTH
        if apdu[0] == _NATIVE:
            return self._native(apdu)
        if apdu[0] != _ISO:
            return NO_SUCH_CLASS
        answer = iso(self._chip, apdu)
        if answer == DONE:
            self._talk = None
        return answer

    def _native(self, apdu: bytes) -> bytes:
        try:
            code, payload = native(apdu)
            answer = self._next(code, payload)
        except StopIteration as end:
            self._talk = None
            return bytes(end.value) + b"\x91\x00"
        except CardRefused as refusal:
            self._talk = None
            self._chip.refuse()
            return bytes((0x91, refusal.status))
        return answer + b"\x91\xaf"

    def _next(self, code: int, payload: bytes) -> bytes:
        if self._talk is not None:
            if code != MORE:
                raise CardRefused(Status.COMMAND_ABORTED)
            return self._talk.send(payload)
        self._talk = converse(self._chip, code, payload)
        return next(self._talk)

    def power_off(self) -> None:
        """Takes the card away; with the next power it begins anew, without whatever was not committed."""
        self._powered = False

    def power_on(self) -> None:
        """Puts the card on a reader; one that lay there begins anew."""
        self._begin(self._chip.picc)
        self._powered = True

    def cut(self, *, before: int | None = None, after: int | None = None) -> None:
        """Takes the power away in the n-th APDU from now (1 is the next), before or after the chip carries it out.

        PowerLost is raised then, and again until `power_on`; None takes the order back. Questions to the reader (FF ..)
        do not count.
        """
        self._cut = {True: before, False: after}

    def _perhaps_cut(self, *, before: bool) -> None:
        left = self._cut[before]
        if left is None:
            return
        self._cut[before] = left - 1 if left > 1 else None
        if left == 1:
            self.power_off()
            raise PowerLost("before" if before else "after")

    def snapshot(self) -> Picc:
        """All that the chip would remember without power, at no cost."""
        return self._chip.picc

    def restore(self, picc: Picc) -> None:
        """Makes the card what `snapshot` found, newly under power."""
        self._chip.picc = picc
        self.power_on()

    def saved(self) -> bytes:
        """The same as a readable text for a file."""
        return saving.dump(self._chip.picc)

    @classmethod
    def load(cls, data: bytes, random: Callable[[int], bytes] = secrets.token_bytes) -> "VirtualCard":
        """The card that was `saved`; SavedCardUnreadable."""
        picc = saving.load(data)
        card = cls(picc.uid, storage=picc.storage, version=picc.version, random=random)
        card.restore(picc)
        return card

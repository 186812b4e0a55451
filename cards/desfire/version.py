"""What a chip says about itself: GetVersion."""

from dataclasses import dataclass

from cards.desfire.authenticate import Scheme
from cards.desfire.frames import MORE, unwrap, wrap
from cards.desfire.procedure import Procedure, Step
from cards.desfire.status import Status
from cards.errors import CardRefused, UnexpectedAnswer, WrongProduct

_CODE = 0x60
_NXP, _DESFIRE = 0x04, 0x01
# major hardware versions: 00 is the first DESFire, without AES; EV2 and EV3 alike know the newer authentication
_EV1, _EV2 = 0x01, 0x12
_FRAMES = (7, 7, 14)


@dataclass(frozen=True, slots=True)
class ChipVersion:
    """`hardware` and `software`: maker, type, subtype, major, minor, storage, protocol; `storage` in bytes."""

    uid: bytes
    hardware: bytes
    software: bytes
    storage: int
    is_ev2: bool

    @property
    def scheme(self) -> Scheme:
        """How to authenticate to this chip with an AES key."""
        return Scheme.EV2 if self.is_ev2 else Scheme.EV1


def get_version() -> Procedure[ChipVersion]:
    """The version of the chip, in one list; WrongProduct when it is no DESFire with AES.

    The UID is seven zeros where the card shows a random one until someone authenticates.
    """
    answers = yield [Step(wrap(_CODE)), Step(wrap(MORE)), Step(wrap(MORE))]
    try:
        frames = [_frame(answer) for answer in answers]
    except (UnexpectedAnswer, CardRefused) as fault:
        raise WrongProduct(fault.detail) from None
    if tuple(map(len, frames)) != _FRAMES:
        raise WrongProduct("version")
    return _chip(*frames)


def _frame(answer: bytes) -> bytes:
    status, data = unwrap(answer)
    if status not in (Status.OK, Status.ADDITIONAL_FRAME):
        raise CardRefused(status)
    return data


def _chip(hardware: bytes, software: bytes, production: bytes) -> ChipVersion:
    if hardware[:2] != bytes((_NXP, _DESFIRE)) or hardware[3] < _EV1:
        raise WrongProduct(hardware.hex())
    # the lowest bit says that the size lies between this power of two and the next
    return ChipVersion(production[:7], hardware, software, 1 << (hardware[5] >> 1), hardware[3] >= _EV2)

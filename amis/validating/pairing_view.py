"""How far the newest pairing of a terminal has come, and the picture that a phone scans to begin one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from amis.staff.models import MachinePairing
from cards.qr import address_svg

Progress = Literal["none", "waiting", "expired", "answered", "approved"]


@dataclass(frozen=True, slots=True, repr=False)
class ShownCode:
    """A pairing code as it is shown once: the code, until when it works, the address it opens and its picture."""

    code: str
    until: datetime
    address: str
    picture: str


def progress(newest: MachinePairing | None, at: datetime) -> Progress:
    """Whether the newest code waits for its machine, was not used in time, was answered, or its key is approved."""
    if newest is None:
        return "none"
    if newest.approved_at is not None:
        return "approved"
    if newest.jwk is not None:
        return "answered"
    return "waiting" if newest.expires_at > at else "expired"


def shown(code: str, until: datetime, public_url: str) -> ShownCode:
    """The code with the address that opens the validator in a browser, as text and as a picture."""
    # behind the sign of a fragment it reaches no server's log
    address = f"{public_url.rstrip('/')}/validator/#pair={code}"
    return ShownCode(code, until, address, address_svg(address))

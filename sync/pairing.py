"""The sender as a paired machine: a key of its own, approved by a person, and the bearer token it gets for it."""

from __future__ import annotations

from pathlib import Path

import httpx

from cards.bearer import Bearer
from cards.errors import NotPaired, PairedAlready, PairingRefused, ServiceUnreachable
from cards.pair import move as move_home
from cards.pair import pair as pair_home
from cards.pair import paired
from sync.errors import MachineNotPaired, MachinePairedAlready, MachineRefused, ReceiverSilent


async def pair(url: str, code: str, home: Path, http: httpx.AsyncClient) -> str:
    """Pairs by a one-time code; returns the fingerprint that a person at the receiver has to approve.

    Raises:
        MachinePairedAlready, MachineRefused, ReceiverSilent
    """
    try:
        return (await pair_home(url.rstrip("/"), code, home, http)).fingerprint
    except PairedAlready as error:
        raise MachinePairedAlready(str(home)) from error
    except PairingRefused as error:
        raise MachineRefused(error.detail) from error
    except httpx.TransportError as error:
        raise ReceiverSilent(url) from error


def moved(home: Path, url: str) -> None:
    """The receiver has another address now.

    Raises:
        MachineNotPaired
    """
    try:
        move_home(home, url.rstrip("/"))
    except NotPaired as error:
        raise MachineNotPaired(str(home)) from error


class Machine:
    """A paired machine: `url` of its receiver, and the headers of each request."""

    def __init__(self, home: Path, http: httpx.AsyncClient) -> None:
        """Reads what `pair` kept in `home`; raises `MachineNotPaired`."""
        try:
            pairing, key = paired(home)
        except NotPaired as error:
            raise MachineNotPaired(str(home)) from error
        self.url = pairing.url
        self._bearer = Bearer(pairing, key, http)

    async def headers(self) -> dict[str, str]:
        """What a request carries; raises `MachineRefused` or `ReceiverSilent`."""
        try:
            return await self._bearer.headers()
        except PairingRefused as error:
            raise MachineRefused(error.detail) from error
        except ServiceUnreachable as error:
            raise ReceiverSilent(error.detail) from error

    def forget(self) -> None:
        """The receiver no longer takes the token: the next request gets another."""
        self._bearer.forget()

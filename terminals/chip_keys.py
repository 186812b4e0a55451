"""Masters of cards that a terminal holds where the service lets it: fetched by its key, kept sealed, wiped with it."""

import json
from base64 import urlsafe_b64decode
from collections.abc import Callable, Mapping
from datetime import datetime

import httpx
from cryptography.hazmat.primitives.asymmetric import ec

from cards.bearer import assertion
from cards.errors import NoSuchKey, UnwrapFailed, WrongKeyUse
from cards.jwk import jwk, public_of
from cards.keys.diversify import diversify
from cards.keys.handing import Handed, take_over
from cards.keys.ring import KeyState, load
from cards.keys.shelf import Shelf
from terminals.errors import AnswerUnreadable, Refused
from terminals.keeping import SealedFolder
from terminals.link import Link
from terminals.message import JSON, compact

PATH = "/terminal/v1/card-keys"
_FILE = "masters"


class HeldKeys:
    """Masters by which chips are read, and debited where the terminal may: as much of a key store as that needs."""

    def __init__(self, content: bytes) -> None:
        """`content` as the service handed it over. Raises KeyFileDamaged."""
        self._shelf = Shelf(load(content))

    def states(self, name: str) -> Mapping[int, KeyState]:
        """The key sets of which this master is held; none where it is not."""
        return self._shelf.states(name) if name in self._shelf.names() else {}

    def derive_card_key(self, name: str, uid: bytes, aid: bytes, slot: int, version: int, system: bytes) -> bytes:
        """One chip's key; NoSuchKey, WrongKeyUse."""
        key = self._shelf.find(name, version)
        if key is None:
            raise NoSuchKey(f"{name} version {version}")
        if key.secret is None:
            raise WrongKeyUse(f"{name} version {version} is {key.state}")
        return diversify(key.secret, uid, aid, slot, version, system)


class ChipKeys:
    """What a terminal holds of them, in its sealed folder."""

    def __init__(self, store: SealedFolder) -> None:
        self._store = store
        content = store.read(_FILE)
        self.held = None if content is None else HeldKeys(content)

    async def fetch(self, link: Link, key: ec.EllipticCurvePrivateKey, now: Callable[[], datetime]) -> bool:
        """Brings what is held up to what the service gives; whether that is anything. `key` is that of the pairing.

        Raises:
            Unreachable, Revoked, AnswerUnreadable; OSError: the disk is full.
            Refused: what is held stays.
        """
        fresh = ec.generate_private_key(ec.SECP256R1())
        aud = f"{link.pairing.url}{PATH}"
        asked = assertion(link.pairing, key, now(), aud, {"cnf": {"jwk": jwk(fresh.public_key())}})
        response = await link.ask("POST", PATH, compact({"assertion": asked}), JSON)
        if response.status_code == httpx.codes.FORBIDDEN:
            self.forget()
            return False
        if response.status_code != httpx.codes.OK:
            raise Refused(f"{response.status_code} {response.text}")
        content = _opened(response.content, fresh, f"{link.pairing.machine_id}|{link.pairing.pairing}")
        self.held = HeldKeys(content)
        self._store.write(_FILE, content)
        return True

    def forget(self) -> None:
        """Holds none any more."""
        self.held = None
        self._store.remove(_FILE)


def _opened(answer: bytes, own: ec.EllipticCurvePrivateKey, aad: str) -> bytes:
    try:
        said = json.loads(answer)
        handed = Handed(public_of(said["jwk"]), urlsafe_b64decode(said["sealed"] + "=" * (-len(said["sealed"]) % 4)))
        return take_over(handed, own, aad.encode())
    except (ValueError, KeyError, TypeError, UnwrapFailed) as error:
        raise AnswerUnreadable(type(error).__name__) from error

"""The key store in a hardware module (HSM, smart card, SAM) over PKCS#11: secrets are made there and stay there."""

import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from cards.errors import KeyExists, NoSuchKey, UnwrapFailed, WrongKeyUse
from cards.keys import labelled, module
from cards.keys.atomic import exclusive
from cards.keys.diversify import CHECK_VALUE, CHECKED, diversified, place_of
from cards.keys.ring import SIGNING, Algorithm, KeyState, Public, algorithm_of, check_version
from cards.keys.shelf import Shelf
from cards.keys.wrapping import NONCE, Wrapping

# A module that was initialised without locks of its own wants one call at a time, from the whole process.
_ONE_CALL = threading.RLock()
_Result = TypeVar("_Result")


class HardwareKeyStore:
    """A KeyStore in one token of a PKCS#11 module.

    A token knows no transactions, so every change is a row of steps that may stop after any of them: a new version
    counts as soon as it says that it is active, and what is left to do for older ones is done with the next change.
    """

    def __init__(self, library: Path, token: str, pin: str, lock: Path) -> None:
        """Logs in. `library` is the module's shared object, `lock` a path beside which this machine's processes lock.

        Raises:
            KeyModuleUnavailable, WrongPin, KeyDoubled
        """
        self._library, self._token, self._pin, self._lock = library, token, pin, lock
        with _ONE_CALL, module.told():
            self._log_in()

    def _log_in(self) -> None:
        self._session = module.log_in(self._library, self._token, self._pin)
        self._read()

    def _read(self) -> None:
        self._held = labelled.read(self._session)
        shelf = Shelf(held.key for held in self._held.values())
        self._shelf = shelf.with_these(*shelf.outdated())

    def reload(self) -> None:
        self._tried(self._read)

    def names(self) -> list[str]:
        return self._shelf.names()

    def add(self, name: str) -> None:
        algorithm_of(name)
        with self._changing():
            if name in self.names():
                raise KeyExists(name)
            self._make(name, 1, KeyState.ACTIVE)

    def prepare(self, name: str) -> int:
        with self._changing():
            waiting = self._shelf.waiting(name)
            version = self._shelf.next_version(name) if waiting is None else waiting.version
            if waiting is None:
                self._make(name, version, KeyState.PRE_PUBLISHED)
        return version

    def rotate(self, name: str) -> int:
        with self._changing():
            self._shelf.active(name)
            waiting = self._shelf.waiting(name)
            version = self._shelf.next_version(name) if waiting is None else waiting.version
            if waiting is None:
                self._make(name, version, KeyState.ACTIVE)
            else:
                labelled.relabel(self._held[name, version], KeyState.ACTIVE)
            self._read()
            self._settle(name)
        return version

    def retire(self, name: str, version: int) -> None:
        with self._changing():
            state = self._state(name, version)
            if state is not KeyState.VERIFY_ONLY:
                raise WrongKeyUse(f"{name} version {version} is {state}")
            held = self._held[name, version]
            if algorithm_of(name) in SIGNING:
                labelled.relabel(held, KeyState.RETIRED)
            else:
                held.secret.destroy()

    def sign(self, name: str, data: bytes, version: int | None = None) -> bytes:
        algorithm = algorithm_of(name)

        def work() -> bytes:
            key = self._shelf.active(name)
            if version not in (None, key.version):
                raise WrongKeyUse(f"{name} version {version} no longer signs")
            secret = self._held[name, key.version].secret
            if algorithm not in SIGNING or secret is None:
                raise WrongKeyUse(f"{name} version {key.version} does not sign")
            return module.sign(secret, algorithm, data)

        return self._tried(work)

    def public(self, name: str, version: int | None = None) -> Public:
        if version is None:
            return self._shelf.active(name).public
        self._state(name, version)
        return self._held[name, version].key.public

    def publics(self, name: str) -> list[Public]:
        return self._shelf.publics(name)

    def mac(self, name: str, data: bytes, version: int | None = None) -> bytes:
        return self._tried(lambda: module.hmac(self._secret(name, version, Algorithm.HMAC_SHA256), data))

    def versions(self, name: str) -> list[int]:
        return list(self.states(name))

    def states(self, name: str) -> dict[int, KeyState]:
        return self._shelf.states(name)

    def wrap(self, name: str, plaintext: bytes, aad: bytes) -> bytes:
        def work() -> bytes:
            secret = self._secret(name, None, Algorithm.AES_256_GCM)
            empty = Wrapping(self._shelf.active(name).version, secrets.token_bytes(NONCE))
            return empty._replace(box=module.encrypt(secret, empty.nonce, plaintext, empty.bound(name, aad))).blob

        return self._tried(work)

    def unwrap(self, name: str, blob: bytes, aad: bytes) -> bytes:
        def work() -> bytes:
            self._secret(name, None, Algorithm.AES_256_GCM)
            wrapping = Wrapping.read(blob)
            try:
                secret = self._secret(name, wrapping.version, Algorithm.AES_256_GCM)
            except (NoSuchKey, WrongKeyUse):
                raise UnwrapFailed("a key that is gone") from None
            return module.decrypt(secret, wrapping.nonce, wrapping.box, wrapping.bound(name, aad))

        return self._tried(work)

    def derive_card_key(self, name: str, uid: bytes, aid: bytes, slot: int, version: int, system: bytes) -> bytes:
        message = diversified(place_of(uid, aid, slot, version, system))
        return self._tried(lambda: module.cmac(self._secret(name, version, Algorithm.AN10922), message))

    def check_value(self, name: str, version: int) -> str:
        value = self._tried(lambda: module.cmac(self._secret(name, version, Algorithm.AN10922), CHECKED))
        return value[:CHECK_VALUE].hex()

    def _tried(self, work: Callable[[], _Result]) -> _Result:
        """The result of one call; where session, key or device went away, that of a second one after looking anew."""
        with _ONE_CALL, module.told():
            try:
                return work()
            except module.FAILED as error:
                if not isinstance(error, module.STALE):
                    module.start_again(self._library)
                self._log_in()
                return work()

    @contextmanager
    def _changing(self) -> Iterator[None]:
        with exclusive(self._lock), _ONE_CALL, module.told():
            self._tried(self._read)
            yield
            self._read()

    def _make(self, name: str, version: int, state: KeyState) -> None:
        check_version(name, version)
        labelled.make(self._session, name, version, state)

    def _settle(self, name: str) -> None:
        """Older versions say what they are, and signing keys among them lose their private half."""
        for key in self._shelf.all(name):
            held = self._held[name, key.version]
            if held.state is not key.state:
                labelled.relabel(held, key.state)
            if key.state in (KeyState.VERIFY_ONLY, KeyState.RETIRED) and key.algorithm in SIGNING and held.secret:
                held.secret.destroy()

    def _state(self, name: str, version: int) -> KeyState:
        if (name, version) not in self._held:
            # another process may have turned the key over since
            self.reload()
        key = self._shelf.find(name, version)
        if key is not None:
            return key.state
        if 0 < version < self._shelf.next_version(name):
            raise WrongKeyUse(f"{name} version {version} is {KeyState.RETIRED}")
        raise NoSuchKey(f"{name} version {version}")

    def _secret(self, name: str, version: int | None, algorithm: Algorithm) -> Any:
        number = self._shelf.active(name).version if version is None else version
        state = self._state(name, number)
        if algorithm_of(name) is not algorithm:
            raise WrongKeyUse(f"{name} version {number} is {state}, for {algorithm_of(name)}")
        return self._held[name, number].secret

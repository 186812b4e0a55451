"""The keys that a store holds, by name and version: what every back-end looks up in the same way."""

from collections.abc import Iterable

from cards.errors import NoSuchKey
from cards.keys.ring import Key, KeyState, Public, demoted


class Shelf:
    """Keys in the order of their versions; at most one version of a name is active and one pre-published."""

    def __init__(self, keys: Iterable[Key]) -> None:
        self._keys = {(key.name, key.version): key for key in keys}
        self._active = {key.name: key for key in self.everything() if key.state is KeyState.ACTIVE}

    def with_these(self, *keys: Key) -> "Shelf":
        """The shelf with some keys added or replaced."""
        return Shelf((self._keys | {(key.name, key.version): key for key in keys}).values())

    def outdated(self) -> list[Key]:
        """The versions that still call themselves active beside a newer one, as what they are by that."""
        return [demoted(key) for key in self._keys.values() if key.state is KeyState.ACTIVE and self._newer(key)]

    def _newer(self, key: Key) -> bool:
        return self._active[key.name].version > key.version

    def names(self) -> list[str]:
        """The names that have an active version, sorted."""
        return sorted(self._active)

    def everything(self) -> list[Key]:
        """All versions of all keys, in order."""
        return [self._keys[place] for place in sorted(self._keys)]

    def all(self, name: str) -> list[Key]:
        """All versions of a key, in order; NoSuchKey where there is none."""
        keys = [self._keys[place] for place in sorted(self._keys) if place[0] == name]
        if not keys:
            raise NoSuchKey(name)
        return keys

    def find(self, name: str, version: int) -> Key | None:
        """One version."""
        return self._keys.get((name, version))

    def active(self, name: str) -> Key:
        """The version that makes new signatures, tags and wrappings; NoSuchKey where there is none."""
        key = self._active.get(name)
        if key is None:
            raise NoSuchKey(name)
        return key

    def waiting(self, name: str) -> Key | None:
        """The pre-published version."""
        return next((key for key in self.all(name) if key.state is KeyState.PRE_PUBLISHED), None)

    def next_version(self, name: str) -> int:
        """The number of the version to be made next."""
        return self.all(name)[-1].version + 1

    def states(self, name: str) -> dict[int, KeyState]:
        """The versions that still work, and where they stand."""
        return {key.version: key.state for key in self.all(name) if key.state is not KeyState.RETIRED}

    def publics(self, name: str) -> list[Public]:
        """The public halves of the versions that still work."""
        return [key.public for key in self.all(name) if key.state is not KeyState.RETIRED]

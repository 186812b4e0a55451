"""The bundle on disk: two generations, each loaded by the very rules by which it came in.

A generation is a manifest with the trust lists that lead to its signer, the contents that it names, and the deltas that
followed. So a store that was changed gives nothing that was not signed; the ends of objects do not matter here, as what
has ended is kept and stale.
"""

from collections.abc import Iterator
from itertools import count
from typing import Protocol

from cards import cbor
from cards.errors import Malformed
from terminals.bundle.delta import Delta
from terminals.bundle.errors import BundleRefused
from terminals.bundle.holding import Holding
from terminals.bundle.manifest import Manifest, digest
from terminals.bundle.objects import signed, unverified
from terminals.bundle.parts import named_content
from terminals.bundle.reading import blob, each, row
from terminals.bundle.state import packed

_TRUST, _GENERATION, _PART, _DELTA = "trust", "generation-", "part-", "delta-"


class Store(Protocol):
    """A folder of named contents, each written whole and durably or not at all."""

    def names(self) -> list[str]:
        """What is there."""
        ...

    def read(self, name: str) -> bytes | None:
        """A content, None where it is missing or damaged."""
        ...

    def write(self, name: str, content: bytes) -> None:
        """Writes or replaces a content."""
        ...

    def remove(self, name: str) -> None:
        """Removes a content."""
        ...


def save(holding: Holding, store: Store) -> None:
    """Writes what is new since the last time, and drops all but two generations."""
    chain = cbor.encode(list(holding.anchor.chain))
    if store.read(_TRUST) != chain:
        store.write(_TRUST, chain)
    if holding.base is None or holding.manifest is None:
        return
    there = set(store.names())
    known = _generations(there)
    newest = known[0] if known else 0
    head = cbor.encode([chain, holding.manifest])
    for part in holding.base.parts:
        if _part(part.sha256) not in there:
            store.write(_part(part.sha256), packed(holding.base.contents[part.key]))
    if not known or store.read(_name(newest)) != head:
        newest += 1
        store.write(_name(newest), head)
        _drop_old(store)
    for content in holding.brought:
        if (name := _part(digest(raw := packed(content)))) not in there:
            store.write(name, raw)
    for number, delta in enumerate(holding.deltas):
        if (name := _delta(newest, number)) not in there:
            store.write(name, delta)


def load(store: Store, root: bytes, machine: str = "") -> Holding:
    """What `save` wrote: the newest generation that is whole, else the one before, else nothing held.

    `root` is the root key of the pairing (DER SubjectPublicKeyInfo), `machine` this terminal's id.

    Raises:
        ObjectUnreadable: the root key is none.
    """
    for generation in _generations(store.names()):
        holding = Holding(root, machine)
        try:
            _restore(holding, store, generation)
        except (BundleRefused, Malformed):
            continue
        return holding
    return _with_trust(Holding(root, machine), store.read(_TRUST))


def _with_trust(holding: Holding, chain: bytes | None) -> Holding:
    """With the newest trust lists, so that nothing rests on a key that was withdrawn after it was written."""
    try:
        for signed_list in each(cbor.decode(chain or b""), blob):
            holding.take_trust(signed_list)
    except (BundleRefused, Malformed):
        # damaged: what was good before the damage stays, and the next manifest brings it again
        return holding
    return holding


class _Damaged(BundleRefused):
    """A file of the bundle is missing or damaged."""

    code = "bundle.damaged"


def _restore(holding: Holding, store: Store, generation: int) -> None:
    _with_trust(holding, store.read(_TRUST))
    chain, manifest = row(cbor.decode(_needed(store, _name(generation))), 2)
    if holding.trust_list is None:
        _with_trust(holding, blob(chain))
    said = blob(manifest)
    opened = signed("manifest", said, holding.trust)
    holding.take_manifest(Manifest.decode(opened.payload), opened, said)
    _restore_parts(holding, store)
    for number in count():
        if (delta := store.read(_delta(generation, number))) is None:
            return
        try:
            opened = signed("delta", delta, holding.trust)
            holding.take_delta(Delta.decode(opened.payload), opened, delta)
            _restore_parts(holding, store)
        except BundleRefused:
            # the state before it is whole, and what followed is sent again
            _drop_deltas(store, generation, number)
            return


def _restore_parts(holding: Holding, store: Store) -> None:
    for part in holding.missing():
        name = _part(part.sha256)
        try:
            holding.take_content(part, named_content(part, _needed(store, name)))
        except BundleRefused:
            # so that it is written again when it has been fetched again
            store.remove(name)
            raise


def _needed(store: Store, name: str) -> bytes:
    if (content := store.read(name)) is None:
        raise _Damaged(name)
    return content


def _drop_deltas(store: Store, generation: int, first: int) -> None:
    for number in count(first):
        if store.read(_delta(generation, number)) is None:
            return
        store.remove(_delta(generation, number))


def _drop_old(store: Store) -> None:
    names = store.names()
    wanted = {_TRUST}
    for generation in _generations(names)[:2]:
        deltas = [name for name in names if name.startswith(f"{_DELTA}{generation}-")]
        wanted |= {_name(generation), *deltas, *_parts_of(store, generation, deltas)}
    for name in names:
        if name not in wanted:
            store.remove(name)


def _parts_of(store: Store, generation: int, deltas: list[str]) -> Iterator[str]:
    try:
        _, manifest = row(cbor.decode(store.read(_name(generation)) or b""), 2)
        parts = list(Manifest.decode(unverified("manifest", blob(manifest))).parts)
        for name in deltas:
            parts += Delta.decode(unverified("delta", store.read(name) or b"")).parts
    except (BundleRefused, Malformed):
        return iter(())
    return (_part(part.sha256) for part in parts)


def _generations(names: "set[str] | list[str]") -> list[int]:
    numbers = (name.removeprefix(_GENERATION) for name in names if name.startswith(_GENERATION))
    return sorted((int(number) for number in numbers if number.isdigit()), reverse=True)


def _name(generation: int) -> str:
    return f"{_GENERATION}{generation}"


def _delta(generation: int, number: int) -> str:
    return f"{_DELTA}{generation}-{number}"


def _part(digest: bytes) -> str:
    return f"{_PART}{digest.hex()}"

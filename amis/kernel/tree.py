"""Merkle tree over the audit leaves (RFC 6962 section 2.1), grown from its frontier, and proofs of inclusion."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(canonical: bytes) -> bytes:
    """Hash of one leaf: SHA-256(0x00 || canonical bytes)."""
    return sha256(b"\x00" + canonical).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node: SHA-256(0x01 || left || right)."""
    return sha256(b"\x01" + left + right).digest()


@dataclass(slots=True)
class Frontier:
    """The roots of the complete subtrees of a tree of `size` leaves, largest first: all that growing needs."""

    size: int = 0
    roots: list[bytes] = field(default_factory=list)

    def append(self, leaf: bytes) -> None:
        """Adds one leaf hash; a subtree that becomes complete merges with its left neighbour."""
        node, size = leaf, self.size
        while size & 1:
            node = node_hash(self.roots.pop(), node)
            size >>= 1
        self.roots.append(node)
        self.size += 1

    def root(self) -> bytes:
        """The tree head."""
        if not self.roots:
            return EMPTY_ROOT
        node = self.roots[-1]
        for left in reversed(self.roots[:-1]):
            node = node_hash(left, node)
        return node

    def dump(self) -> bytes:
        """The subtree roots as bytes, 32 each; the size tells how many there are."""
        return b"".join(self.roots)

    @classmethod
    def load(cls, size: int, dumped: bytes) -> "Frontier":
        """The frontier that `dump` wrote for a tree of `size` leaves.

        Raises:
            ValueError: the bytes do not belong to a tree of that size.
        """
        if len(dumped) != 32 * size.bit_count():
            raise ValueError("the frontier does not fit its size")
        return cls(size, [dumped[at : at + 32] for at in range(0, len(dumped), 32)])


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The tree head over leaf hashes, in order."""
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    return frontier.root()


def inclusion_proof(leaves: Sequence[bytes], position: int) -> list[bytes]:
    """The audit path for the leaf at `position` (RFC 6962 section 2.1.1), nearest sibling first.

    Raises:
        IndexError: there is no such leaf.
    """
    if not 0 <= position < len(leaves):
        raise IndexError(position)
    if len(leaves) == 1:
        return []
    split = 1 << ((len(leaves) - 1).bit_length() - 1)
    if position < split:
        return [*inclusion_proof(leaves[:split], position), root_of(leaves[split:])]
    return [*inclusion_proof(leaves[split:], position - split), root_of(leaves[:split])]


def proves(leaf: bytes, position: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether `proof` shows that `leaf` stands at `position` in the tree of `size` leaves with head `root`.

    The check of RFC 9162 section 2.1.3.2.
    """
    if not 0 <= position < size:
        return False
    node, at, last = leaf, position, size - 1
    for sibling in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            node = node_hash(sibling, node)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and node == root

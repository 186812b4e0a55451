"""The Merkle tree against an independent implementation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymerkle import InmemoryTree

from amis.kernel.tree import EMPTY_ROOT, Frontier, inclusion_proof, leaf_hash, proves, root_of

ENTRIES = st.lists(st.binary(max_size=40), max_size=70)


@given(ENTRIES)
def test_the_root_equals_that_of_an_independent_implementation(entries: list[bytes]) -> None:
    oracle = InmemoryTree(algorithm="sha256")
    for entry in entries:
        oracle.append_entry(entry)
    expected = oracle.get_root() if entries else EMPTY_ROOT
    assert root_of(map(leaf_hash, entries)) == expected


@given(ENTRIES, ENTRIES)
def test_growing_from_a_dumped_frontier_equals_building_at_once(first: list[bytes], second: list[bytes]) -> None:
    frontier = Frontier()
    for entry in first:
        frontier.append(leaf_hash(entry))
    frontier = Frontier.load(frontier.size, frontier.dump())
    for entry in second:
        frontier.append(leaf_hash(entry))
    assert frontier.root() == root_of(map(leaf_hash, first + second))


@given(st.lists(st.binary(max_size=8), min_size=1, max_size=40), st.data())
def test_an_inclusion_proof_proves_its_leaf_and_no_other(entries: list[bytes], data: st.DataObject) -> None:
    leaves = [leaf_hash(entry) for entry in entries]
    position = data.draw(st.integers(0, len(leaves) - 1))
    proof, root = inclusion_proof(leaves, position), root_of(leaves)
    assert proves(leaves[position], position, len(leaves), proof, root)
    assert not proves(leaf_hash(b"never entered: longer than eight"), position, len(leaves), proof, root)
    assert not proves(leaves[position], position, len(leaves), [*proof, root], root)


def test_a_proof_for_a_leaf_that_is_not_there_is_refused() -> None:
    with pytest.raises(IndexError):
        inclusion_proof([leaf_hash(b"a")], 1)
    assert not proves(leaf_hash(b"a"), 1, 1, [], leaf_hash(b"a"))


def test_a_frontier_that_does_not_fit_its_size_is_refused() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        Frontier.load(3, bytes(32))

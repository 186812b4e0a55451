from itertools import permutations
from uuid import UUID

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st

from amis.kernel.sealed import blind_index, new_subject_key, seal, subject_key, unseal
from amis.kernel.settings import Settings
from cards.errors import CardsError

KEY = bytes(range(32))
PLACE = ("person", "name_sealed", "row 1")
ANNA, JANIS = UUID(int=1), UUID(int=2)


@given(text=st.text(st.characters(exclude_categories=["Cs"])))
def test_what_is_sealed_opens_in_its_place(text: str) -> None:
    assert unseal(KEY, *PLACE, seal(KEY, *PLACE, text)) == text


@pytest.mark.parametrize(
    "other",
    [("person", "name_sealed", "row 2"), ("person", "code", "row 1"), ("token", "name_sealed", "row 1")],
    ids=["row", "column", "table"],
)
def test_a_ciphertext_moved_to_another_place_does_not_open(other: tuple[str, str, str]) -> None:
    with pytest.raises(InvalidTag):
        unseal(KEY, *other, seal(KEY, *PLACE, "Anna Ozola"))


def test_every_flipped_bit_is_found() -> None:
    blob = seal(KEY, *PLACE, "Anna")
    for bit in range(8, len(blob) * 8):
        changed = bytearray(blob)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(InvalidTag):
            unseal(KEY, *PLACE, bytes(changed))


def test_the_same_text_never_gives_the_same_bytes() -> None:
    blobs = {seal(KEY, *PLACE, "Anna") for _ in range(10_000)}
    assert len({blob[1:13] for blob in blobs}) == 10_000


def test_the_key_of_one_person_is_not_that_of_another(database: Settings) -> None:
    plain, wrapped = new_subject_key(ANNA)
    assert subject_key(ANNA, wrapped) == plain
    assert plain not in wrapped
    with pytest.raises(CardsError):
        subject_key(JANIS, wrapped)


def test_an_index_depends_on_town_kind_and_text_and_shows_none_of_them(database: Settings) -> None:
    parts = [(2, "code", "a"), (3, "code", "a"), (2, "name", "a"), (2, "code", "b")]
    found = {part: blind_index(*part) for part in parts}
    assert all(first != second for first, second in permutations(found.values(), 2))
    assert all(len(index) == 16 for index in found.values())
    assert blind_index(2, "code", "a") == found[2, "code", "a"]


@pytest.mark.parametrize("length", [0, 1, 13, 28])
def test_a_ciphertext_cut_short_does_not_open(length: int) -> None:
    with pytest.raises(InvalidTag):
        unseal(KEY, *PLACE, seal(KEY, *PLACE, "Anna")[:length])


def test_another_version_of_the_blob_does_not_open() -> None:
    with pytest.raises(InvalidTag):
        unseal(KEY, *PLACE, b"\x02" + seal(KEY, *PLACE, "Anna")[1:])

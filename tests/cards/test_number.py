import pytest
from hypothesis import given
from hypothesis import strategies as st

from cards.errors import Malformed
from cards.number import ALPHABET, check_character, new_number, number_text, parse_number, readable_number

NUMBERS = (
    st.text(alphabet=ALPHABET, min_size=15, max_size=15)
    .map(lambda b: b + check_character(b))
    .filter(lambda number: number[-1] in ALPHABET)
)


def test_the_check_character_is_that_of_iso_7064_mod_37_36():
    assert check_character("A12425GABC1234002") == "M"  # the published example of a Global Release Identifier


def test_new_numbers_are_well_formed_and_differ():
    numbers = {new_number() for _ in range(500)}
    assert len(numbers) == 500
    assert all(parse_number(number) == number and set(number) <= set(ALPHABET) for number in numbers)


@given(NUMBERS)
def test_a_number_is_read_however_people_write_it(number):
    spoken = number.replace("0", "o").replace("1", "l").lower()
    for text in (number, number_text(number), readable_number(number), spoken, f" {number[:8]}-{number[8:]} "):
        assert parse_number(text) == number
    assert len(number_text(number)) == 20


@given(NUMBERS, st.integers(0, 15), st.sampled_from(ALPHABET))
def test_every_single_wrong_character_is_found(number, place, character):
    wrong = number[:place] + character + number[place + 1 :]
    if wrong != number:
        with pytest.raises(Malformed):
            parse_number(wrong)


@pytest.mark.parametrize(
    "text", ["", "AM0:", "AM1:0000000000000000", "0" * 15, "0" * 17, "U" * 16, "ß" * 16, "0000 0000 0000 000!"]
)
def test_anything_else_is_refused(text):
    with pytest.raises(Malformed):
        parse_number(text)

from __future__ import annotations

import random
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync import personal_code
from sync.errors import PersonalCodeInvalid


@pytest.mark.parametrize(
    ("written", "born"),
    [
        ("161175-19997", date(1975, 11, 16)),
        ("16117519997", date(1975, 11, 16)),
        (" 161175-19997\n", date(1975, 11, 16)),
        ("290758-10403", date(1958, 7, 29)),
    ],
)
def test_the_older_form_tells_the_birth_date(written: str, born: date) -> None:
    code = personal_code.parse(written)
    assert (code.born, code.check_digit_fits) == (born, True)
    assert code.digits == written.strip().replace("-", "")


@pytest.mark.parametrize(
    "written",
    [
        "161175-19998",
        "161175 19997",
        "161175--9997",
        "1611751999",
        "161175199977",
        "161175-1999٧",
        "-16117519997",
        "",
    ],
)
def test_what_is_no_code_is_refused(written: str) -> None:
    with pytest.raises(PersonalCodeInvalid):
        personal_code.parse(written)


@pytest.mark.parametrize("first_ten", ["3002751999", "0013751999", "0000751999", "2902231999", "1611753999"])
def test_a_day_or_century_that_never_was_is_refused_though_the_check_digit_fits(first_ten: str) -> None:
    with pytest.raises(PersonalCodeInvalid, match="no such"):
        personal_code.parse(first_ten + personal_code.check_digit(first_ten))


def test_the_century_digit_counts() -> None:
    first_ten = ("1611750999", "1611752999")
    born = [personal_code.parse(ten + personal_code.check_digit(ten)).born for ten in first_ten]
    assert born == [date(1875, 11, 16), date(2075, 11, 16)]


@given(st.integers(0, 10**9 - 1), st.integers(2, 9))
def test_the_newer_form_is_taken_with_any_check_digit(rest: int, second: int) -> None:
    code = personal_code.parse(f"3{second}{rest:09}")
    assert code.born is None
    assert code.check_digit_fits == (code.digits[10] == personal_code.check_digit(code.digits[:10]))


def test_30_and_31_are_days_of_birth_and_32_is_none() -> None:
    assert [personal_code.is_newer_form(two + "0" * 9) for two in ("30", "31", "32", "39")] == [
        False,
        False,
        True,
        True,
    ]


@given(st.randoms(use_true_random=False), st.dates(date(1800, 1, 1), date(2099, 12, 31)))
def test_a_drawn_code_is_valid_and_tells_the_day_it_was_drawn_for(rng: random.Random, born: date) -> None:
    assert personal_code.parse(personal_code.draw_with_birth_date(rng, born)).born == born


@given(st.randoms(use_true_random=False))
def test_a_drawn_newer_code_is_of_the_newer_form(rng: random.Random) -> None:
    assert personal_code.is_newer_form(personal_code.parse(personal_code.draw_newer(rng)).digits)


@given(st.dates(date(1800, 1, 1), date(2099, 12, 31)), st.randoms(use_true_random=False), st.integers(1, 9))
def test_a_wrong_check_digit_is_refused_in_the_older_form(born: date, rng: random.Random, shift: int) -> None:
    digits = personal_code.draw_with_birth_date(rng, born)
    with pytest.raises(PersonalCodeInvalid, match="check digit"):
        personal_code.parse(digits[:10] + str((int(digits[10]) + shift) % 10))


def test_the_mask_and_the_repr_hide_what_identifies() -> None:
    assert personal_code.mask("01019012345") == "010190-*****"
    assert personal_code.mask("32123456789") == "32****-*****"
    assert "19997" not in repr(personal_code.parse("161175-19997"))


def test_the_printed_form_has_a_hyphen() -> None:
    assert personal_code.hyphenated("16117519997") == "161175-19997"

"""Names as they are searched and shown."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amis.register.names import LONGEST, fits, mask, needles, prefixes, words

LATVIAN = "aābcčdeēfgģhiījkķlļmnņoprsštuūvzž"
latvian_words = st.text(LATVIAN + LATVIAN.upper(), min_size=1, max_size=14)
names = st.lists(latvian_words, min_size=1, max_size=4).map(" ".join)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Jānis Bērziņš", ["janis", "berzins"]),
        ("Ķīsele-Šķēle", ["kisele", "skele"]),
        ("O'Neill", ["o", "neill"]),
        ("Straße İstanbul Łukasz", ["strasse", "istanbul", "lukasz"]),
        ("", []),
        ("  7 - ", []),
    ],
)
def test_words_are_folded(name: str, expected: list[str]) -> None:
    assert words(name) == expected


@given(st.text())
def test_folding_again_changes_nothing(name: str) -> None:
    assert words(" ".join(words(name))) == words(name)


@given(names)
def test_case_and_composition_do_not_matter(name: str) -> None:
    for form in ("NFC", "NFD"):
        assert prefixes(unicodedata.normalize(form, name.upper())) == prefixes(name)


@given(names, st.data())
def test_any_beginning_of_three_letters_or_more_of_a_word_finds_the_name(name: str, data: st.DataObject) -> None:
    word = data.draw(st.sampled_from(name.split()))
    typed = word[: data.draw(st.integers(min(3, len(word)), len(word)))]
    assert set(needles(typed)) <= prefixes(name)
    assert fits(name, typed)


@given(names)
def test_prefixes_have_three_to_eight_letters_or_are_whole_short_words(name: str) -> None:
    short = {word for word in words(name) if len(word) < 3}
    assert all(3 <= len(prefix) <= LONGEST or prefix in short for prefix in prefixes(name))


def test_beyond_eight_letters_the_name_itself_decides() -> None:
    assert needles("Kristapsons") == needles("Kristapsone") == ["kristaps"]
    assert fits("Ilze Kristapsone", "Kristapsone")
    assert not fits("Ilze Kristapsone", "Kristapsons")


def test_the_masked_form_shows_two_letters_of_each_word() -> None:
    assert mask("Anna Bērziņa") == "An··· Bē···"

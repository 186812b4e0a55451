"""Access codes as they are made and as people type them."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from amis.holder.codes import LENGTH, WRONG_A_MINUTE, Wrong, digest, new_code, plain
from amis.kernel.settings import Settings
from cards.number import ALPHABET

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
CODES = st.text(ALPHABET, min_size=LENGTH, max_size=LENGTH)


def test_codes_are_ten_characters_without_look_alikes_and_never_the_same() -> None:
    made = {new_code() for _ in range(200)}
    assert len(made) == 200
    assert all(len(plain(code)) == LENGTH and set(plain(code)) <= set(ALPHABET) for code in made)
    assert not set("ILOU") & set("".join(made))


@given(CODES, st.data())
def test_a_code_is_read_however_it_was_typed(code: str, data: st.DataObject) -> None:
    alike = {"0": "0oO", "1": "1iIlL"}
    typed = "".join(data.draw(st.sampled_from(alike.get(one, one + one.lower()))) for one in code)
    gap = data.draw(st.sampled_from(["", "-", " ", " - "]))
    assert plain(f" {typed[:5]}{gap}{typed[5:]}\n") == code


def test_the_kept_digest_is_of_the_code_and_not_of_its_spelling(database: Settings) -> None:
    assert digest("k7qf2 m9dxo") == digest("K7QF2-M9DX0") != digest("K7QF2-M9DX1")
    assert len(digest("K7QF2-M9DX0")) == 32


def test_guessing_stops_for_the_rest_of_the_minute() -> None:
    wrong = Wrong()
    for _ in range(WRONG_A_MINUTE):
        assert not wrong.over(NOON)
        wrong.add(NOON)
    assert wrong.over(NOON + timedelta(seconds=59))
    assert not wrong.over(NOON + timedelta(seconds=60))

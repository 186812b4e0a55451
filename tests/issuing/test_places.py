from datetime import date

import pytest

from amis.issuing import places, store
from amis.issuing.places import cohort
from amis.kernel.actor import Actor
from cards.statuslist import SIZE
from tests.issuing.town import acting, entitled, issued


@pytest.mark.parametrize(
    ("valid_to", "expected"),
    [
        (date(2026, 7, 1), "2026H1"),
        (date(2026, 7, 2), "2026H2"),
        (date(2027, 1, 1), "2026H2"),
        (date(2027, 1, 2), "2027H1"),
    ],
)
def test_a_cohort_is_the_half_year_of_the_last_day(valid_to: date, expected: str) -> None:
    assert cohort(valid_to) == expected


async def test_places_are_scattered_over_one_list(town: Actor) -> None:
    codes = [f"32{n:04}-10000" for n in range(1000, 1012)]
    made = [await issued(await entitled(code)) for code in codes]
    assert {one.status_list for one in made} == {0}
    indices = [one.status_index for one in made]
    assert len(set(indices)) == len(indices)
    assert max(indices) - min(indices) > SIZE // 10
    assert len({one.number for one in made}) == len(made)


async def test_a_full_list_is_followed_by_the_next_one(town: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "SIZE", 2)
    made = [await issued(await entitled(f"32{n:04}-10000")) for n in range(2000, 2005)]
    taken = [(one.status_list, one.status_index) for one in made]
    assert len(set(taken)) == 5
    assert await acting(store.status_lists) == [0, 1, 2]

"""Usage terms: when, where and their strict JSON."""

from datetime import date

import pytest

from rules.errors import OutOfRange, Refused, UnknownKey, UnknownWord, WrongType
from rules.terms import Amber, Offline, Place, Terms

BUS = Place("bus-1", "JAP", "bus", "A", "7")
FRIDAY, SATURDAY = date(2026, 5, 8), date(2026, 5, 9)
FULL = {
    "weekdays": [1, 5],
    "windows": [["06:00", "09:30"], ["22:00", "04:00"]],
    "calendar": "{[2025-09-01,2026-06-01)}",
    "waiver": "summer_work",
    "dates": ["05-04", "2026-09-01"],
    "modes": ["bus"],
    "zones": ["A", "B"],
    "routes": ["7"],
    "providers": ["JAP"],
    "places": ["bus-1"],
    "products": ["single"],
    "companions": 1,
    "exclusive_group": "city",
    "pass_back_seconds": 30,
    "check_photo": True,
    "offline": {"amber": "deny", "cap": 1, "online_only": True},
    "priority": 10,
    "universal": True,
    "by_sight": True,
    "holder_mode": True,
    "per_household": 2,
    "cut_off_day": 27,
}


def test_terms_written_and_read_are_the_same() -> None:
    terms = Terms.from_json(FULL)
    assert terms.to_json() == FULL
    assert Terms.from_json({}) == Terms()
    assert Terms().to_json() == {}
    assert terms.offline == Offline(Amber.DENY, 1, True)


def test_without_limits_everything_is_open() -> None:
    assert Terms().covers(BUS)
    assert Terms().open_at(FRIDAY, 0, frozenset())


@pytest.mark.parametrize(
    ("terms", "fits"),
    [
        ({"modes": ["tram"]}, False),
        ({"zones": ["A"]}, True),
        ({"zones": ["B"]}, False),
        ({"routes": ["8"]}, False),
        ({"providers": ["RS"]}, False),
        ({"places": ["pool"]}, False),
        ({"modes": ["bus"], "providers": ["JAP"], "places": ["bus-1"]}, True),
    ],
)
def test_where(terms: object, fits: bool) -> None:
    assert Terms.from_json(terms).covers(BUS) is fits


@pytest.mark.parametrize(
    ("day", "minute", "open_"),
    [
        (FRIDAY, 21 * 60 + 59, False),
        (FRIDAY, 22 * 60, True),
        (SATURDAY, 0, True),
        (SATURDAY, 3 * 60 + 59, True),
        (SATURDAY, 4 * 60, False),
        (SATURDAY, 22 * 60, False),
        (FRIDAY, 3 * 60, False),
    ],
)
def test_a_window_over_midnight_belongs_to_the_day_it_starts(day: date, minute: int, open_: bool) -> None:
    terms = Terms.from_json({"weekdays": [5], "windows": [["22:00", "04:00"]]})
    assert terms.open_at(day, minute, frozenset()) is open_


def test_a_window_up_to_24_includes_the_last_minute() -> None:
    terms = Terms.from_json({"windows": [["18:00", "24:00"]]})
    assert terms.open_at(FRIDAY, 1439, frozenset())
    assert not terms.open_at(FRIDAY, 0, frozenset())


def test_t10_the_school_year_and_its_waiver() -> None:
    terms = Terms.from_json({"calendar": "{[2025-09-01,2026-06-01)}", "waiver": "summer_work"})
    july = date(2026, 7, 15)
    assert terms.open_at(FRIDAY, 0, frozenset())
    assert not terms.open_at(july, 0, frozenset())
    assert terms.open_at(july, 0, frozenset({"summer_work"}))


def test_t20_yearly_days() -> None:
    terms = Terms.from_json({"dates": ["05-04", "11-11", "11-18"]})
    days = [date(2026, 5, 4), date(2027, 11, 18), date(2026, 5, 5)]
    assert [terms.open_at(day, 600, frozenset()) for day in days] == [True, True, False]


@pytest.mark.parametrize(
    ("value", "error", "place"),
    [
        ({"weekday": [1]}, UnknownKey, "/weekday"),
        ({"weekdays": [0]}, OutOfRange, "/weekdays/0"),
        ({"windows": [["06:00"]]}, OutOfRange, "/windows/0"),
        ({"windows": [["06:00", "06:00"]]}, OutOfRange, "/windows/0"),
        ({"windows": [["6:00", "07:00"]]}, WrongType, "/windows/0/0"),
        ({"windows": [["06:00", "24:01"]]}, WrongType, "/windows/0/1"),
        ({"calendar": "summer"}, OutOfRange, "/calendar"),
        ({"calendar": "{[2026-02-01,2026-01-01)}"}, OutOfRange, "/calendar"),
        ({"dates": ["5-4"]}, WrongType, "/dates/0"),
        ({"dates": ["02-30"]}, OutOfRange, "/dates/0"),
        ({"modes": "bus"}, WrongType, "/modes"),
        ({"modes": ["bus", "bus"]}, OutOfRange, "/modes"),
        ({"companions": -1}, OutOfRange, "/companions"),
        ({"check_photo": 1}, WrongType, "/check_photo"),
        ({"offline": {"amber": "maybe"}}, UnknownWord, "/offline/amber"),
        ({"offline": {"limit": 1}}, UnknownKey, "/offline/limit"),
        ({"waiver": ""}, OutOfRange, "/waiver"),
        ({"priority": 0}, OutOfRange, "/priority"),
        ({"universal": "yes"}, WrongType, "/universal"),
        ({"by_sight": 1}, WrongType, "/by_sight"),
        ({"holder_mode": True}, OutOfRange, "/holder_mode"),
        ({"per_household": 0}, OutOfRange, "/per_household"),
        ({"cut_off_day": 32}, OutOfRange, "/cut_off_day"),
        ([], WrongType, ""),
    ],
)
def test_terms_that_do_not_fit_are_refused_with_their_place(value: object, error: type[Refused], place: str) -> None:
    with pytest.raises(error) as caught:
        Terms.from_json(value)
    assert caught.value.place == place

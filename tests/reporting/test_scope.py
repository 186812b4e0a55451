"""What a report covers."""

from datetime import date
from uuid import UUID

import pytest

from amis.reporting import scope
from amis.reporting.scope import Scope, read_scope, shifted

TODAY = date(2026, 5, 31)


def test_without_a_wish_the_last_twelve_months_are_covered() -> None:
    found, errors = read_scope({"from": "", "provider": "", "concession": "", "funder": ""}, TODAY)
    assert (found, errors) == (Scope(date(2025, 6, 1), date(2026, 5, 1)), {})
    assert len(found.months) == 12


def test_a_last_month_long_ago_brings_its_own_year() -> None:
    found, _ = read_scope({"to": "2022-02"}, TODAY)
    assert (found.first, found.last) == (date(2021, 3, 1), date(2022, 2, 1))


def test_every_limit_is_read() -> None:
    concession = "01930000-0000-7000-8000-000000000001"
    asked = {"from": "2026-01", "to": "2026-03", "provider": "JLG-BUS", "concession": concession, "funder": "JLG"}
    found, errors = read_scope(asked, TODAY)
    assert errors == {}
    assert found == Scope(date(2026, 1, 1), date(2026, 3, 1), "JLG-BUS", UUID(concession), "JLG")


@pytest.mark.parametrize(
    ("asked", "field", "message"),
    [
        ({"from": "2026-13"}, "from", scope.NOT_A_MONTH),
        ({"to": "maijs"}, "to", scope.NOT_A_MONTH),
        ({"from": "2026-05", "to": "2026-04"}, "to", scope.REVERSED),
        ({"from": "2020-01", "to": "2026-04"}, "to", scope.TOO_MANY),
        ({"concession": "1 OR 1=1"}, "concession", scope.NOT_IN_LIST),
        ({"provider": "'; DROP"}, "provider", scope.NOT_IN_LIST),
    ],
)
def test_a_wrong_wish_is_told_beside_its_field(asked: dict[str, str], field: str, message: str) -> None:
    found, errors = read_scope(asked, TODAY)
    assert errors == {field: message}
    assert found == scope.usual(TODAY)


@pytest.mark.parametrize(("by", "expected"), [(1, date(2026, 1, 1)), (-12, date(2024, 12, 1)), (0, date(2025, 12, 1))])
def test_months_are_shifted_over_years(by: int, expected: date) -> None:
    assert shifted(date(2025, 12, 1), by) == expected

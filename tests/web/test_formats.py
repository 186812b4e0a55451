from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amis.web import formats

MAY = date(2026, 5, 31)
LATE = datetime(2026, 5, 31, 22, 5, 9, tzinfo=UTC)


def test_days_are_written_as_the_language_writes_them() -> None:
    assert formats.day(MAY, "lv") == "31.05.2026."
    assert formats.day(MAY, "lv", "long") == "2026. gada 31. maijs"
    assert formats.day(MAY, "en") == "31/05/2026"
    assert formats.day(MAY, "en", "long") == "31 May 2026"


def test_instants_are_those_of_riga() -> None:
    assert formats.day(LATE, "lv") == "01.06.2026."
    assert formats.instant(LATE, "lv") == "01.06.2026. 01:05"
    assert formats.instant(LATE, "en", seconds=True) == "01/06/2026 01:05:09"
    assert formats.clock_time(LATE, "lv") == "01:05:09"


def test_months() -> None:
    assert (formats.month(MAY, "lv"), formats.month(MAY, "en")) == ("2026. gada maijs", "May 2026")
    assert (formats.month_short(MAY, "lv"), formats.month_short(MAY, "en")) == ("maijs 26", "May 26")


def test_money_names_its_currency_and_keeps_its_cents() -> None:
    assert formats.money(Decimal("0.85"), "lv") == "0,85 EUR"
    assert formats.money(Decimal("0.85"), "en") == "EUR 0.85"
    assert formats.cents(123456, "lv") == "1\xa0234,56 EUR"
    assert formats.cents(0, "en") == "EUR 0.00"


def test_numbers_and_shares() -> None:
    assert (formats.number(12345.5, "lv"), formats.number(12345, "en")) == ("12\xa0345,5", "12,345")
    assert (formats.percent(Decimal("0.8"), "lv"), formats.percent(0.125, "en")) == ("80 %", "12.5%")


def test_a_half_open_period_ends_the_day_before() -> None:
    assert formats.last_day(date(2027, 1, 1)) == date(2026, 12, 31)


@given(st.dates(min_value=date(1000, 1, 1)), st.sampled_from(["lv", "en"]))
def test_a_written_day_is_read_back(day: date, language: str) -> None:
    assert formats.parse_day(formats.day(day, language)) == day
    assert formats.parse_day(f" {day.isoformat()} ") == day


@pytest.mark.parametrize("text", ["", "31.02.2026", "31.13.2026.", "5/2026", "31.05.26", "tomorrow", "31.05.2026.."])
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        formats.parse_day(text)

"""Days, times, numbers and money as people write them in Latvian and in English.

Days are local business days of Riga; periods are half-open in storage and inclusive on screen.
"""

import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal

from babel.dates import format_date, format_datetime, format_time
from babel.numbers import format_decimal, format_percent

from amis.kernel.clock import RIGA

_LOCALES = {"lv": "lv_LV", "en": "en_GB"}
_SHORT = {"lv": "dd.MM.yyyy.", "en": "dd/MM/yyyy"}
_LONG = {"lv": "y. 'gada' d. MMMM", "en": "d MMMM y"}
_MONTH = {"lv": "y. 'gada' LLLL", "en": "LLLL y"}
_MONEY = {"lv": "#,##0.00 ¤¤", "en": "¤¤ #,##0.00"}
_DATE_INPUT = re.compile(r"(?P<day>\d{1,2})[./](?P<month>\d{1,2})[./](?P<year>\d{4})\.?")


def day(value: date, language: str, style: Literal["short", "long"] = "short") -> str:
    """A day: 31.05.2026. or 2026. gada 31. maijs; 31/05/2026 or 31 May 2026. An instant is taken in Riga."""
    local = value.astimezone(RIGA).date() if isinstance(value, datetime) else value
    return format_date(local, (_SHORT if style == "short" else _LONG)[language], locale=_LOCALES[language])


def instant(value: datetime, language: str, *, seconds: bool = False) -> str:
    """An aware instant in Riga, to the minute or second: 31.05.2026. 14:05."""
    pattern = f"{_SHORT[language]} {'HH:mm:ss' if seconds else 'HH:mm'}"
    return format_datetime(value, pattern, tzinfo=RIGA, locale=_LOCALES[language])


def clock_time(value: datetime, language: str, *, seconds: bool = True) -> str:
    """The time of day of an aware instant in Riga: 14:05:09."""
    return format_time(value, "HH:mm:ss" if seconds else "HH:mm", tzinfo=RIGA, locale=_LOCALES[language])


def month(value: date, language: str) -> str:
    """A month: 2026. gada maijs, May 2026."""
    return format_date(value, _MONTH[language], locale=_LOCALES[language])


def month_short(value: date, language: str) -> str:
    """A month for an axis: maijs 26, May 26."""
    return format_date(value, "LLL yy", locale=_LOCALES[language])


def last_day(end: date) -> date:
    """The last day of a half-open period that ends at `end`."""
    return end - timedelta(days=1)


def number(value: int | float | Decimal, language: str) -> str:
    """A number with the language's separators, at most two decimals."""
    return format_decimal(value, "#,##0.##", locale=_LOCALES[language])


def money(euros: Decimal | int, language: str) -> str:
    """An amount in euros: 0,85 EUR in Latvian, EUR 0.85 in English."""
    return format_decimal(euros, _MONEY[language].replace("¤¤", "'EUR'"), locale=_LOCALES[language])


def cents(value: int, language: str) -> str:
    """An amount given in cents, shown in euros."""
    return money(Decimal(value) / 100, language)


def percent(share: Decimal | float, language: str) -> str:
    """A share of one as per cent: 0.8 is 80 %."""
    return format_percent(share, "#,##0.# %" if language == "lv" else "#,##0.#%", locale=_LOCALES[language])


def parse_day(text: str) -> date:
    """The day a person typed: 31.05.2026, 31.05.2026., 31/05/2026 or 2026-05-31. Raises ValueError otherwise."""
    written = _DATE_INPUT.fullmatch(text.strip())
    if written is None:
        return date.fromisoformat(text.strip())
    return date(int(written["year"]), int(written["month"]), int(written["day"]))

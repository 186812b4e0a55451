"""Terms in plain words, for pages: what the holder gets, how often, where, when and with whom."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from amis.concessions.models import ConcessionTerms
from amis.concessions.scope import SCOPES
from amis.web.formats import day, last_day, money, number
from amis.web.i18n import mark, translate, translations
from rules.tariff import Discount, DiscountKind, Per, Quota
from rules.terms import Terms

_HUNDRED = Decimal(100)
PER: Mapping[Per, str] = {
    Per.DAY: mark("a day"),
    Per.WEEK: mark("a week"),
    Per.MONTH: mark("a calendar month"),
    Per.YEAR: mark("a calendar year"),
    Per.PERIOD: mark("in the whole period of the right"),
}
_WEEKDAYS = (mark("Mon"), mark("Tue"), mark("Wed"), mark("Thu"), mark("Fri"), mark("Sat"), mark("Sun"))
Rows = list[tuple[str, str]]


def in_words(row: ConcessionTerms, language: str) -> Rows:
    """A revision as (label, sentence) pairs in `language`, only what limits or gives something."""
    quota = None if row.quota is None else Quota.from_json(row.quota)
    given = [
        (mark("Discount"), discount_in_words(Discount.from_json(row.discount), language)),
        (mark("Quota"), quota_in_words(quota, language)),
        (mark("In force"), days_in_words(row, language)),
    ]
    limits = _limits(Terms.from_json(row.terms), language)
    return [(translate(language, label), text) for label, text in (*given, *limits)]


def discount_in_words(discount: Discount, language: str) -> str:
    """What is taken off; other discounts of named products after it."""
    own = _one_discount(discount, language)
    others = [f"{product}: {_one_discount(part, language)}" for product, part in discount.products]
    return "; ".join((own, *others))


def _one_discount(discount: Discount, language: str) -> str:
    if discount.kind is DiscountKind.PERCENT and discount.value == _HUNDRED:
        return translate(language, mark("100 % of the price, the holder pays nothing"))
    pattern = {
        DiscountKind.FREE: mark("free of charge"),
        DiscountKind.PERCENT: mark("%(value)s %% off the price"),
        DiscountKind.AMOUNT_OFF: mark("%(value)s off the price, never below zero"),
        DiscountKind.FIXED_PRICE: mark("the holder pays %(value)s"),
        DiscountKind.CAP: mark("the grantor pays at most %(value)s"),
    }[discount.kind]
    write = number if discount.kind is DiscountKind.PERCENT else money
    return translate(language, pattern) % {"value": write(discount.value, language)}


def quota_in_words(quota: Quota | None, language: str) -> str:
    """How often it may be used."""
    if quota is None:
        return translate(language, mark("without limit"))
    values = {"n": number(quota.n, language), "per": translate(language, PER[quota.per])}
    return translations(language).ngettext("%(n)s time %(per)s", "%(n)s times %(per)s", quota.n) % values


def days_in_words(row: ConcessionTerms, language: str) -> str:
    """From which day until which, the last one inclusive."""
    start = day(row.valid_from, language)
    if row.valid_to is None:
        return translate(language, mark("from %(start)s until further notice")) % {"start": start}
    return f"{start} – {day(last_day(row.valid_to), language)}"


def _limits(terms: Terms, language: str) -> Rows:
    found = [
        (mark("Where"), _listed((SCOPES.get(zone, zone) for zone in sorted(terms.zones)), language)),
        (mark("Modes of transport"), ", ".join(sorted(terms.modes))),
        (mark("Routes"), ", ".join(sorted(terms.routes))),
        (mark("Products"), ", ".join(sorted(terms.products))),
        (mark("Weekdays"), _listed((_WEEKDAYS[at - 1] for at in sorted(terms.weekdays)), language)),
        (mark("Times of day"), ", ".join(f"{_clock(start)}–{_clock(end)}" for start, end in terms.windows)),
        (mark("Dates"), ", ".join(sorted(terms.dates))),
        (mark("Companions"), str(terms.companions) if terms.companions else ""),
    ]
    return [(label, text) for label, text in found if text]


def _listed(words: Iterable[str], language: str) -> str:
    return ", ".join(translate(language, word) for word in words)


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"

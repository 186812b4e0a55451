"""Terms in plain words, for pages: what the holder gets, how often and who pays; the limits come from `limits`."""

from collections.abc import Mapping
from decimal import Decimal

from amis.concessions.limits import Rows, limits_in_words
from amis.concessions.models import CardProduct, ConcessionTerms
from amis.concessions.scope import PRODUCTS
from amis.concessions.shapes import from_date
from amis.web.formats import day, last_day, money, number
from amis.web.i18n import mark, translate, translations
from rules.funding import Funding, Part
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


def in_words(row: ConcessionTerms, language: str) -> Rows:
    """A revision as (label, sentence) pairs in `language`, only what limits or gives something."""
    quota = None if row.quota is None else Quota.from_json(row.quota)
    given = [
        (mark("Discount"), discount_in_words(Discount.from_json(row.discount), language)),
        (mark("Quota"), quota_in_words(quota, language)),
        (mark("In force"), days_in_words(row, language)),
    ]
    paid = [(mark("Who pays"), funding_in_words(Funding.from_json(row.funding), language))] if row.funding else []
    shown = [(translate(language, label), text) for label, text in (*given, *paid)]
    return shown + limits_in_words(Terms.from_json(row.terms), language)


def discount_in_words(discount: Discount, language: str) -> str:
    """What is taken off; other discounts of named products after it."""
    own = _one_discount(discount, language)
    others = [
        f"{product_name(product, language)}: {_one_discount(part, language)}" for product, part in discount.products
    ]
    return "; ".join((own, *others))


def product_name(product: str, language: str) -> str:
    """What people call a product; the code itself where nobody named it."""
    return translate(language, PRODUCTS.get(product, product))


def _one_discount(discount: Discount, language: str) -> str:
    if discount.kind is DiscountKind.PERCENT and discount.value == _HUNDRED:
        return translate(language, mark("100 % of the price, the holder pays nothing"))
    pattern = {
        DiscountKind.FREE: mark("free of charge"),
        DiscountKind.PERCENT: mark("%(value)s %% off the price"),
        DiscountKind.AMOUNT_OFF: mark("%(value)s off the price, never below zero"),
        DiscountKind.FIXED_PRICE: mark("the holder pays %(value)s"),
        DiscountKind.CAP: mark("the holder pays at most %(value)s"),
    }[discount.kind]
    write = number if discount.kind is DiscountKind.PERCENT else money
    return translate(language, pattern) % {"value": write(discount.value, language)}


def quota_in_words(quota: Quota | None, language: str) -> str:
    """How often, or up to what amount, it may be used."""
    if quota is None:
        return translate(language, mark("without limit"))
    per = translate(language, PER[quota.per])
    if quota.amount is not None:
        values = {"amount": money(quota.amount, language), "per": per}
        return translate(language, mark("discounts of at most %(amount)s %(per)s")) % values
    values = {"n": number(quota.n, language), "per": per}
    often = translations(language).ngettext("%(n)s time %(per)s", "%(n)s times %(per)s", quota.n) % values
    return often if quota.carry_until is None else f"{often}; {_carried(quota.carry_until, language)}"


def _carried(until: str, language: str) -> str:
    pattern = mark("what is left may be used up to and including %(day)s")
    return translate(language, pattern) % {"day": from_date(until, language)}


def days_in_words(row: ConcessionTerms | CardProduct, language: str) -> str:
    """From which day until which, the last one inclusive."""
    start = day(row.valid_from, language)
    if row.valid_to is None:
        return translate(language, mark("from %(start)s until further notice")) % {"start": start}
    return f"{start} – {day(last_day(row.valid_to), language)}"


def funding_in_words(funding: Funding, language: str) -> str:
    """Who pays how much of the discount."""
    return "; ".join(f"{part.funder}: {_part(part, language)}" for part in funding.parts)


def _part(part: Part, language: str) -> str:
    if part.amount is None:
        share = number(part.share or 0, language)
        return translate(language, mark("%(share)s %% of the discount")) % {"share": share}
    return translate(language, mark("%(amount)s of each use")) % {"amount": _exact(part.amount, language)}


def _exact(amount: Decimal, language: str) -> str:
    """Half-cents are real here: two decimals, and as many more as there are."""
    if amount == amount.quantize(Decimal("0.01")):
        return money(amount, language)
    plain = f"{amount.normalize():f}"
    return f"{plain.replace('.', ',')} EUR" if language == "lv" else f"EUR {plain}"

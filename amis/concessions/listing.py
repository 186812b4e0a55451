"""Concessions as pages show them, in the reader's language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Literal
from uuid import UUID

from amis.concessions.calendars import Named as Calendar
from amis.concessions.limits import Rows
from amis.concessions.models import CardProduct, Concession, ConcessionGroup, ConcessionTerms
from amis.concessions.wording import days_in_words, discount_in_words, in_words, quota_in_words
from amis.kernel.models import Municipality
from amis.web.formats import money
from amis.web.timeline import Span, state
from rules.tariff import Discount, Quota

Named = CardProduct | Concession | ConcessionGroup | Municipality | Calendar


@dataclass(frozen=True, slots=True)
class Line:
    """One concession of a list; without terms in force today `discount` and `quota` are empty."""

    id: UUID
    group: str
    code: str
    name: str
    discount: str
    quota: str
    retired: bool


@dataclass(frozen=True, slots=True)
class Shelf:
    """The concessions of one grantor, by group and code."""

    grantor: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Revision:
    """A revision in words, with where it stands today."""

    number: int
    state: Literal["past", "current", "future"]
    rows: Rows


@dataclass(frozen=True, slots=True)
class Card:
    """A card product with its fees in words, and where it stands today."""

    code: str
    name: str
    first_fee: str
    replacement_fee: str
    months: int
    days: str
    state: Literal["past", "current", "future"]


def name_of(row: Named, language: str) -> str:
    """The name of a row in the reader's language."""
    return row.name_lv if language == "lv" else row.name_en


def shelves(
    rows: Sequence[Concession], grantors: Mapping[int, Municipality], language: str, today: date
) -> list[Shelf]:
    """A list of concessions that is in the order of grantors, cut into what each of them gives."""
    return [
        Shelf(name_of(grantors[grantor], language), tuple(_line(row, language, today) for row in found))
        for grantor, found in groupby(rows, key=lambda row: row.municipality_id)
    ]


def _line(row: Concession, language: str, today: date) -> Line:
    current = next((terms for terms in row.revisions if _stands(terms, today) == "current"), None)
    discount = quota = ""
    if current is not None:
        discount = discount_in_words(Discount.from_json(current.discount), language)
        quota = quota_in_words(Quota.from_json(current.quota) if current.quota else None, language)
    names = name_of(row.group, language), row.code, name_of(row, language)
    return Line(row.id, *names, discount, quota, row.state == "retired")


def revisions(row: Concession, language: str, today: date) -> list[Revision]:
    """All revisions of a concession, the newest first."""
    return [
        Revision(terms.revision, _stands(terms, today), in_words(terms, language)) for terms in reversed(row.revisions)
    ]


def cards(rows: Sequence[CardProduct], language: str, today: date) -> list[Card]:
    """Card products as they are listed."""
    return [
        Card(
            row.code,
            name_of(row, language),
            money(row.first_fee, language),
            money(row.replacement_fee, language),
            row.valid_months,
            days_in_words(row, language),
            _stands(row, today),
        )
        for row in rows
    ]


def _stands(terms: ConcessionTerms | CardProduct, today: date) -> Literal["past", "current", "future"]:
    return state(Span(terms.valid_from, terms.valid_to), today)

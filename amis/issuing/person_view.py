"""What the page of a person shows: facts and entitlements on one timeline, and why or why not on a day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from amis.granting.explanation import Explained
from amis.granting.store import EntitlementView
from amis.granting.words import fact_said
from amis.register.models import Fact
from amis.web.i18n import mark, translate
from amis.web.timeline import Row, Span
from rules.period import Days

_NOT_COUNTED = mark("not counted, because another source is believed first")


@dataclass(frozen=True, slots=True)
class Why:
    """The answers for one day: what holds, what cannot be told, and what does not hold."""

    day: date
    granted: tuple[Explained, ...]
    open: tuple[Explained, ...]
    refused: tuple[Explained, ...]


def sorted_answers(day: date, answers: Sequence[Explained]) -> Why:
    """The answers by what they say."""

    def saying(holds: bool | None) -> tuple[Explained, ...]:
        return tuple(one for one in answers if one.holds is holds)

    return Why(day, saying(True), saying(None), saying(False))


def timeline_rows(facts: Sequence[Fact], rights: Sequence[EntitlementView], language: str) -> list[Row]:
    """A row for each fact and value, then one for each entitlement; `facts` come sorted by kind."""
    return [*_fact_rows(facts, language), *(_right_row(one, language) for one in rights)]


def _fact_rows(facts: Sequence[Fact], language: str) -> list[Row]:
    ordered = sorted(facts, key=lambda fact: (fact.kind, fact.value, fact.shadowed, fact.valid_from))
    groups = groupby(ordered, key=lambda fact: (fact.kind, fact.value, fact.shadowed))
    return [
        Row(
            _fact_label(kind, value, language),
            "fact",
            tuple(Span(one.valid_from, one.valid_to) for one in same),
            translate(language, _NOT_COUNTED) if shadowed else "",
        )
        for (kind, value, shadowed), same in groups
    ]


def _right_row(right: EntitlementView, language: str) -> Row:
    return Row(right.rule.concession.of(language), "entitlement", _spans(right.periods), right.rule.concession_code)


def _spans(days: Days) -> tuple[Span, ...]:
    return tuple(Span(period.start, period.end) for period in days)


def _fact_label(kind: str, value: str, language: str) -> str:
    said = fact_said(kind, value).of(language)
    return said[:1].upper() + said[1:]

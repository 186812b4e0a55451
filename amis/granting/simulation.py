"""What a version would change if it were in force: read by the very statement with which publishing writes it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from amis.concessions import store as concessions
from amis.concessions.models import Concession
from amis.granting import rulebook
from amis.granting.errors import RuleUnknown
from amis.granting.models import GrantRule, RuleVersion
from amis.granting.outcome import Rule
from amis.granting.wholesale import CHANGE, execute, prepared
from amis.kernel.db import Transaction
from amis.kernel.models import STATE
from rules.period import Days, Period
from rules.shift import add_months
from rules.tariff import CENT, Discount

MONTHS = 12
"""How many months, from the first of this one on, gained and lost days are counted for."""
_PAST_YEARS = 10
SAMPLES = 5
"""Sample persons of each kind of change."""
_ASK = """
, told AS MATERIALIZED (
    SELECT person_id, before, after, gained, lost, {change} AS change FROM changed WHERE told
), spans AS (
    SELECT 'gained' AS side, lower(x) AS first, upper(x) AS until, count(*) AS persons
    FROM told CROSS JOIN unnest(gained * %(window)s::datemultirange) x GROUP BY 2, 3
    UNION ALL
    SELECT 'lost', lower(x), upper(x), count(*)
    FROM told CROSS JOIN unnest(lost * %(window)s::datemultirange) x GROUP BY 2, 3
    UNION ALL
    SELECT 'past gained', lower(x), upper(x), count(*)
    FROM told CROSS JOIN unnest(gained * %(past)s::datemultirange) x GROUP BY 2, 3
    UNION ALL
    SELECT 'past lost', lower(x), upper(x), count(*)
    FROM told CROSS JOIN unnest(lost * %(past)s::datemultirange) x GROUP BY 2, 3{held}
), samples AS (
    SELECT person_id, change, before, after
    FROM (SELECT *, row_number() OVER (PARTITION BY change ORDER BY person_id) AS place FROM told) t
    WHERE place <= %(samples)s
)
SELECT (SELECT count(*) FROM known_person), (SELECT count(*) FROM mine),
    (SELECT json_object_agg(change, n) FROM (SELECT change, count(*) AS n FROM told GROUP BY change) c),
    (SELECT count(*) FROM told WHERE NOT isempty(before)),
    (SELECT json_agg(json_build_array(side, first, until, persons)) FROM spans),
    (SELECT json_agg(json_build_array(person_id, change, before::text, after::text) ORDER BY change, person_id)
        FROM samples)"""
_HELD = """
    UNION ALL
    SELECT 'held', lower(x), upper(x), count(*)
    FROM now CROSS JOIN unnest(periods * %(window)s::datemultirange) x GROUP BY 2, 3"""


@dataclass(frozen=True, slots=True)
class Assumption:
    """What a day of a right costs: so many uses a holder and day, at a full price of `gross` euros each."""

    uses_per_day: Decimal
    gross: Decimal


@dataclass(frozen=True, slots=True)
class SampleChange:
    """One of those who would be concerned, and their days before and after; `change` as the log names it."""

    person_id: UUID
    change: str
    before: Days
    after: Days


@dataclass(frozen=True, slots=True)
class Simulation:
    """Numbers of persons of the acting municipality, by what would change for them; of days, from today in `window`.

    `gainers` begin to have the right, `losers` have it no longer, `mixed` gain some days and lose others (or may use
    them otherwise), `unchanged` have it as before; `persons` is the whole register. Days before today are counted
    apart, ten years back. `cost` is what the gained days cost more than the lost ones save, `budget_left` what of the
    concession's yearly budget all its holders would leave: euros, None where nothing is assumed (or budgeted).
    """

    persons: int
    gainers: int
    losers: int
    shortened: int
    prolonged: int
    mixed: int
    unchanged: int
    person_days_gained: int
    person_days_lost: int
    past_days_gained: int
    past_days_lost: int
    cost: Decimal | None
    budget_left: Decimal | None
    sample: tuple[SampleChange, ...]
    by_month: tuple[tuple[date, int, int], ...]
    window: Period


@dataclass(frozen=True, slots=True)
class Span:
    """So many persons on the days `[first, until)`; `side` tells of what."""

    side: str
    first: date
    until: date
    persons: int

    def days_in(self, period: Period) -> int:
        """Person-days within a bounded period."""
        first = self.first if period.start is None else max(self.first, period.start)
        until = self.until if period.end is None else min(self.until, period.end)
        return max(0, (until - first).days) * self.persons


async def simulate(tx: Transaction, rule_id: UUID, version: int, assumption: Assumption | None = None) -> Simulation:
    """What publishing the version now would change for the persons of the acting municipality. Nothing is written.

    Raises:
        RuleUnknown
    """
    rule = await _with(tx, rule_id, version)
    concession = await concessions.get_concession(tx, rule.concession_id)
    today = tx.day
    window = Period(today.replace(day=1), add_months(today.replace(day=1), MONTHS))
    run = await prepared(tx, rule)
    budgeted = assumption is not None and concession.budget is not None
    past = Days.of(Period(today - timedelta(days=366 * _PAST_YEARS), today))
    asked = {"window": str(Days.of(window) - past), "past": str(past), "samples": SAMPLES}
    statement = run.changes.text + _ASK.format(change=CHANGE, held=_HELD if budgeted else "")
    [row] = await execute(tx, statement, run.changes.values | asked)
    return _made(row, concession, assumption, window)


async def _with(tx: Transaction, rule_id: UUID, version: int) -> Rule:
    """The rule as it would be with this version in force."""
    query = (
        select(GrantRule, RuleVersion, Concession.code)
        .join(RuleVersion, RuleVersion.rule_id == GrantRule.id)
        .join(Concession, Concession.id == GrantRule.concession_id)
        .where(
            GrantRule.municipality_id.in_({STATE, tx.municipality_id}),
            GrantRule.id == rule_id,
            RuleVersion.version == version,
        )
    )
    found = (await tx.session.execute(query.execution_options(populate_existing=True))).one_or_none()
    if found is None:
        raise RuleUnknown
    rule, row, code = found
    words = await rulebook.vocabulary(tx)
    draft = rulebook.version_of(row, code, words)
    active = next(iter(await rulebook.rules(tx, words, only=[rule_id])), None)
    if active is None:
        lifted = await rulebook.waivers_of(tx, rule.concession_id)
        return Rule(rule.id, rule.code, rule.concession_id, code, rule.municipality_id, (draft,), lifted)
    others = tuple(one for one in active.versions if one.number != version)
    return replace(active, versions=(*others, draft))


def _made(row: Sequence[object], concession: Concession, assumption: Assumption | None, window: Period) -> Simulation:
    persons, holders, by_change, touched, spans, samples = row
    counts: dict[str, int] = dict(by_change or {})  # type: ignore[call-overload]  # JSON of the statement above
    known = [_span(*each) for each in spans or ()]  # type: ignore[attr-defined]
    gained, lost = _days(known, "gained", window), _days(known, "lost", window)
    return Simulation(
        persons=int(persons),  # type: ignore[call-overload]
        gainers=counts.get("begins", 0),
        losers=counts.get("ended", 0),
        shortened=counts.get("shortened", 0),
        prolonged=counts.get("prolonged", 0),
        mixed=counts.get("changed", 0),
        unchanged=int(holders) - int(touched),  # type: ignore[call-overload]
        person_days_gained=gained,
        person_days_lost=lost,
        past_days_gained=_days(known, "past gained", Period(None, None)),
        past_days_lost=_days(known, "past lost", Period(None, None)),
        cost=_cost(known, concession, assumption, "gained", "lost"),
        budget_left=_budget_left(known, concession, assumption),
        sample=tuple(_sample(*each) for each in samples or ()),  # type: ignore[attr-defined]
        by_month=tuple(_months(known, window)),
        window=window,
    )


def _span(side: str, first: str, until: str, persons: int) -> Span:
    return Span(side, date.fromisoformat(first), date.fromisoformat(until), persons)


def _sample(person_id: str, change: str, before: str, after: str) -> SampleChange:
    return SampleChange(UUID(person_id), change, Days.parse(before), Days.parse(after))


def _days(spans: Iterable[Span], side: str, period: Period) -> int:
    return sum(span.days_in(period) for span in spans if span.side == side)


def _months(spans: Sequence[Span], window: Period) -> Iterable[tuple[date, int, int]]:
    month = window.start
    while month is not None and window.end is not None and month < window.end:
        period = Period(month, add_months(month, 1))
        yield month, _days(spans, "gained", period), _days(spans, "lost", period)
        month = period.end


def _budget_left(spans: Sequence[Span], concession: Concession, assumption: Assumption | None) -> Decimal | None:
    cost = _cost(spans, concession, assumption, "held", "")
    return None if cost is None or concession.budget is None else concession.budget - cost


def _cost(
    spans: Sequence[Span], concession: Concession, assumption: Assumption | None, more: str, less: str
) -> Decimal | None:
    """What days on one side cost, less those on the other, each day by the terms in force on it; whole cents."""
    if assumption is None:
        return None
    total = Decimal(0)
    for terms in concession.revisions:
        period = Period(terms.valid_from, terms.valid_to)
        days = _days(spans, more, period) - _days(spans, less, period)
        saved = assumption.gross - Discount.from_json(terms.discount).price(assumption.gross)
        total += days * assumption.uses_per_day * saved
    return total.quantize(CENT)

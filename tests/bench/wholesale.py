"""A whole register by rules: evaluated, simulated, published with difference and log; against a sweep with numpy."""

from collections.abc import Awaitable, Callable
from datetime import date
from time import perf_counter
from typing import Any, TypeVar
from uuid import uuid4

from amis.concessions.seed_lv import JELGAVA
from amis.granting import rulebook, service
from amis.granting.outcome import Rule, Version
from amis.granting.service import RuleDraft, VersionKey
from amis.granting.simulation import simulate
from amis.granting.wholesale import execute, prepared
from amis.kernel.actor import system
from amis.kernel.db import Transaction, transaction
from amis.kernel.postgres import SUPERUSER
from rules.condition import parse
from rules.period import Period
from tests.bench.cpu import tree_seconds
from tests.bench.large_town import settle
from tests.bench.report import Goal, Section
from tests.bench.scale import FULL, Scale
from tests.bench.stage import Stage
from tests.bench.sweep import sweep

T = TypeVar("T")
_ACTOR = system("bench", JELGAVA)
_CODE = "JLG-REPR20"
_MANY = 40
_FROM, _END = date(2020, 1, 1), date(2027, 1, 1)
_KINDS = ["needy", "low_income"]
_ANY_NEEDY: dict[str, Any] = {"any": [{"has": {"fact": kind}} for kind in _KINDS]}
_NOTES = (
    "Publishing: difference to what everybody has, entitlements, log (the audit leaves) and note in one transaction, "
    "committed. Simulating: the same statement read for counts, days by month and samples.",
    "numpy: the same rule over arrays; fetching the facts into them is told apart. Both give the same persons and "
    "days, which is checked.",
)


def _working_age(first: int, last: int) -> dict[str, Any]:
    ages = [{"age": {"op": "ge", "years": first}}, {"age": {"op": "lt", "years": last}}]
    return {"all": [_ANY_NEEDY, *ages, {"during": [None, _END.isoformat()]}]}


def _conditions() -> list[dict[str, Any]]:
    """Forty rules of the kinds that towns have."""
    kinds = ["needy", "low_income", "orphan", "repressed"]
    facts = [{"has": {"fact": kind}} for kind in kinds]
    young = [{"all": [one, {"age": {"op": "lt", "years": years}}]} for one in facts for years in (7, 18, 24)]
    disabled = [{"has": {"fact": "disability", "in": [group]}} for group in ("I", "II", "III")]
    studying = [{"all": [{"has": {"fact": "studying", "in": ["yes"]}}, {"age": {"op": "lt", "years": 24}}, one]}
                for one in facts]  # fmt: skip
    later = [{"grace": {"of": one, "months": months}} for one in facts + disabled for months in (1, 3)]
    old = [{"age": {"op": "ge", "years": years}} for years in (75, 80, 85)]
    return [*facts, *young, *disabled, *studying, *later, *old][:_MANY]


async def rules(on: Stage, scale: Scale) -> Section:
    """Measures on a large town."""
    town = await settle(on, 1_000_000 if scale is FULL else 50_000)
    share = town.persons / 1_000_000
    clock = _Clock(on.postmaster)
    evaluated, counted = await clock.timed(lambda tx: _counted(tx, _working_age(18, 65)))
    swept = await sweep(on.url(SUPERUSER), _KINDS, (18, 65), (_END - date(1970, 1, 1)).days)
    if counted != (swept.persons, swept.days):
        raise RuntimeError(f"SQL counts {counted}, numpy {swept.persons} and {swept.days}")
    first, _ = await clock.timed(lambda tx: service.publish_rule(tx, _draft(_working_age(18, 65))))
    _, key = await clock.timed(_drafted)
    simulated, told = await clock.timed(lambda tx: simulate(tx, key.rule_id, key.version))
    published, done = await clock.timed(lambda tx: service.publish(tx, key))
    many, _ = await clock.timed(_all_evaluated)
    rows = (
        ("one rule evaluated", *evaluated, f"{swept.persons:,} persons with days"),
        ("the same with numpy", swept.computing, "", "on arrays in memory"),
        ("fetching the facts for numpy", swept.fetching, "", "from the same tables"),
        ("published for the first time", *first, f"{swept.persons:,} rights"),
        ("changed rule simulated", *simulated, f"{told.shortened + told.losers:,} lose days"),
        ("changed rule published", *published, f"{done.persons_changed:,} rights changed and logged"),
        (f"{_MANY} rules evaluated", *many, ""),
    )
    goals = (
        Goal("publish a changed rule, s per million persons", published[0] / share, 5),
        Goal("simulate it, s per million persons", simulated[0] / share, 6),
        Goal(f"{_MANY} rules, s per million persons", many[0] / share, 20),
        Goal("evaluated in SQL / fetched and swept with numpy", evaluated[0] / (swept.fetching + swept.computing), 1),
    )
    title = f"Rules over {town.persons:,} persons with {town.facts:,} facts"
    return Section(title, ("what", "seconds", "CPU s of PostgreSQL", "about"), rows, goals, _NOTES)


class _Clock:
    """Wall time of a transaction, and what PostgreSQL worked for it."""

    def __init__(self, postmaster: int) -> None:
        self.postmaster = postmaster

    async def timed(self, work: Callable[[Transaction], Awaitable[T]]) -> tuple[tuple[float, float], T]:
        """Both in seconds, and what the work gave."""
        began, worked = perf_counter(), tree_seconds(self.postmaster)
        async with transaction(_ACTOR) as tx:
            found = await work(tx)
        return (perf_counter() - began, tree_seconds(self.postmaster) - worked), found


def _draft(condition: dict[str, Any]) -> RuleDraft:
    return RuleDraft(_CODE, _CODE, condition, "clause", _FROM)


async def _drafted(tx: Transaction) -> VersionKey:
    """A stricter version, approved."""
    key = await service.draft_rule(tx, _draft(_working_age(30, 62)))
    for step in (service.test, service.submit, service.approve):
        await step(tx, key)
    return key


async def _ask(tx: Transaction, condition: dict[str, Any], columns: str) -> tuple[int, ...]:
    """Something about those to whom a rule that is not kept gives any day."""
    words = await rulebook.vocabulary(tx)
    version = Version(1, Period(_FROM, _END), parse(condition, words), "0" * 64, "clause")
    run = await prepared(tx, Rule(uuid4(), _CODE, uuid4(), _CODE, JELGAVA, (version,)))
    ask = f"{run.changes.text} SELECT {columns} FROM now"  # noqa: S608  # nothing of anybody's in it
    [row] = await execute(tx, ask, run.changes.values)
    return tuple(int(each or 0) for each in row)


async def _counted(tx: Transaction, condition: dict[str, Any]) -> tuple[int, ...]:
    """Persons with any day, and all their days."""
    days = "(SELECT sum(upper(x) - lower(x)) FROM unnest(periods) x)"
    return await _ask(tx, condition, f"count(*), sum({days})")


async def _all_evaluated(tx: Transaction) -> list[tuple[int, ...]]:
    return [await _ask(tx, condition, "count(periods)") for condition in _conditions()]

"""The fact kinds that state concessions of Latvia rest on, as the social system states them."""

from amis.kernel.db import Transaction
from amis.register.service import define_fact_kind
from rules.vocabulary import FactKind, WhenMissing

_YES = frozenset({"yes"})
STATE_FACT_KINDS = (
    FactKind("disability", frozenset({"I", "II", "III", "child"})),
    FactKind("needy", _YES),
    FactKind("low_income", _YES),
    FactKind("orphan", _YES),
    FactKind("repressed", _YES),
    FactKind("large_family", _YES),
    FactKind("pension", frozenset({"old_age", "service", "disability", "survivor"})),
    # no source reports these for everybody: where nothing is recorded, a clerk has to ask
    FactKind("in_care", frozenset({"yes", "no"}), WhenMissing.UNKNOWN),
    FactKind("studying", frozenset({"yes", "no"}), WhenMissing.UNKNOWN),
    FactKind("residence", None, WhenMissing.UNKNOWN),
)


async def seed_fact_kinds(tx: Transaction) -> int:
    """Defines the fact kinds in a transaction of the state; how many of them were new or changed."""
    return sum([await define_fact_kind(tx, kind) for kind in STATE_FACT_KINDS])

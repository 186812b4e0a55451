"""All clauses on one backend, in an order in which each finds what it needs."""

from collections.abc import Awaitable, Callable

from terminals.conformance.backend import Backend
from terminals.conformance.batches import BATCHES
from terminals.conformance.bundles import BUNDLES
from terminals.conformance.clause import Outcome, Verdict, tried
from terminals.conformance.machines import APPROVED, PAIRING
from terminals.conformance.taps import TAPS

AFTER_APPROVAL = (*APPROVED, *TAPS, *BATCHES, *BUNDLES)
CLAUSES = (*PAIRING, *AFTER_APPROVAL)


async def try_all(backend: Backend, approved: Callable[[], Awaitable[bool]]) -> list[Outcome]:
    """Tries every clause; `approved` returns once somebody has approved the kit's key, or false when nobody does."""
    outcomes = [await tried(clause, backend) for clause in PAIRING]
    if backend.pairing is not None and await approved():
        return outcomes + [await tried(clause, backend) for clause in AFTER_APPROVAL]
    return outcomes + [Outcome(clause, Verdict.NOT_TRIED, "an approved pairing") for clause in AFTER_APPROVAL]

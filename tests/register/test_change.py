"""What a stated fact does to the record before it."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from uuid import UUID, uuid4

import pytest

from amis.register.change import FactChange, Step, check, step
from amis.register.errors import FactContradicts, FactMalformed, FactOfAnother, FactStale, PeriodReversed

ANNA = uuid4()
STATED = FactChange("needy", "yes", date(2026, 3, 1), date(2026, 6, 1), "sopa", "r-1", 3)
WITHDRAWN = replace(STATED, op="withdraw")


@dataclass(frozen=True)
class Known:
    person_id: UUID = ANNA
    kind: str = "needy"
    value: str = "yes"
    num: Decimal | None = None
    valid_from: date = date(2026, 3, 1)
    valid_to: date | None = date(2026, 6, 1)
    version: int = 3
    closed_version: int | None = None


GONE = Known(version=2, closed_version=3)


@pytest.mark.parametrize(
    ("latest", "change", "expected"),
    [
        (None, STATED, Step.INSERT),
        (None, WITHDRAWN, Step.NOTHING),
        (Known(), STATED, Step.NOTHING),
        (Known(), replace(STATED, version=4), Step.CONFIRM),
        (Known(), replace(STATED, version=4, valid_to=None), Step.REPLACE),
        (Known(), replace(STATED, version=4, value="no"), Step.REPLACE),
        (Known(), replace(WITHDRAWN, version=4), Step.CLOSE),
        (GONE, WITHDRAWN, Step.NOTHING),
        (GONE, replace(WITHDRAWN, version=4), Step.NOTHING),
        (GONE, replace(STATED, version=4), Step.INSERT),
    ],
)
def test_a_statement_leads_to_one_step(latest: Known | None, change: FactChange, expected: Step) -> None:
    assert step(latest, ANNA, change) is expected


@pytest.mark.parametrize(
    ("latest", "change", "error"),
    [
        (Known(), replace(STATED, version=2), FactStale),
        (GONE, replace(STATED, version=2), FactStale),
        (Known(), replace(STATED, value="no"), FactContradicts),
        (Known(), WITHDRAWN, FactContradicts),
        (GONE, STATED, FactContradicts),
        (Known(person_id=uuid4()), replace(STATED, version=4), FactOfAnother),
    ],
)
def test_a_contradiction_is_refused(latest: Known, change: FactChange, error: type[Exception]) -> None:
    with pytest.raises(error):
        step(latest, ANNA, change)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (replace(STATED, valid_to=date(2026, 3, 1)), PeriodReversed),
        (replace(STATED, valid_to=date(2026, 2, 1)), PeriodReversed),
        (replace(STATED, version=0), FactMalformed),
        (replace(STATED, version=2**53), FactMalformed),
        (replace(STATED, record_id=""), FactMalformed),
        (replace(STATED, source=""), FactMalformed),
    ],
)
def test_what_can_never_be_recorded_is_refused_first(change: FactChange, error: type[Exception]) -> None:
    with pytest.raises(error):
        check(change)

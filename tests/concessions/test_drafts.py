"""What is refused of a concession before anything is stored."""

from datetime import date

import pytest

from amis.concessions.drafts import TermsDraft
from amis.concessions.errors import ConcessionInvalid, PeriodReversed
from rules.tariff import Discount, DiscountKind, Per, Quota
from rules.terms import Terms

FREE = Discount(DiscountKind.FREE)


def test_terms_that_a_terminal_could_not_read_back_are_refused() -> None:
    draft = TermsDraft(date(2026, 1, 1), None, FREE, Quota(100_001, Per.MONTH))
    with pytest.raises(ConcessionInvalid) as refused:
        draft.check()
    assert refused.value.pointer == "/quota/n"


@pytest.mark.parametrize(
    ("quota", "terms", "place"),
    [
        (Quota(20, Per.MONTH), Terms(universal=True), "/quota"),
        (None, Terms(universal=True, modes=frozenset({"bus"}), holder_mode=True), "/terms/holder_mode"),
    ],
)
def test_what_everybody_may_use_has_nobody_whose_uses_are_counted_or_who_chooses(
    quota: Quota | None, terms: Terms, place: str
) -> None:
    with pytest.raises(ConcessionInvalid) as refused:
        TermsDraft(date(2026, 1, 1), None, FREE, quota, terms).check()
    assert refused.value.pointer == place


def test_terms_that_end_before_they_begin_are_refused() -> None:
    with pytest.raises(PeriodReversed):
        TermsDraft(date(2026, 2, 1), date(2026, 1, 1), FREE).check()

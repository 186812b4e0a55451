"""One right on one tap: which right is used when several apply."""

from rules.attempt import RIGHT_CHECKS, Attempt
from rules.claim import EntitlementClaim, Memory
from rules.period import Days
from rules.reason import Reason
from rules.terms import Terms
from tests.rules.taps import FREE, HALF, MONTHLY, ONLINE, right, tap


def attempt(claim: EntitlementClaim, companions: int = 0, terms: Terms | None = None) -> Attempt:
    return Attempt(claim, terms or Terms(check_photo=False), tap(companions=companions), Memory(), ONLINE, Reason.OK)


def best(*claims: EntitlementClaim) -> str:
    return min((attempt(claim) for claim in claims), key=Attempt.preference).claim.code


def test_the_lowest_price_wins_over_everything() -> None:
    assert best(right("A", HALF, priority=1), right("B", FREE, MONTHLY, priority=9)) == "B"


def test_no_quota_is_burnt_where_a_free_right_without_one_applies() -> None:
    assert best(right("A", FREE, MONTHLY, priority=1), right("B", FREE, priority=9)) == "B"


def test_at_the_same_price_the_priority_decides_before_the_quota() -> None:
    assert best(right("A", HALF, MONTHLY, priority=1), right("B", HALF, priority=2)) == "A"
    assert best(right("A", HALF, MONTHLY), right("B", HALF)) == "B"


def test_what_ends_first_is_used_first_and_then_the_code_decides() -> None:
    short = Days.parse("{[2026-01-01,2026-06-01)}")
    assert best(right("A"), right("B", periods=short)) == "B"
    assert best(right("B"), right("A")) == "A"


def test_a_companion_counts_in_the_price() -> None:
    alone, along = attempt(right("A"), 1), attempt(right("B", HALF), 1, Terms(companions=1))
    assert along.preference() < alone.preference()


def test_the_checks_run_from_far_to_near() -> None:
    reasons = [reason for _, reason in RIGHT_CHECKS]
    assert reasons[0] is Reason.NO_ENTITLEMENT
    assert reasons[-2:] == [Reason.QUOTA_USED, Reason.PASSBACK]

"""One right on one tap: which right is used when several apply."""

from datetime import date

from rules.attempt import RIGHT_CHECKS, Attempt
from rules.claim import LOST_RACE, Counter, EntitlementClaim, Memory, TerminalState
from rules.period import Days
from rules.reason import Reason
from rules.terms import Offline, Terms
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


COUNTER: Counter = ("A", date(2026, 5, 1))
OFFLINE = TerminalState(online=False)


def with_reserve(units: int, where: TerminalState = OFFLINE, terms: Terms | None = None) -> Attempt:
    """A monthly right that is used up and has uses not yet sent, with so many units set aside."""
    memory = Memory({COUNTER: 20}, {COUNTER: LOST_RACE}, {COUNTER: 9}, reserved={COUNTER: units})
    return Attempt(right("A", FREE, MONTHLY), terms or Terms(), tap(), memory, where, Reason.OK)


def test_offline_units_set_aside_are_the_only_limit_of_their_counter() -> None:
    assert [with_reserve(units).refusal() for units in (3, 1, 0)] == [Reason.OK, Reason.OK, Reason.QUOTA_USED]
    assert with_reserve(3).decision().quota_left == 2


def test_online_units_set_aside_elsewhere_do_not_count() -> None:
    assert with_reserve(3, ONLINE).refusal() is Reason.QUOTA_USED


def test_units_set_aside_for_another_window_change_nothing() -> None:
    memory = Memory(unsynced={COUNTER: 2}, reserved={("A", date(2026, 4, 1)): 5})
    capped = Attempt(right("A", FREE, MONTHLY), Terms(), tap(), memory, OFFLINE, Reason.OK)
    assert (capped.refusal(), capped.left) == (Reason.ONLINE_REQUIRED, 20)


def test_what_is_online_only_stays_so_with_units_set_aside() -> None:
    never = Terms(offline=Offline(online_only=True))
    assert with_reserve(3, OFFLINE, never).refusal() is Reason.ONLINE_REQUIRED

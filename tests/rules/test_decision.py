"""The decider: its laws, and the acceptance cases at its level."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.claim import (
    LOST_RACE,
    Counter,
    Decision,
    EntitlementClaim,
    Holder,
    LastTap,
    Memory,
    Proof,
    Tap,
    TerminalState,
    TokenState,
    Verdict,
)
from rules.decision import AllTerms, decide, local
from rules.errors import NaiveMoment
from rules.period import ALWAYS, Days
from rules.reason import Colour, Reason
from rules.tariff import ZERO
from rules.terms import Terms
from tests.rules.draws import amounts
from tests.rules.taps import (
    BUS,
    ONLINE,
    OTHER_BUS,
    all_terms,
    claims,
    holder,
    holders,
    memories,
    riga,
    right,
    tap,
    taps,
    terminals,
    terms_of,
)

MAY = date(2026, 5, 1)


def decided(asked: Tap, who: Holder, memory: Memory | None = None, **special: Terms) -> Decision:
    return decide(asked, who, terms_of(who, **special), memory or Memory(), ONLINE)


WORLD = (taps, holders, all_terms, memories, terminals)


@given(*WORLD)
def test_payable_lies_between_nothing_and_the_full_price(
    asked: Tap, who: Holder, terms: AllTerms, memory: Memory, terminal: TerminalState
) -> None:
    decision = decide(asked, who, terms, memory, terminal)
    assert 0 <= decision.payable <= asked.gross
    if decision.verdict is Verdict.DENY:
        assert decision.payable == asked.gross
        assert (decision.companions, decision.code, decision.window) == (0, None, None)


@given(*WORLD)
def test_verdict_and_colour_agree(
    asked: Tap, who: Holder, terms: AllTerms, memory: Memory, terminal: TerminalState
) -> None:
    decision = decide(asked, who, terms, memory, terminal)
    colours = {
        Verdict.ACCEPT: {Colour.GREEN},
        Verdict.ACCEPT_WARN: {Colour.AMBER},
        Verdict.DENY: {Colour.RED, Colour.AMBER},  # amber: the concession's policy denies in doubt
    }
    assert decision.reason.colour in colours[decision.verdict]
    assert decision.list_seq == terminal.list_seq


@given(*WORLD)
def test_nothing_is_accepted_without_a_live_right_and_a_good_token(
    asked: Tap, who: Holder, terms: AllTerms, memory: Memory, terminal: TerminalState
) -> None:
    decision = decide(asked, who, terms, memory, terminal)
    if decision.verdict is Verdict.DENY:
        return
    (used,) = [claim for claim in (*who.entitlements, *who.universal) if claim.code == decision.code]
    assert asked.day in used.periods - used.suspended
    if used in who.universal:
        return
    assert (used.quota is None) == (decision.quota_left is None)
    assert decision.quota_left is None or decision.quota_left >= 0
    assert asked.replay_key not in memory.seen
    good = {TokenState.ACTIVE, TokenState.RIGHTS_CHANGED}
    assert who.token_state in good or (who.token_state is TokenState.BLOCKED and asked.day in terminal.amnesty)


@given(*WORLD, st.randoms())
def test_the_order_of_rights_does_not_matter(
    asked: Tap, who: Holder, terms: AllTerms, memory: Memory, terminal: TerminalState, random: Random
) -> None:
    shuffled = list(who.entitlements)
    random.shuffle(shuffled)
    other = replace(who, entitlements=tuple(shuffled))
    assert decide(asked, other, terms, memory, terminal) == decide(asked, who, terms, memory, terminal)


@given(*WORLD)
def test_one_more_right_never_makes_it_dearer(
    asked: Tap, who: Holder, terms: AllTerms, memory: Memory, terminal: TerminalState
) -> None:
    def cost(decision: Decision) -> Decimal:
        return decision.payable + asked.gross * (asked.companions - decision.companions)

    fewer = replace(who, entitlements=who.entitlements[1:])
    assert cost(decide(asked, who, terms, memory, terminal)) <= cost(decide(asked, fewer, terms, memory, terminal))


@given(*WORLD)
def test_a_repeated_use_runs_into_the_quota_and_stops(
    asked: Tap, who: Holder, terms: AllTerms, memory: Memory, terminal: TerminalState
) -> None:
    decision = decide(asked, who, terms, memory, terminal)
    if decision.code is None or decision.window is None:
        return
    lost = replace(memory, taken={**memory.taken, (decision.code, decision.window): LOST_RACE})
    assert decide(asked, who, terms, lost, terminal).code != decision.code


@given(*WORLD)
def test_a_free_unlimited_right_leaves_every_quota_alone(
    asked: Tap, who: Holder, terms: AllTerms, memory: Memory, terminal: TerminalState
) -> None:
    # companions left out: to take them along, a right with a quota may well be the better one
    alone = replace(asked, companions=0)
    richer = replace(who, entitlements=(*who.entitlements, right("FREE", periods=ALWAYS)))
    decision = decide(alone, richer, {**terms, ("FREE", 1): Terms()}, memory, terminal)
    assert (decision.units, decision.window) == (0, None)
    assert decision.payable == (asked.gross if decision.verdict is Verdict.DENY else 0)


@given(*WORLD)
def test_what_everybody_may_use_needs_no_token_and_no_past(
    asked: Tap, who: Holder, terms: AllTerms, memory: Memory, terminal: TerminalState
) -> None:
    stranger = Holder(TokenState.NONE, (), who.universal)
    decision = decide(asked, stranger, terms, memory, terminal)
    assert decision == decide(asked, stranger, terms, Memory(), terminal)
    assert decision.units == 0
    if decision.verdict is not Verdict.DENY:
        assert decision.code in {claim.code for claim in who.universal}
        assert decision.companions == asked.companions
        assert decide(asked, who, terms, memory, terminal).payable <= decision.payable


@given(taps, claims.filter(lambda claim: claim.quota is not None), all_terms, st.lists(amounts, max_size=12))
def test_uses_one_after_another_never_pass_the_limit_of_their_counter(
    asked: Tap, claim: EntitlementClaim, terms: AllTerms, fares: list[Decimal]
) -> None:
    assert claim.quota is not None
    used: dict[Counter, int] = {}
    discounts = ZERO
    for gross in fares:
        tapped = replace(asked, gross=gross, replay_key=None)
        decision = decide(tapped, Holder(TokenState.ACTIVE, (claim,)), terms, Memory(dict(used)), ONLINE)
        if decision.code is not None and decision.window is not None:
            counter = decision.code, decision.window
            used[counter] = used.get(counter, 0) + decision.units
            discounts += gross * (1 + decision.companions) - decision.payable
    limit = claim.quota.limit(asked.day, claim.periods, claim.since)
    assert all(count <= limit for count in used.values())
    if claim.quota.amount is not None:
        assert discounts <= claim.quota.amount
        assert discounts * 10_000 == sum(used.values())


def test_t34_an_amnesty_lets_a_blocked_card_ride_with_a_warning() -> None:
    who = holder(right("LV-DIS-1-2"), state=TokenState.BLOCKED)
    amnesty = TerminalState(amnesty=Days.parse("{[2026-05-01,2026-06-01)}"))
    decision = decide(tap(), who, terms_of(who), Memory(), amnesty)
    assert (decision.verdict, decision.reason, decision.payable) == (Verdict.ACCEPT_WARN, Reason.OK_AMNESTY, ZERO)
    after = decide(tap("2026-06-01T00:00"), who, terms_of(who), Memory(), amnesty)
    assert (after.verdict, after.reason) == (Verdict.DENY, Reason.TOKEN_BLOCKED)


def test_t35_the_same_card_within_the_configured_window() -> None:
    who = holder(right("LV-DIS-1-2"))
    memory = Memory(last=(LastTap(riga("2026-05-10T12:00"), OTHER_BUS),))
    window = Terms(pass_back_seconds=30)
    asked = tap("2026-05-10T12:00:29")
    assert decided(asked, who, memory, LV_DIS_1_2=window).reason is Reason.PASSBACK
    assert decided(tap("2026-05-10T12:00:30"), who, memory, LV_DIS_1_2=window).verdict is Verdict.ACCEPT
    gate = decide(asked, who, terms_of(who), memory, TerminalState(pass_back_seconds=60))
    assert gate.reason is Reason.PASSBACK


def test_t36_a_picture_at_two_places_asks_for_the_photo() -> None:
    who = holder(right("LV-DIS-1-2"))
    here, far = replace(BUS, lat=56.6520, lon=23.7210), replace(OTHER_BUS, lat=56.6610, lon=23.7210)
    memory = Memory(last=(LastTap(riga("2026-05-10T11:59"), far),))
    assert decided(tap(place=here, proof=Proof.STATIC), who, memory).check_photo
    assert not decided(tap(place=here, proof=Proof.CHIP), who, memory).check_photo
    assert not decided(tap("2026-05-10T12:30", place=here, proof=Proof.STATIC), who, memory).check_photo
    assert not decided(tap(place=replace(far, id="bus-3"), proof=Proof.STATIC), who, memory).check_photo


def test_t37_a_presentation_counts_once() -> None:
    decision = decided(tap(replay_key="k", proof=Proof.DEVICE), holder(right("A")), Memory(seen=frozenset({"k"})))
    assert (decision.verdict, decision.reason) == (Verdict.DENY, Reason.REPLAY)


def test_the_local_day_changes_at_midnight_in_riga_in_summer_and_winter() -> None:
    assert local(datetime(2026, 5, 31, 20, 59, 59, tzinfo=UTC)) == (date(2026, 5, 31), 1439)
    assert local(datetime(2026, 5, 31, 21, 0, tzinfo=UTC)) == (date(2026, 6, 1), 0)
    assert local(datetime(2026, 1, 31, 22, 0, tzinfo=UTC)) == (date(2026, 2, 1), 0)


def test_the_hour_that_comes_twice_has_the_same_minutes_twice() -> None:
    first, second = (local(datetime(2026, 10, 25, hour, 30, tzinfo=UTC)) for hour in (0, 1))
    assert first == second == (date(2026, 10, 25), 210)


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(NaiveMoment):
        local(datetime(2026, 5, 31, 12, 0))  # noqa: DTZ001

"""The one offline path, case by case: what is shown, what the terminal holds and remembers, what the driver sees."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from cards.credential import status_number
from cards.statuslist import INVALID, RIGHTS_CHANGED, SUSPENDED
from rules.claim import LastTap, Memory, Verdict
from rules.reason import Reason
from terminals.bundle.holding import Holding
from terminals.message import CardShown, Tap
from terminals.shown import read
from terminals.validate import believed, decide_offline
from tests.terminals.bundle.publisher import (
    ASKED_CARD,
    AT,
    CONCESSIONS,
    DEAD_CARD,
    FREE_CARD,
    HOUR,
    PLACES,
    RIGA_ISSUER,
    ROOT_KEY,
    SMALL,
    TRAM_CARD,
    Publisher,
    held,
    policy,
)
from tests.terminals.tokens import card, letter, phone, screenshot

FARE = Decimal("0.85")
LISTED = {INVALID: 1, SUSPENDED: 2, RIGHTS_CHANGED: 3}
SEPTEMBER = date(2026, 9, 1)


def publisher() -> Publisher:
    found = Publisher()
    for status, index in LISTED.items():
        found.lists[3].set(index, status)
    return found


@pytest.fixture(scope="module")
def holding() -> Holding:
    return held(publisher())


def decided(token, holding, at=AT, memory=None, *, doubt=False, **tap):
    fields = {"gross": FARE, "at": at} | tap
    asked = Tap(token, fields.pop("at"), fields.pop("gross"), **fields)
    return decide_offline(asked, read(token, holding, at), holding, memory or Memory(), at, clock_doubtful=doubt)


def outcome(token, holding, at=AT, memory=None, **tap):
    decision = decided(token, holding, at, memory, **tap)
    return decision.verdict, decision.reason


def counter(number: int, window: date = SEPTEMBER):
    return CONCESSIONS[number][0].code, window


ACCEPTED, DENIED = Verdict.ACCEPT, Verdict.DENY
WARNED = Verdict.ACCEPT_WARN


def test_a_letter_is_taken_at_its_price(holding):
    decision = decided(letter(301), holding)
    assert (decision.verdict, decision.reason, decision.payable) == (ACCEPTED, Reason.OK, Decimal(0))
    assert (decision.list_seq, decision.code) == (10, CONCESSIONS[301][0].code)
    half = decided(letter(302), holding)
    assert (half.payable, half.quota_left, half.window, half.units) == (Decimal("0.4250"), 19, SEPTEMBER, 1)


@pytest.mark.parametrize(
    ("token", "expected"),
    [
        (None, (DENIED, Reason.NO_ENTITLEMENT)),
        (letter(999), (DENIED, Reason.NO_ENTITLEMENT)),
        (letter(301, until=date(2026, 9, 10)), (ACCEPTED, Reason.OK_EXPIRES_SOON)),
        (letter(301, status=status_number(3, LISTED[INVALID])), (DENIED, Reason.TOKEN_BLOCKED)),
        (letter(301, status=status_number(3, LISTED[SUSPENDED])), (DENIED, Reason.TOKEN_BLOCKED)),
        (letter(301, status=status_number(3, LISTED[RIGHTS_CHANGED])), (WARNED, Reason.RIGHTS_CHANGED)),
        (letter(306, status=status_number(3, LISTED[RIGHTS_CHANGED])), (DENIED, Reason.RIGHTS_CHANGED)),
        (letter(301, status=status_number(3, SMALL)), (WARNED, Reason.TERMINAL_STALE)),
        (letter(301, status=status_number(4, 0)), (WARNED, Reason.TERMINAL_STALE)),
        (letter(306, status=status_number(4, 0)), (DENIED, Reason.TERMINAL_STALE)),
        (letter(301, online=True), (DENIED, Reason.ONLINE_REQUIRED)),
        (letter(303), (DENIED, Reason.ONLINE_REQUIRED)),
        (letter(304), (DENIED, Reason.ONLINE_REQUIRED)),
        (letter(308), (DENIED, Reason.ONLINE_REQUIRED)),
        (letter(312), (DENIED, Reason.ONLINE_REQUIRED)),
        (phone(301), (ACCEPTED, Reason.OK)),
        (screenshot(301), (DENIED, Reason.SCREENSHOT)),
        ("nonsense", (DENIED, Reason.MALFORMED)),
        (card(302), (ACCEPTED, Reason.OK)),
        (CardShown(FREE_CARD, b""), (ACCEPTED, Reason.OK)),
        (CardShown(DEAD_CARD, b""), (DENIED, Reason.TOKEN_BLOCKED)),
        (CardShown(ASKED_CARD, b""), (DENIED, Reason.ONLINE_REQUIRED)),
        (card(301, uid=ASKED_CARD), (DENIED, Reason.ONLINE_REQUIRED)),
        (CardShown(TRAM_CARD, b""), (DENIED, Reason.OUT_OF_SCOPE)),
    ],
)
def test_every_token_gets_its_answer(holding, token, expected):
    assert outcome(token, holding) == expected


def test_the_place_counts(holding):
    assert outcome(CardShown(TRAM_CARD, b""), holding, place="tram-7") == (ACCEPTED, Reason.OK)
    decision = decided(letter(301), holding, place="nowhere")
    assert (decision.verdict, decision.reason, decision.payable) == (DENIED, Reason.ONLINE_REQUIRED, FARE)


def test_a_terminal_that_holds_nothing_asks_to_go_online():
    empty = Holding(ROOT_KEY.der)
    for token in (None, letter(301), "nonsense"):
        assert outcome(token, empty) == (DENIED, Reason.ONLINE_REQUIRED)


def test_a_stale_terminal_warns_as_the_concession_says(holding):
    late = AT + 5 * HOUR
    assert outcome(letter(301), holding, late) == (WARNED, Reason.TERMINAL_STALE)
    assert outcome(letter(306), holding, late) == (DENIED, Reason.TERMINAL_STALE)
    looked_at = decided(letter(307), holding, late)
    assert (looked_at.verdict, looked_at.check_photo) == (WARNED, True)


def test_the_photo_is_asked_for_where_the_right_or_the_credential_says_so(holding):
    assert [decided(letter(*said), holding).check_photo for said in ((301,), (305,))] == [False, True]
    assert decided(letter(301, photo_id=True), holding).check_photo
    assert not decided(letter(999, photo_id=True), holding).check_photo


def test_quotas_are_counted_by_the_memory_of_the_terminal(holding):
    key = counter(302)
    assert outcome(letter(302), holding, memory=Memory(used={key: 20})) == (DENIED, Reason.QUOTA_USED)
    assert outcome(letter(302), holding, memory=Memory(unsynced={key: 2})) == (DENIED, Reason.ONLINE_REQUIRED)
    aside = Memory(used={key: 20}, unsynced={key: 2}, reserved={key: 3})
    assert decided(letter(302), holding, memory=aside).quota_left == 2
    gone = Memory(reserved={key: 0})
    assert outcome(letter(302), holding, memory=gone) == (DENIED, Reason.QUOTA_USED)


@pytest.mark.parametrize("year", [2025, 2027])
def test_a_clock_a_year_off_is_told(holding, year):
    wrong = AT.replace(year=year)
    decision = decided(letter(301), holding, wrong)
    expected = (WARNED, Reason.CLOCK) if year == 2025 else (DENIED, Reason.TOKEN_EXPIRED)
    assert (decision.verdict, decision.reason) == expected


def test_a_clock_known_to_be_wrong_is_told(holding):
    assert outcome(letter(301), holding, doubt=True) == (WARNED, Reason.CLOCK)


def test_a_tap_is_believed_within_what_the_policy_says():
    rules, floor = policy(), AT - HOUR
    for seconds, doubtful in ((0, False), (-600, False), (120, False), (-601, True), (121, True)):
        tapped = AT + timedelta(seconds=seconds)
        assert believed(tapped, AT, floor, rules) == ((AT, True) if doubtful else (tapped, False))


def test_the_present_is_never_before_what_was_signed():
    rules, floor = policy(), AT
    assert believed(AT - timedelta(seconds=600), AT - timedelta(seconds=600), floor, rules)[1] is False
    late = AT - timedelta(seconds=601)
    assert believed(late, late, floor, rules) == (AT, True)


def test_the_local_day_decides(holding):
    last = letter(301, until=date(2026, 9, 1))
    almost = datetime(2026, 9, 1, 20, 59, tzinfo=UTC)
    brought = publisher()
    brought.at = almost
    midnight = held(brought)
    assert outcome(last, midnight, almost)[0] is ACCEPTED
    assert outcome(last, midnight, almost + timedelta(minutes=1)) == (DENIED, Reason.NO_ENTITLEMENT)


def test_t15_a_companion_needs_the_holder(holding):
    with_holder = decided(letter(305), holding, companions=1)
    assert (with_holder.verdict, with_holder.companions) == (ACCEPTED, 1)
    assert outcome(None, holding, companions=1) == (DENIED, Reason.COMPANION_WITHOUT_HOLDER)
    assert outcome(letter(999), holding, companions=1) == (DENIED, Reason.COMPANION_WITHOUT_HOLDER)


def test_t16_without_the_right_a_companion_pays(holding):
    assert decided(letter(301), holding, companions=1).companions == 0


def test_t21_what_everybody_may_use_needs_nothing_shown():
    holiday = datetime(2026, 9, 7, 9, tzinfo=UTC)
    brought = publisher()
    brought.at = holiday
    holding = held(brought)
    for token in (None, "nonsense", letter(301, status=status_number(3, 1), until=date(2026, 9, 2))):
        decision = decided(token, holding, holiday, gross=Decimal("1.00"), companions=2)
        assert (decision.verdict, decision.payable, decision.companions) == (ACCEPTED, Decimal(0), 2)
        assert decision.code == CONCESSIONS[310][0].code


def test_t33_a_replaced_card_is_blocked(holding):
    assert outcome(card(301, status=status_number(3, LISTED[INVALID])), holding) == (DENIED, Reason.TOKEN_BLOCKED)


def test_t34_an_amnesty_takes_the_blocked_cards_of_its_municipality(holding):
    blocked = status_number(3, LISTED[SUSPENDED])
    of_riga = letter(309, signer=RIGA_ISSUER, status=blocked)
    assert outcome(of_riga, holding) == (WARNED, Reason.OK_AMNESTY)
    assert outcome(letter(301, status=blocked), holding) == (DENIED, Reason.TOKEN_BLOCKED)


def test_t35_the_same_card_again_too_soon():
    strict = held(Publisher(policy=policy(pass_back_seconds=60)))
    memory = Memory(last=(LastTap(AT - timedelta(seconds=30), PLACES["tram-7"]),))
    assert outcome(letter(301), strict, memory=memory) == (DENIED, Reason.PASSBACK)


def test_t36_a_copied_picture_asks_for_a_look(holding):
    memory = Memory(last=(LastTap(AT - timedelta(seconds=50), PLACES["tram-7"]),))
    assert decided(letter(301), holding, memory=memory).check_photo
    assert not decided(phone(301), holding, memory=memory).check_photo


def test_t37_a_presentation_is_taken_once(holding):
    token = phone(301)
    seen = Memory(seen=frozenset({read(token, holding, AT).replay_key or ""}))
    assert outcome(token, holding, memory=seen) == (DENIED, Reason.REPLAY)


def test_t38_a_card_blocked_meanwhile_is_taken_with_a_warning_until_the_terminal_knows():
    brought = publisher()
    holding, token, later = held(brought), letter(301), AT + 6 * HOUR
    blocking = brought.delta(status={3: {77: SUSPENDED}})
    assert outcome(token, holding, later) == (WARNED, Reason.TERMINAL_STALE)
    holding.apply_delta(blocking, later)
    assert outcome(token, holding, later) == (DENIED, Reason.TOKEN_BLOCKED)

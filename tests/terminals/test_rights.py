"""What the rights of a token are worth at this provider, and what the lists say of the token."""

from dataclasses import replace
from datetime import date

import pytest

from cards.credential import status_number
from cards.statuslist import INVALID, RIGHTS_CHANGED, SUSPENDED
from rules.claim import Holder, TokenState
from rules.period import Days
from terminals.bundle.holding import Holding
from terminals.bundle.snapshot import Profile, ProfileRight, Snapshot
from terminals.rights import holder_of, token_state, unlisted
from terminals.shown import Evidence, ShownRight, read
from tests.terminals.bundle.publisher import (
    ALL_2026,
    ASKED_CARD,
    AT,
    CONCESSIONS,
    DEAD_CARD,
    FREE_CARD,
    ROOT_KEY,
    SMALL,
    SNAPSHOT_KEY,
    TRAM_CARD,
    Publisher,
    held,
    policy,
)
from tests.terminals.tokens import card, letter

TUESDAY, SATURDAY, NOON = date(2026, 9, 1), date(2026, 9, 5), 720
LISTED = {INVALID: 1, SUSPENDED: 2, RIGHTS_CHANGED: 3}


@pytest.fixture(scope="module")
def holding() -> Holding:
    publisher = Publisher()
    for status, index in LISTED.items():
        publisher.lists[3].set(index, status)
    return held(publisher)


def rights(token, holding, day=TUESDAY):
    holder, terms = holder_of(read(token, holding, AT), holding, day, NOON)
    return [(int(claim.code, 16), (claim.code, claim.revision) in terms) for claim in holder.entitlements]


def test_a_right_gets_the_terms_of_its_concession(holding):
    holder, terms = holder_of(read(letter(302), holding, AT), holding, TUESDAY, NOON)
    (claim,) = holder.entitlements
    revision = CONCESSIONS[302][0]
    assert (claim.code, claim.revision, claim.grantor) == (revision.code, 1, "JLG")
    assert (claim.discount, claim.quota) == (revision.discount, revision.quota)
    assert claim.periods == Days.parse("{[2026-09-01,2027-01-01)}")
    assert terms[claim.code, 1] == revision.terms


def test_the_revision_is_that_of_the_day(holding):
    def revision(day):
        return holder_of(read(letter(311), holding, AT), holding, day, NOON)[0].entitlements[0].revision

    assert [revision(date(2026, 9, day)) for day in (14, 15)] == [1, 2]


def test_a_right_that_the_provider_does_not_take_is_none(holding):
    assert rights(letter(301, 999), holding) == [(301, True)]
    assert rights(letter(301), holding, date(2025, 12, 31)) == []


def test_a_right_named_twice_is_one_right(holding):
    twice = (ShownRight(301, Days.parse("{[2026-01-01,2026-02-01)}")), ShownRight(301, Days.parse("{[2026-09-01,)}")))
    shown = replace(read(letter(301), holding, AT), rights=twice)
    (claim,) = holder_of(shown, holding, TUESDAY, NOON)[0].entitlements
    assert str(claim.periods) == "{[2026-01-01,2026-02-01),[2026-09-01,)}"


def test_what_a_credential_cannot_say_is_asked_for(holding):
    assert rights(letter(303), holding) == [(303, False)]
    assert rights(letter(304), holding) == [(304, False)]
    assert rights(letter(304), holding, SATURDAY) == [(304, True)]
    assert rights(letter(301, online=True), holding) == [(301, False)]


def test_the_snapshot_says_modes_and_flags(holding):
    holder, terms = holder_of(read(card(uid=TRAM_CARD), holding, AT), holding, TUESDAY, NOON)
    (claim,) = holder.entitlements
    assert claim.modes == frozenset({"tram"})
    assert (claim.code, claim.revision) in terms
    holder, _ = holder_of(read(card(uid=FREE_CARD), holding, AT), holding, TUESDAY, NOON)
    assert [claim.flags for claim in holder.entitlements] == [frozenset(), frozenset({"summer_work"})]
    assert rights(card(uid=FREE_CARD), holding) == [(301, True), (304, True)]


def test_modes_count_only_where_the_holder_chooses():
    profile = {1: Profile("JLG", (ProfileRight(301, ALL_2026, frozenset({"tram"})),))}
    holding = held(Publisher(cards=Snapshot.build(SNAPSHOT_KEY, {FREE_CARD: 1}, profile)))
    holder, _ = holder_of(read(card(uid=FREE_CARD), holding, AT), holding, TUESDAY, NOON)
    assert holder.entitlements[0].modes == frozenset()


def test_what_everybody_may_use_needs_no_token(holding):
    for token in (None, letter(301), letter(310), "nonsense"):
        holder, terms = holder_of(read(token, holding, AT), holding, TUESDAY, NOON)
        assert [(int(claim.code, 16), claim.periods) for claim in holder.universal] == [
            (310, Days.parse("{[2026-01-01,)}"))
        ]
        assert (holder.universal[0].code, 1) in terms
    assert rights(letter(310), holding) == []
    assert holder_of(Evidence(), holding, date(2025, 1, 1), NOON)[0].universal == ()


def test_what_everybody_may_use_so_often_is_nobodys():
    counted = replace(CONCESSIONS[310][0], quota=CONCESSIONS[302][0].quota)
    holding = held(Publisher(policy=policy(concessions={310: (counted,)})))
    assert holder_of(Evidence(), holding, TUESDAY, NOON)[0].universal == ()


@pytest.mark.parametrize(
    ("index", "state"),
    [
        (0, TokenState.ACTIVE),
        (LISTED[INVALID], TokenState.BLOCKED),
        (LISTED[SUSPENDED], TokenState.BLOCKED),
        (LISTED[RIGHTS_CHANGED], TokenState.RIGHTS_CHANGED),
        (SMALL, TokenState.ACTIVE),
    ],
)
def test_the_lists_say_what_a_token_is(holding, index, state):
    shown = read(letter(301, status=status_number(3, index)), holding, AT)
    assert token_state(shown, holding) is state
    assert unlisted(shown, holding) is (index == SMALL)


def test_a_list_that_is_not_held_says_nothing(holding):
    shown = read(letter(301, status=status_number(4, 0)), holding, AT)
    assert (token_state(shown, holding), unlisted(shown, holding)) == (TokenState.ACTIVE, True)


def test_rights_of_the_snapshot_do_not_change_behind_its_back(holding):
    changed = card(uid=FREE_CARD, status=status_number(3, LISTED[RIGHTS_CHANGED]))
    assert token_state(read(changed, holding, AT), holding) is TokenState.ACTIVE
    blocked = card(uid=FREE_CARD, status=status_number(3, LISTED[SUSPENDED]))
    assert token_state(read(blocked, holding, AT), holding) is TokenState.BLOCKED
    unheld = read(card(uid=FREE_CARD, status=status_number(4, 0)), holding, AT)
    assert (token_state(unheld, holding), unlisted(unheld, holding)) == (TokenState.ACTIVE, False)


def test_a_token_that_proves_nothing_is_unknown_and_none_is_none(holding):
    assert token_state(read("nonsense", holding, AT), holding) is TokenState.UNKNOWN
    assert token_state(read(None, holding, AT), holding) is TokenState.NONE
    assert token_state(read(card(uid=DEAD_CARD), holding, AT), holding) is TokenState.BLOCKED
    assert token_state(read(card(uid=ASKED_CARD), holding, AT), holding) is TokenState.ACTIVE


def test_a_terminal_without_a_policy_knows_nobody():
    empty = Holding(ROOT_KEY.der)
    assert holder_of(read(letter(301), empty, AT), empty, TUESDAY, NOON) == (Holder(TokenState.UNKNOWN), {})

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from cards.errors import IllegalTransition
from cards.statuslist import INVALID, RIGHTS_CHANGED, SUSPENDED, VALID
from cards.token import (
    TRANSITIONS,
    BlockReason,
    EndReason,
    Event,
    Kind,
    State,
    may_unblock,
    status_value,
    steps,
    transition,
)

ROAD = [State.REQUESTED, State.APPROVED, State.PRODUCED, State.ISSUED, State.ACTIVE]


def test_a_token_goes_from_request_to_use_step_by_step():
    state = State.REQUESTED
    for event, after in zip((Event.APPROVE, Event.PRODUCE, Event.ISSUE, Event.ACTIVATE), ROAD[1:], strict=True):
        state = transition(state, event)
        assert state is after


def test_an_active_token_is_blocked_and_unblocked():
    assert transition(State.ACTIVE, Event.BLOCK) is State.BLOCKED
    assert transition(State.BLOCKED, Event.UNBLOCK) is State.ACTIVE


@pytest.mark.parametrize("event", Event)
def test_an_ended_token_stays_ended(event):
    assert steps(State.ENDED) == frozenset()
    with pytest.raises(IllegalTransition):
        transition(State.ENDED, event)


def test_the_table_holds_all_and_only_the_steps():
    allowed = {
        State.REQUESTED: {Event.APPROVE, Event.END},
        State.APPROVED: {Event.PRODUCE, Event.END},
        State.PRODUCED: {Event.ISSUE, Event.END},
        State.ISSUED: {Event.ACTIVATE, Event.END},
        State.ACTIVE: {Event.BLOCK, Event.END},
        State.BLOCKED: {Event.UNBLOCK, Event.END},
        State.ENDED: set(),
    }
    for state in State:
        assert steps(state) == allowed[state]
        for event in set(Event) - allowed[state]:
            with pytest.raises(IllegalTransition):
                transition(state, event)


def test_the_status_list_says_what_a_terminal_must_do():
    for state in (State.REQUESTED, State.APPROVED, State.PRODUCED, State.ISSUED, State.BLOCKED):
        assert status_value(state) == status_value(state, rights_changed=True) == SUSPENDED
    assert (status_value(State.ACTIVE), status_value(State.ACTIVE, rights_changed=True)) == (VALID, RIGHTS_CHANGED)
    assert status_value(State.ENDED) == status_value(State.ENDED, rights_changed=True) == INVALID


def test_a_lost_or_stolen_token_is_never_revived():
    assert {reason for reason in BlockReason if not may_unblock(reason)} == {BlockReason.LOST, BlockReason.STOLEN}


def test_kinds_and_end_reasons_are_those_of_the_register():
    assert set(Kind) == {"card", "qr", "eid"}
    assert set(EndReason) == {"expired", "replaced", "lost", "stolen", "damaged", "returned", "deceased", "moved"}


class Life(RuleBasedStateMachine):
    """Any sequence of events: what is refused changes nothing, and no token is valid that was not activated."""

    def __init__(self) -> None:
        super().__init__()
        self.state, self.activated, self.ended = State.REQUESTED, False, False

    @rule(event=st.sampled_from(Event))
    def happens(self, event):
        try:
            self.state = transition(self.state, event)
        except IllegalTransition:
            assert (self.state, event) not in TRANSITIONS
            return
        self.activated |= event is Event.ACTIVATE
        self.ended |= event is Event.END

    @invariant()
    def ended_is_final(self):
        assert (self.state is State.ENDED) == self.ended

    @invariant()
    def only_an_activated_token_that_has_not_ended_is_valid(self):
        if status_value(self.state) == VALID:
            assert self.activated
            assert not self.ended


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)

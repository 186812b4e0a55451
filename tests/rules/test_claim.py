"""Token states as the decision sees them."""

import pytest

from rules.claim import TokenState, token_state


@pytest.mark.parametrize(
    ("state", "end_reason", "seen"),
    [
        ("requested", None, TokenState.NOT_ACTIVE),
        ("approved", None, TokenState.NOT_ACTIVE),
        ("produced", None, TokenState.NOT_ACTIVE),
        ("issued", None, TokenState.NOT_ACTIVE),
        ("active", None, TokenState.ACTIVE),
        ("blocked", None, TokenState.BLOCKED),
        ("ended", "expired", TokenState.EXPIRED),
        ("ended", "lost", TokenState.BLOCKED),
        ("ended", None, TokenState.BLOCKED),
    ],
)
def test_a_life_cycle_state_becomes_what_the_decision_knows(
    state: str, end_reason: str | None, seen: TokenState
) -> None:
    assert token_state(state, end_reason) is seen

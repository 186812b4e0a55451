"""The life of a token: its kinds, its states and the one table of steps between them.

requested -> approved -> produced -> issued -> active <-> blocked -> ended; ended is final.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from cards.errors import IllegalTransition
from cards.statuslist import INVALID, RIGHTS_CHANGED, SUSPENDED, VALID


class Kind(StrEnum):
    """What a person identifies with."""

    CARD = "card"
    QR = "qr"
    EID = "eid"


class State(StrEnum):
    """Where a token stands."""

    REQUESTED = "requested"
    APPROVED = "approved"
    PRODUCED = "produced"
    ISSUED = "issued"
    ACTIVE = "active"
    BLOCKED = "blocked"
    ENDED = "ended"


class Event(StrEnum):
    """What happens to a token."""

    APPROVE = "approve"
    PRODUCE = "produce"
    ISSUE = "issue"
    ACTIVATE = "activate"
    BLOCK = "block"
    UNBLOCK = "unblock"
    END = "end"


class BlockReason(StrEnum):
    """Why a token is blocked."""

    LOST = "lost"
    STOLEN = "stolen"
    MISUSE = "misuse"
    HOLDER_REQUEST = "holder_request"
    OFFICE = "office"


class EndReason(StrEnum):
    """Why a token ended."""

    EXPIRED = "expired"
    REPLACED = "replaced"
    LOST = "lost"
    STOLEN = "stolen"
    DAMAGED = "damaged"
    RETURNED = "returned"
    DECEASED = "deceased"
    MOVED = "moved"


TRANSITIONS: Mapping[tuple[State, Event], State] = MappingProxyType(
    {
        (State.REQUESTED, Event.APPROVE): State.APPROVED,
        (State.APPROVED, Event.PRODUCE): State.PRODUCED,
        (State.PRODUCED, Event.ISSUE): State.ISSUED,
        (State.ISSUED, Event.ACTIVATE): State.ACTIVE,
        (State.ACTIVE, Event.BLOCK): State.BLOCKED,
        (State.BLOCKED, Event.UNBLOCK): State.ACTIVE,
        **{(state, Event.END): State.ENDED for state in State if state is not State.ENDED},
    }
)
LIVE = frozenset({State.ACTIVE, State.BLOCKED})


def transition(state: State, event: Event) -> State:
    """The state after `event`; IllegalTransition when the table holds no such step."""
    after = TRANSITIONS.get((state, event))
    if after is None:
        raise IllegalTransition(f"{state} -> {event}")
    return after


def steps(state: State) -> frozenset[Event]:
    """The events that a token in this state takes."""
    return frozenset(event for (before, event) in TRANSITIONS if before is state)


def may_unblock(reason: BlockReason) -> bool:
    """Whether a token blocked for this reason can come back: a lost or stolen one that turns up is never revived."""
    return reason not in (BlockReason.LOST, BlockReason.STOLEN)


def status_value(state: State, *, rights_changed: bool = False) -> int:
    """The two bits of a token in its status list: 0 valid, 1 invalid, 2 suspended, 3 signed rights no longer hold."""
    if state is State.ENDED:
        return INVALID
    if state is not State.ACTIVE:
        return SUSPENDED
    return RIGHTS_CHANGED if rights_changed else VALID

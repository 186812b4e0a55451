"""What a refusal means for the whole course of things on one card: again from the beginning, or an end with a name."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from cards.desfire.procedure import Procedure
from cards.desfire.status import ACTIONS, Action
from cards.errors import (
    AuthenticationFailed,
    CardDamaged,
    CardFault,
    CardFull,
    CardRefused,
    CardSwapped,
    Counterfeit,
    ForeignCard,
    MacMismatch,
    UnexpectedAnswer,
    WrongProduct,
)

T = TypeVar("T")
_ATTEMPTS = 3
_AGAIN = frozenset(
    {Action.ALREADY_DONE, Action.RESTART, Action.NOT_PERSONALISED, Action.RESUME_EXISTS, Action.RESUME_CREATE}
)
"""Every step is preceded by a look at the card, so beginning anew is resuming."""
_ONCE_MORE = frozenset({Action.RETRY_ONCE, Action.TRY_PREVIOUS_KEYS, Action.REJECT_PRODUCT})
"""Enough to tell a session that broke, by another card too, from a card that is not what it says."""
_ENDS: dict[Action, type[CardFault]] = {
    Action.REJECT_FULL: CardFull,
    Action.REJECT_PRODUCT: WrongProduct,
    Action.RETRY_ONCE: CardDamaged,
    Action.DAMAGED: CardDamaged,
}


@dataclass(slots=True)
class Subject:
    """The one chip that a course is about, from the first look at it."""

    uid: bytes | None
    ours: bool = False
    """Whether it shows our application."""

    def hold(self, uid: bytes) -> None:
        """The chip that lies there now has this `uid`; CardSwapped when it is another one than before."""
        if self.uid not in (None, uid):
            raise CardSwapped(uid.hex().upper())
        self.uid = uid

    @property
    def impostor(self) -> CardFault:
        """What it is when it does not have our keys."""
        return Counterfeit() if self.ours else ForeignCard()


def persistent(attempt: Callable[[Subject], Procedure[T]], uid: bytes | None) -> Procedure[T]:
    """`attempt`, again from its beginning where that helps, always on one chip: `uid`, or the first that is met.

    What the card says decides (the table of `cards.desfire.status`). A session that breaks off is tried again too:
    if another card came in between, the next look at it shows that.
    """
    subject = Subject(uid)
    for tried in range(_ATTEMPTS):
        try:
            return (yield from attempt(subject))
        except (AuthenticationFailed, CardRefused, MacMismatch, UnexpectedAnswer) as fault:
            if tried >= _worth(fault):
                raise _verdict(fault, subject) from fault
    raise AssertionError("the last attempt returns or raises")


def _worth(fault: CardFault) -> int:
    """How many more attempts `fault` is worth."""
    action = ACTIONS[fault.status] if isinstance(fault, CardRefused) else Action.RETRY_ONCE
    if action in _AGAIN:
        return _ATTEMPTS - 1
    return int(action in _ONCE_MORE)


def _verdict(fault: CardFault, subject: Subject) -> CardFault:
    if isinstance(fault, AuthenticationFailed):
        return subject.impostor
    if not isinstance(fault, CardRefused):
        return fault
    action = ACTIONS[fault.status]
    if action is Action.TRY_PREVIOUS_KEYS:
        return subject.impostor
    return _ENDS[action](fault.detail) if action in _ENDS else fault

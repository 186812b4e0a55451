"""The closed lists of reasons, and what each of them allows."""

from collections.abc import Iterable
from enum import StrEnum

from amis.issuing.errors import ReasonUnknown
from cards.token import BlockReason, EndReason


class UnblockReason(StrEnum):
    """Why a blocked token works again."""

    MISTAKE = "mistake"
    CLEARED = "cleared"
    HOLDER_REQUEST = "holder_request"


class ReplaceReason(StrEnum):
    """Why a token gets a successor."""

    LOST = "lost"
    STOLEN = "stolen"
    DAMAGED = "damaged"
    RIGHTS_CHANGED = "rights_changed"
    RENEWAL = "renewal"


class RequestReason(StrEnum):
    """Why a card is asked for."""

    FIRST = "first"
    LOST = "lost"
    STOLEN = "stolen"
    DAMAGED = "damaged"
    RENEWAL = "renewal"
    MOVED = "moved"


class Waiver(StrEnum):
    """Why a card costs nothing."""

    POLICE_REPORT = "police_report"
    OFFICE_FAULT = "office_fault"
    HARDSHIP = "hardship"
    CAMPAIGN = "campaign"
    NOT_RECEIVED = "not_received"


class Delivery(StrEnum):
    """How a card comes to its holder."""

    DESK = "desk"
    POST = "post"


class SpoilReason(StrEnum):
    """Why a chip is given up and another one is taken for the same card."""

    DEFECTIVE = "defective"
    MISPRINTED = "misprinted"
    WRONG_CARD = "wrong_card"


WAIVED_BY_HAND = (Waiver.OFFICE_FAULT, Waiver.HARDSHIP)
"""Waivers that a clerk chooses; the others follow from the application."""
SUCCEEDS = frozenset({RequestReason.LOST, RequestReason.STOLEN, RequestReason.DAMAGED, RequestReason.RENEWAL})
"""Reasons that speak of a card that the person has had."""
GONE = frozenset({BlockReason.LOST, BlockReason.STOLEN})
"""Reasons after which somebody else may hold the token."""
HELD = frozenset({BlockReason.MISUSE, BlockReason.OFFICE})
"""Blocks that stand against the holder: until they are lifted there is no way to a working token."""
ENDED_BY_HAND = (EndReason.RETURNED, EndReason.DAMAGED, EndReason.LOST, EndReason.STOLEN)
"""Ends that a person decides; the others follow from what happened."""


def of_list(given: str, known: Iterable[str], field: str = "reason") -> str:
    """`given` if it is one of `known`; `field` is where it was chosen.

    Raises:
        ReasonUnknown
    """
    if given not in tuple(known):
        raise ReasonUnknown(pointer=f"/{field}")
    return given

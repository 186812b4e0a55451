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


GONE = frozenset({BlockReason.LOST, BlockReason.STOLEN})
"""Reasons after which somebody else may hold the token."""
HELD = frozenset({BlockReason.MISUSE, BlockReason.OFFICE})
"""Blocks that stand against the holder: until they are lifted there is no way to a working token."""
ENDED_BY_HAND = (EndReason.RETURNED, EndReason.DAMAGED, EndReason.LOST, EndReason.STOLEN)
"""Ends that a person decides; the others follow from what happened."""


def of_list(given: str, known: Iterable[str]) -> str:
    """`given` if it is one of `known`.

    Raises:
        ReasonUnknown
    """
    if given not in tuple(known):
        raise ReasonUnknown(pointer="/reason")
    return given

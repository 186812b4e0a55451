"""A DESFire card without a chip: in memory, or on a virtual reader of the PC/SC service."""

from cards.simcard.card import VirtualCard
from cards.simcard.version import Version

__all__ = ["Version", "VirtualCard"]

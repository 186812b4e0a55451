"""Advisory locks with a fixed number, in one list, so that no two purposes share one."""

from enum import IntEnum


class Lock(IntEnum):
    """What is locked. Locks on single persons and accounts use 64-bit hashes instead."""

    SEQUENCER = 1
    STATUS_LIST_NUMBERS = 2
    RULES = 3  # with the number of the municipality
    SETTLEMENT = 4  # with the number of the municipality
    STOCK = 5  # with the number of the municipality
    BUNDLE = 6  # the one publisher of what terminals carry

"""A pretend source at work in memory: what it plans, without anybody to send it to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from sync.pretend.desk import EVENT_WAYS, FILE_WAYS
from sync.pretend.exchange import Exchange
from sync.pretend.player import Player
from sync.simulator import Simulator

AT = datetime(2026, 3, 10, 8, 0, tzinfo=UTC)
ALL_WAYS = (*EVENT_WAYS, *FILE_WAYS)


def player(
    seed: int = 1, persons: int = 200, ways: Sequence[str] = ALL_WAYS, mischief: float = 0.0, *, loaded: bool = True
) -> tuple[Player, list[Exchange]]:
    """A player and what it planned for its first load."""
    made = Player(Simulator("sopa", seed, persons, AT.date()), seed, ways, mischief, ("v1", "v1a", "both"))
    return made, list(made.first_load(AT)) if loaded else []

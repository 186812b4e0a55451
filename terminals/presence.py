"""Telling the service that the terminal is there and what it holds; the answer tells the time."""

from collections.abc import Callable
from datetime import datetime, timedelta
from importlib.metadata import version
from typing import Any

import httpx

from terminals.bundle.holding import Holding
from terminals.clock import Clock, elapsed
from terminals.errors import AnswerUnreadable, Refused
from terminals.journal import Journal
from terminals.link import Link
from terminals.message import JSON, compact

PRESENCE = "/terminal/v1/presence"
SOFTWARE = f"amis-terminal {version('amis-concessions')}"


class Presence:
    """What one terminal says of itself."""

    def __init__(self, link: Link, holding: Callable[[], Holding], journal: Journal, clock: Clock) -> None:
        """`clock` is put right by the answers."""
        self._link = link
        self._holding = holding
        self._journal = journal
        self._clock = clock

    async def tell(self) -> timedelta:
        """Says what is held and how much waits; how far the wall clock is ahead of the service's.

        Raises:
            Unreachable, Refused, Revoked, AnswerUnreadable
        """
        asked, wall = elapsed(), self._clock.wall()
        response = await self._link.ask("POST", PRESENCE, compact(self._content(wall)), JSON)
        if response.status_code != httpx.codes.OK:
            raise Refused(f"{response.status_code} {response.text}")
        told, took = _now(response), elapsed() - asked
        self._clock.tell(told, took)
        return wall - told

    def _content(self, wall: datetime) -> dict[str, Any]:
        head, holding = self._journal.head(), self._holding()
        held = holding.seq
        state = holding.hash.hex() if held is not None and holding.hash is not None else None
        journal = {"seq": head.seq, "hash": head.hash} if head.pos else None
        content = {"held": held, "hash": state, "at": wall.isoformat(), "journal": journal}
        return content | {"waiting": self._journal.waiting(), "software": SOFTWARE}


def _now(response: httpx.Response) -> datetime:
    try:
        now = datetime.fromisoformat(response.json()["now"])
    except (ValueError, KeyError, TypeError) as error:
        raise AnswerUnreadable(type(error).__name__) from error
    if now.tzinfo is None:
        raise AnswerUnreadable("a time without its offset")
    return now

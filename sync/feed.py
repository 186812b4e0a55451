"""Reading what flows out: the receiver's feed, entry by entry without a gap, from where the last run stopped."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sync.door import Ask, Door, read_object
from sync.errors import AnswerUnreadable, CursorTooOld, CursorUnreadable, FeedGap, RequestRefused

FEED = "/sync/v1/feed"
WAIT = 25
"""Seconds that the receiver may keep a question open until there is something to tell."""
_MARGIN = 15.0


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One thing that became true, numbered without gaps; `subject` names whom, in the receiver's own words."""

    seq: int
    id: str
    topic: str
    subject: str | None
    at: datetime
    data: Any


@dataclass(frozen=True, slots=True)
class Page:
    """Entries in order, the place after them, and the newest number there is."""

    entries: tuple[FeedEntry, ...]
    next: int
    head: int


class Cursor:
    """A file with the number of the last entry that was dealt with; a new one begins before the first."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> int:
        """Raises `CursorUnreadable`."""
        if not self._path.exists():
            return 0
        text = self._path.read_text(encoding="ascii", errors="replace").strip()
        if not (text.isascii() and text.isdigit()):
            raise CursorUnreadable(str(self._path))
        return int(text)

    def keep(self, seq: int) -> None:
        """Durably, all or nothing: an entry may come twice after a crash, never not at all."""
        draft = self._path.with_suffix(".new")
        with draft.open("w", encoding="ascii") as file:
            file.write(f"{seq}\n")
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._path)


@dataclass(frozen=True, slots=True)
class FeedClient:
    """One reader of the feed, of all topics or some."""

    door: Door
    topics: Sequence[str] = ()
    limit: int = 500

    async def page(self, after: int, wait: int = WAIT) -> Page:
        """The entries after this number; waits so many seconds for the first of them.

        Raises:
            CursorTooOld: the receiver keeps them no longer.
            FeedGap: a number is left out.
        """
        params: dict[str, str | list[str]] = {"after": str(after), "wait": str(wait), "limit": str(self.limit)}
        if self.topics:
            params["topic"] = list(self.topics)
        try:
            response = await self.door.ask(Ask("GET", FEED, params, timeout=wait + _MARGIN))
        except RequestRefused as refused:
            if refused.status == 410:
                raise CursorTooOld(410, refused.problem) from refused
            raise
        page = _page(read_object(response))
        self._expect_dense(after, page)
        return page

    def _expect_dense(self, after: int, page: Page) -> None:
        seqs = [entry.seq for entry in page.entries]
        # With a choice of topics numbers are left out on purpose; the order still has to be right.
        dense = seqs == list(range(after + 1, after + 1 + len(seqs)))
        if not (sorted(set(seqs)) == seqs if self.topics else dense):
            raise FeedGap(f"after {after} came {seqs[:3]}")


def _page(answer: Mapping[str, Any]) -> Page:
    try:
        return Page(tuple(_entry(line) for line in answer["entries"]), int(answer["next"]), int(answer["head"]))
    except (KeyError, TypeError, ValueError) as error:
        raise AnswerUnreadable(f"the answer is no page of a feed: {error}") from None


def _entry(line: Mapping[str, Any]) -> FeedEntry:
    at = datetime.fromisoformat(line["at"])
    return FeedEntry(int(line["seq"]), str(line["id"]), line["topic"], line.get("subject"), at, line.get("data"))

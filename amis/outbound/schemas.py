"""What the API says of the feed."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from amis.kernel.feed import Entry
from amis.outbound.reading import Page
from amis.outbound.store import records_for


class FeedEntry(BaseModel):
    """Something that happened: `seq` without gaps, `id` of the event, `subject` the person, opaque."""

    seq: int
    id: UUID
    topic: str
    subject: UUID | None
    at: datetime
    data: dict[str, Any]
    records: list[str] | None = Field(
        description="For a source: its own record ids of the person; null for others and where nobody is meant."
    )

    @classmethod
    def of(cls, entry: Entry, page: Page) -> "FeedEntry":
        """One entry of a page."""
        known = records_for(entry, page.records)
        records = None if known is None else list(known)
        return cls(
            seq=entry.seq,
            id=entry.ref,
            topic=entry.topic,
            subject=entry.subject,
            at=entry.at,
            data=entry.data,
            records=records,
        )


class FeedPage(BaseModel):
    """Entries in order; ask again with `after` = `next`. `head` is the newest number there was."""

    entries: list[FeedEntry]
    next: int
    head: int

    @classmethod
    def of(cls, page: Page) -> "FeedPage":
        """The answer."""
        return cls(entries=[FeedEntry.of(entry, page) for entry in page.entries], next=page.next, head=page.head)

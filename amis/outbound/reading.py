"""Reading the feed: what a caller may see of it, and how far each has come."""

from collections.abc import Collection, Container, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from sqlalchemy import or_
from sqlalchemy.dialects.postgresql import insert

from amis.kernel import feed
from amis.kernel.db import Transaction
from amis.kernel.feed import Entry
from amis.outbound import store
from amis.outbound.errors import FeedGone
from amis.outbound.models import FeedConsumer

NOTED_EVERY = timedelta(seconds=10)
"""How often it is written down that somebody asked for the same number again."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some entries, the number to ask for next, and the feed's newest.

    `records`, for a source: by person, its own ids of what it has stated of them.
    """

    entries: Sequence[Entry]
    next: int
    head: int
    records: Mapping[UUID, Sequence[str]] | None


async def read_feed(tx: Transaction, after: int, limit: int, topics: Collection[str]) -> Page:
    """What comes after a number, at most `limit` entries.

    Of others' notices, and of persons of whom it has stated nothing, a source sees only that something is there.

    Raises:
        FeedGone: some of it is no longer kept, or this feed has never got that far.
    """
    reach = await feed.reach(tx)
    if not reach.gone <= after <= reach.head:
        raise FeedGone(f"kept are entries after {reach.gone}, the newest is {reach.head}")
    found = await feed.entries(tx, after, limit, topics)
    # What was looked at is behind the reader; of a feed read to its end that is all there is.
    upto = found[-1].seq if len(found) == limit else max(reach.head, found[-1].seq if found else 0)
    if tx.actor.kind != "machine":
        return Page(found, upto, reach.head, None)
    sources = await store.sources_of_machine(tx, UUID(tx.actor.id))
    known = await store.records_of(tx, sources.values(), found)
    told = [entry if _is_for(entry, sources, known) else replace(entry, subject=None, data={}) for entry in found]
    return Page(told, upto, reach.head, known)


def _is_for(entry: Entry, sources: Mapping[str, str], known: Container[UUID | None]) -> bool:
    """Whether a machine may read it; one that speaks for no source follows all persons, and no notices."""
    if entry.topic.startswith("notice."):
        return entry.data["sender_id"] in sources
    return not sources or entry.subject in known


async def note_reader(tx: Transaction, after: int) -> None:
    """Remembers that the caller has everything up to `after`."""
    actor = tx.actor
    who = {"municipality_id": tx.municipality_id, "kind": actor.kind, "name": actor.id}
    row = insert(FeedConsumer).values(**who, label=actor.label, after=after, asked_at=tx.at)
    given = row.excluded
    changed = or_(FeedConsumer.after != given.after, FeedConsumer.asked_at < given.asked_at - NOTED_EVERY)
    taken = {"label": given.label, "after": given.after, "asked_at": given.asked_at}
    await tx.session.execute(row.on_conflict_do_update(index_elements=list(who), set_=taken, where=changed))

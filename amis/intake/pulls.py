"""Which sources are asked for what changed, and how."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from amis.intake import store
from amis.intake.errors import PullUnknown
from amis.intake.pull_address import read_address
from amis.intake.pull_models import Pull
from amis.kernel import audit
from amis.kernel.db import Transaction
from amis.kernel.keys import STAFF, keystore
from amis.kernel.settings import settings
from amis.kernel.way_out import Destination, in_development


@dataclass(frozen=True, slots=True, repr=False)
class Question:
    """What a source is asked: from where on, and the bearer that it knows us by, if any."""

    sender_id: UUID
    to: Destination
    cursor: str
    bearer: str


async def set_pull(tx: Transaction, sender_id: UUID, url: str, every: timedelta, bearer: str = "") -> None:
    """Has a source asked `every` so long from now on; an address that is set anew is asked from the beginning.

    Raises:
        SenderUnknown, PullAddressRefused
    """
    read_address(url, development=_development())
    sender = await store.get_sender(tx, sender_id)
    known = await tx.session.get(Pull, sender_id)
    if known is not None:
        await tx.session.delete(known)
        await tx.session.flush()
    sealed = keystore().wrap(STAFF, bearer.encode(), _place(sender_id)) if bearer else None
    pull = Pull(sender_id=sender.id, municipality_id=tx.municipality_id, url=url, every=every, bearer=sealed)
    tx.session.add(pull)
    await tx.session.flush()
    after = {"url": url, "minutes": every.total_seconds() / 60, "bearer": bool(bearer)}
    await audit.record(tx, "sender.pull", ("sender", sender.id), after=after)


async def stop_pull(tx: Transaction, sender_id: UUID) -> None:
    """Has a source asked no more.

    Raises:
        PullUnknown
    """
    await tx.session.delete(await get_pull(tx, sender_id))
    await audit.record(tx, "sender.stop_pull", ("sender", sender_id))


async def get_pull(tx: Transaction, sender_id: UUID, *, lock: bool = False) -> Pull:
    """How a source is asked.

    Raises:
        PullUnknown
    """
    query = select(Pull).where(Pull.municipality_id == tx.municipality_id, Pull.sender_id == sender_id)
    found = await tx.session.scalar(query.with_for_update() if lock else query)
    if found is None:
        raise PullUnknown
    return found


def question(pull: Pull) -> Question:
    """What is to be asked now."""
    to = read_address(pull.url, development=_development())
    bearer = keystore().unwrap(STAFF, pull.bearer, _place(pull.sender_id)).decode() if pull.bearer else ""
    return Question(pull.sender_id, to, pull.cursor, bearer)


def _development() -> bool:
    return in_development(settings().public_url)


def _place(sender_id: UUID) -> bytes:
    return b"notice_pull|bearer|" + sender_id.bytes

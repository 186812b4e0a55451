"""Asking a source what changed since it was asked last; what it says becomes a batch like any other.

    GET <address>?since=<cursor>            Accept: application/x-ndjson   Authorization: Bearer <as agreed>
    200  Content-Type: application/x-ndjson (or text/csv)   Next-Cursor: <1 to 500 visible characters>
         rows as in a file of statuses; no rows, or 204: nothing new

The cursor is the source's own word, empty at first. The rows and the cursor after them are kept in one transaction, so
a source that is asked again after a crash repeats at most what was never kept.
"""

import asyncio
import re
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from uuid import UUID

import httpx

from amis.intake import batches, store
from amis.intake.batches import Delivery
from amis.intake.errors import PullFailed
from amis.intake.pull_address import since
from amis.intake.pulls import Question, get_pull, question
from amis.intake.raw_files import Incoming, Stored
from amis.kernel.actor import Actor, system
from amis.kernel.db import transaction
from amis.kernel.ids import new_id
from amis.kernel.way_out import WayOut
from sync.rows import MEDIA_TYPES

TIMEOUT = 60
"""Seconds from the look-up of the name to the last byte."""
LARGEST = 64 * 1024 * 1024
"""Bytes of one answer; a source with more to say says it in several."""
MOST_ANSWERS = 20
"""Answers that are taken one after the other before others have their turn."""
_CURSOR = re.compile(r"[!-~]{1,500}")
_PIECE = 1024 * 1024


class Step(StrEnum):
    """What asking came to: rows were kept, there was nothing new, somebody else was quicker, or it failed."""

    KEPT = "kept"
    NOTHING = "nothing"
    OVERTAKEN = "overtaken"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Answer:
    """A kept answer: its file, None for one without rows, its format and the cursor after it."""

    stored: Stored | None
    format: str
    cursor: str


async def pull(sender_id: UUID, municipality_id: int, folder: Path, way: WayOut) -> Step:
    """Asks a source until it has nothing new; a failure is remembered and tried again when its time comes.

    Raises:
        PullUnknown
    """
    actor, last = system("pull", municipality_id), Step.NOTHING
    for _ in range(MOST_ANSWERS):
        asked = await _begin(actor, sender_id)
        if asked is None:
            return last
        try:
            answer = await _ask(asked, folder, way)
        except PullFailed as failed:
            await _note(actor, sender_id, failed.detail)
            return Step.FAILED
        step = await _keep(actor, asked, answer)
        if step is not Step.KEPT:
            return step if last is Step.NOTHING else last
        last = step
    return last


async def _begin(actor: Actor, sender_id: UUID) -> Question | None:
    """What to ask; None of a sender that is not to be heard at present."""
    async with transaction(actor) as tx:
        found = await get_pull(tx, sender_id, lock=True)
        if (await store.get_sender(tx, sender_id)).state != "active":
            return None
        found.asked_at = tx.at
        return question(found)


async def _ask(asked: Question, folder: Path, way: WayOut) -> Answer:
    to = replace(asked.to, target=since(asked.to.target, asked.cursor))
    headers = {"accept": ", ".join(MEDIA_TYPES)} | ({"authorization": f"Bearer {asked.bearer}"} if asked.bearer else {})
    try:
        async with asyncio.timeout(TIMEOUT), way.exchange("GET", to, headers) as response:
            return await _read(response, asked.cursor, folder)
    except TimeoutError:
        raise PullFailed(f"no answer within {TIMEOUT} s") from None
    except (OSError, httpx.HTTPError, UnicodeError) as error:
        raise PullFailed(str(error)[:200] or type(error).__name__) from error


async def _read(response: httpx.Response, before: str, folder: Path) -> Answer:
    cursor = response.headers.get("next-cursor", "")
    if response.status_code == httpx.codes.NO_CONTENT:
        return Answer(None, "", cursor if _CURSOR.fullmatch(cursor) else before)
    fmt = MEDIA_TYPES.get(response.headers.get("content-type", "").partition(";")[0].strip().lower())
    if response.status_code != httpx.codes.OK:
        raise PullFailed(f"the answer is {response.status_code}")
    if fmt is None:
        raise PullFailed("the answer is neither NDJSON nor CSV")
    incoming = Incoming(folder, new_id())
    try:
        size = await _written(response, incoming)
        if size == 0:
            return Answer(None, fmt, cursor if _CURSOR.fullmatch(cursor) else before)
        if not _CURSOR.fullmatch(cursor) or cursor == before:
            raise PullFailed("the answer has rows and no new cursor")
        return Answer(await asyncio.to_thread(incoming.finish), fmt, cursor)
    finally:
        incoming.discard()


async def _written(response: httpx.Response, incoming: Incoming) -> int:
    """The bytes that came; what is only white space is nothing."""
    size, blank = 0, True
    async for piece in response.aiter_raw(_PIECE):
        size, blank = size + len(piece), blank and not piece.strip()
        if size > LARGEST:
            raise PullFailed(f"the answer has more than {LARGEST} bytes")
        await asyncio.to_thread(incoming.write, piece)
    return 0 if blank else size


async def _keep(actor: Actor, asked: Question, answer: Answer) -> Step:
    """Rows and cursor, both or neither."""
    async with transaction(actor) as tx:
        found = await get_pull(tx, asked.sender_id, lock=True)
        if found.cursor != asked.cursor:
            return Step.OVERTAKEN
        found.cursor, found.answered_at, found.fault = answer.cursor, tx.at, None
        if answer.stored is None:
            return Step.NOTHING
        sender = await store.get_sender(tx, asked.sender_id)
        await batches.receive(tx, sender, answer.stored, Delivery("delta", answer.format, "pull"))
    return Step.KEPT


async def _note(actor: Actor, sender_id: UUID, fault: str) -> None:
    async with transaction(actor) as tx:
        (await get_pull(tx, sender_id, lock=True)).fault = fault

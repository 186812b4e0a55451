"""The printer of a desk: the next job goes there as a PDF, and what the desk says of it is kept."""

from contextlib import suppress
from uuid import UUID

from amis.issuing import print_queue
from amis.issuing.desk_line import DeskLine
from amis.issuing.errors import PrintJobUnknown
from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.kernel.errors import AmisError
from cards.desk.message import Print


async def print_next(line: DeskLine, actor: Actor, desk_id: UUID) -> None:
    """Sends the oldest job that waits, unless one is being printed.

    Raises:
        LineGone
    """
    async with transaction(actor) as tx:
        job = await print_queue.next_print_job(tx, desk_id)
    if job is None:
        return
    try:
        async with transaction(actor) as tx:
            document = await print_queue.print_document(tx, job)
    except AmisError as error:
        async with transaction(actor) as tx:
            await print_queue.printed(tx, job.id, error.title)
    else:
        await line.say(Print(str(job.id), document))


async def hear(line: DeskLine, actor: Actor) -> None:
    """Keeps how the jobs ended that the desk has answered for; an answer about no job of ours is nothing."""
    while line.printed:
        said = line.printed.pop(0)
        if (job_id := _id(said.job)) is not None:
            with suppress(PrintJobUnknown):
                async with transaction(actor) as tx:
                    await print_queue.printed(tx, job_id, said.error)


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None

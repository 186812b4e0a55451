"""What the printers of the desks are to print: card faces and letters, one after another at each desk.

The desk's connection takes the next job, sends it and hears how it ended. A job that was sent and not answered for is
never sent again by itself: the card may lie in the tray, and blank cards are counted.
"""

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from sqlalchemy import Select, select
from starlette.concurrency import run_in_threadpool

from amis.issuing.card_models import Desk
from amis.issuing.card_prints import card_letter_of, face_of, printable
from amis.issuing.errors import DeskUnknown, PrinterMissing, PrintGoesOn, PrintJobUnknown
from amis.issuing.stock_models import PrintJob
from amis.kernel import audit
from amis.kernel.db import Transaction
from amis.kernel.ids import new_id

PrintKind = Literal["face", "letter"]
PURPOSE = "card print"
"""Why a holder's data are opened by the printing itself; who asked for it is in the audit trail of the job."""
LONGEST = 500
"""Letters of a printer's message that are kept."""
SHOWN = 50
"""Jobs that a list shows."""


async def queue_print(tx: Transaction, token_id: UUID, desk_id: UUID, kind: PrintKind) -> PrintJob:
    """Asks the printer of a desk for the face of a card whose chip is written, or for the letter that goes with it.

    Raises:
        TokenUnknown, NotEncoded, DeskUnknown, PrinterMissing, PrintGoesOn: the same waits there already.
    """
    await printable(tx, token_id)
    desk = await tx.session.get(Desk, desk_id)
    if desk is None or desk.municipality_id != tx.municipality_id:
        raise DeskUnknown(pointer="/desk")
    if not desk.printer:
        raise PrinterMissing
    if any(job.kind == kind and job.state in ("queued", "sent") for job in await jobs_of(tx, token_id)):
        raise PrintGoesOn
    job = PrintJob(
        id=new_id(),
        municipality_id=tx.municipality_id,
        desk_id=desk_id,
        token_id=token_id,
        kind=kind,
        state="queued",
        message="",
        asked_at=tx.at,
    )
    tx.session.add(job)
    after = {"token": str(token_id), "desk": str(desk_id), "kind": kind}
    await audit.record(tx, "print.ask", ("print_job", job.id), after=after)
    return job


async def next_print_job(tx: Transaction, desk_id: UUID) -> PrintJob | None:
    """The oldest job that waits at a desk, from now on sent; None while the desk prints or has nothing to print."""
    own = PrintJob.desk_id == desk_id
    if await tx.session.scalar(_jobs(tx).where(own, PrintJob.state == "sent").limit(1)) is not None:
        return None
    waiting = _jobs(tx).where(own, PrintJob.state == "queued").order_by(PrintJob.asked_at, PrintJob.id).limit(1)
    job = await tx.session.scalar(waiting.with_for_update(skip_locked=True))
    if job is not None:
        job.state = "sent"
        await tx.session.flush()
    return job


async def print_document(tx: Transaction, job: PrintJob) -> bytes:
    """The PDF of a job.

    Raises:
        NotEncoded: the card has ended meanwhile. PersonErased
    """
    return await document_of(tx, job.token_id, _kind(job))


async def document_of(tx: Transaction, token_id: UUID, kind: PrintKind) -> bytes:
    """The face of a card, or the letter that goes with it, as a PDF; whose it is is opened, and that is logged.

    Raises:
        TokenUnknown, NotEncoded, PersonErased
    """
    # Imported with the first job: the PDF library would add 35 MB to every web process.
    from cards.artwork import letter
    from cards.artwork_face import face

    if kind == "face":
        return await run_in_threadpool(face, await face_of(tx, token_id, PURPOSE))
    return await run_in_threadpool(letter, await card_letter_of(tx, token_id, PURPOSE))


async def printed(tx: Transaction, job_id: UUID, error: str | None = None) -> None:
    """The desk says how a job that was sent to it ended; said again, or of another job, it changes nothing.

    Raises:
        PrintJobUnknown
    """
    job = await _lock(tx, job_id)
    if job.state == "sent":
        await _end(tx, job, error)


async def desk_left(tx: Transaction, desk_id: UUID) -> None:
    """The connection of a desk ended: nobody will say how its job ended, so somebody has to look."""
    await _end_all(tx, desk_id, ("sent",), "connection lost")


async def desk_revoked(tx: Transaction, desk_id: UUID) -> None:
    """The desk is gone for good: what waits there is not printed, and may be printed elsewhere."""
    await _end_all(tx, desk_id, ("queued", "sent"), "desk revoked")


async def print_again(tx: Transaction, job_id: UUID) -> PrintJob:
    """A new job like one that failed or was printed.

    Raises:
        PrintJobUnknown, and what `queue_print` raises.
    """
    job = await _lock(tx, job_id)
    return await queue_print(tx, job.token_id, job.desk_id, _kind(job))


async def jobs_of(tx: Transaction, token_id: UUID) -> Sequence[PrintJob]:
    """What was printed of a card, newest first."""
    query = _jobs(tx).where(PrintJob.token_id == token_id)
    return (await tx.session.scalars(query.order_by(PrintJob.asked_at.desc(), PrintJob.id.desc()))).all()


async def jobs_at(tx: Transaction, desk_id: UUID) -> Sequence[PrintJob]:
    """The newest jobs of a desk, newest first."""
    query = _jobs(tx).where(PrintJob.desk_id == desk_id)
    return (await tx.session.scalars(query.order_by(PrintJob.asked_at.desc(), PrintJob.id.desc()).limit(SHOWN))).all()


def _kind(job: PrintJob) -> PrintKind:
    return "face" if job.kind == "face" else "letter"


def _jobs(tx: Transaction) -> Select[PrintJob]:
    query = select(PrintJob).where(PrintJob.municipality_id == tx.municipality_id)
    return query.execution_options(populate_existing=True)


async def _lock(tx: Transaction, job_id: UUID) -> PrintJob:
    job = await tx.session.scalar(_jobs(tx).where(PrintJob.id == job_id).with_for_update())
    if job is None:
        raise PrintJobUnknown
    return job


async def _end_all(tx: Transaction, desk_id: UUID, states: Sequence[str], error: str) -> None:
    for job in await tx.session.scalars(_jobs(tx).where(PrintJob.desk_id == desk_id, PrintJob.state.in_(states))):
        await _end(tx, job, error)


async def _end(tx: Transaction, job: PrintJob, error: str | None) -> None:
    job.state = "printed" if error is None else "failed"
    job.message, job.done_at = (error or "")[:LONGEST], tx.at
    await audit.record(tx, "print.end", ("print_job", job.id), after={"state": job.state}, reason=job.message)

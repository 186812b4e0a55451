"""Reads for the pages of files of rows: the list, what was refused of one and why, and who loses by a held one."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, func, select

from amis.intake.batch_models import Batch
from amis.intake.models import Arrival, Quarantined, Sender
from amis.kernel.db import Transaction
from amis.register import store as register
from amis.register.models import Fact
from amis.register.store import PersonSummary
from amis.staff.machine_store import list_machines
from amis.staff.store import list_accounts

PAGE = 50
"""Files, or refused rows, on one page."""
MOST_TOLD = 10_000
"""Refused rows in one downloaded list."""
REFUSED = ("rejected", "conflict", "held", "unsupported")
"""Verdicts of rows that somebody should look at."""


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that was refused: why, and where it waits in quarantine, None if it is not kept there singly."""

    arrival: Arrival
    quarantined_id: UUID | None
    state: str | None


@dataclass(frozen=True, slots=True)
class WhyRefused:
    """How many rows of a file were refused for one reason."""

    code: str | None
    count: int


@dataclass(frozen=True, slots=True)
class Loser:
    """A person, masked, who would lose a fact by a snapshot; None for one whose data are erased."""

    person: PersonSummary | None
    kind: str
    value: str | None


async def batches(
    tx: Transaction, sender_id: UUID | None, states: Collection[str], page: int
) -> tuple[Sequence[Batch], int]:
    """One page of files, the newest first, of this sender and in these states if any are named; and how many in all."""
    query = select(Batch).where(Batch.municipality_id == tx.municipality_id)
    query = query.where(Batch.sender_id == sender_id) if sender_id else query
    query = query.where(Batch.state.in_(states)) if states else query
    count = await tx.session.scalar(select(func.count()).select_from(query.subquery()))
    ordered = query.order_by(Batch.received_at.desc(), Batch.id.desc())
    return (await tx.session.scalars(ordered.limit(PAGE).offset(PAGE * (page - 1)))).all(), count or 0


async def refused_rows(tx: Transaction, batch_id: UUID, page: int = 1, size: int = PAGE) -> list[RefusedRow]:
    """One page of the rows of a file that were refused, in the order of the file."""
    query = (
        select(Arrival, Quarantined.id, Quarantined.state)
        .outerjoin(Quarantined, (Quarantined.arrival_id == Arrival.id) & (Quarantined.batch_id == batch_id))
        .where(*_refused(tx, batch_id))
        .order_by(Arrival.row_no, Arrival.id)
    )
    rows = await tx.session.execute(query.limit(size).offset(size * (page - 1)))
    return [RefusedRow(arrival, quarantined_id, state) for arrival, quarantined_id, state in rows]


async def why_refused(tx: Transaction, batch_id: UUID) -> list[WhyRefused]:
    """The reasons for which rows of a file were refused, the most frequent first."""
    counted = select(Arrival.error_code, func.count()).where(*_refused(tx, batch_id)).group_by(Arrival.error_code)
    rows = await tx.session.execute(counted.order_by(func.count().desc(), Arrival.error_code))
    return [WhyRefused(*row) for row in rows]


async def losers(tx: Transaction, batch: Batch, sender: Sender) -> list[Loser]:
    """The persons of the sample that a held snapshot keeps, masked, with what each would lose."""
    sample = list((batch.diff or {}).get("sample", ()))
    of_sample = Fact.municipality_id == tx.municipality_id, Fact.source == sender.source, Fact.record_id.in_(sample)
    facts = (await tx.session.scalars(select(Fact).where(*of_sample, Fact.recorded_to.is_(None)))).all()
    persons = await register.summaries(tx, {fact.person_id for fact in facts})
    return [Loser(persons.get(fact.person_id), fact.kind, fact.value) for fact in facts]


async def names_of(tx: Transaction) -> dict[str, str]:
    """What members of staff and machines are called, by id."""
    staff = {str(account.id): account.name for account, _ in await list_accounts(tx)}
    return staff | {str(machine.id): machine.label for machine, _ in await list_machines(tx)}


def _refused(tx: Transaction, batch_id: UUID) -> tuple[ColumnElement[bool], ...]:
    own = Arrival.municipality_id == tx.municipality_id, Arrival.batch_id == batch_id
    return *own, Arrival.row_no.is_not(None), Arrival.verdict.in_(REFUSED)

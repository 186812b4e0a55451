"""The documents of `avis_documents`, read from the register and the ledgers."""

from collections.abc import AsyncIterator, Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import text

from amis.concessions import store as concessions
from amis.kernel.db import Transaction
from amis.outbound import avis_documents as documents
from amis.outbound.export_file import Row
from amis.outbound.month_exports import Asked, settled, uses

_ASSIGNMENTS = """
SELECT entitlement.id, person_id, grantor.code AS grantor, concession.code AS concession,
    ARRAY(SELECT ARRAY[lower(part), upper(part) - 1] FROM unnest(periods) AS part ORDER BY part) AS days,
    ARRAY(SELECT ARRAY[lower(part), upper(part) - 1] FROM unnest(suspended) AS part ORDER BY part) AS suspended
FROM entitlement
    JOIN municipality AS grantor ON grantor.id = entitlement.grantor_id
    JOIN concession ON concession.id = entitlement.concession_id
WHERE entitlement.municipality_id = :own AND (until_day IS NULL OR until_day > :today)
ORDER BY entitlement.id
"""
_TOKENS = """
SELECT id, person_id, kind, number, state, valid_from, valid_to FROM token
WHERE municipality_id = :own AND state <> 'ended' ORDER BY id
"""
_EXACT = Decimal("0.0001")


class Kind(StrEnum):
    """Which documents are asked for; the last two are of a provider's month."""

    RELIEF_INSTRUCTION = "relief-instructions"
    ASSIGNMENT = "assignments"
    MEANS = "means-of-identification"
    USE_REPORT = "use-reports"
    SETTLEMENT = "settlements"


async def relief_instructions(tx: Transaction) -> AsyncIterator[Row]:
    """Every revision of the terms of every concession that is readable here."""
    grantors = await concessions.grantors(tx)
    for one in await concessions.list_concessions(tx):
        for terms in one.revisions:
            yield _told(
                documents.ReliefInstruction(
                    grantor=grantors[one.municipality_id].code,
                    concession=one.code,
                    revision=terms.revision,
                    name=one.name_lv,
                    legal_basis=one.legal_basis,
                    funder=one.funder,
                    days=_days(terms.valid_from, terms.valid_to and terms.valid_to - timedelta(days=1)),
                    discount=terms.discount,
                    quota=terms.quota,
                    terms=terms.terms,
                )
            )


async def assignments(tx: Transaction) -> AsyncIterator[Row]:
    """What persons of the municipality have today or later."""
    found = await tx.session.stream(text(_ASSIGNMENTS), {"own": tx.municipality_id, "today": tx.day})
    async for row in found:
        yield _told(
            documents.Assignment(
                id=row.id,
                person=row.person_id,
                grantor=row.grantor,
                concession=row.concession,
                days=[_days(*days) for days in row.days],
                suspended=[_days(*days) for days in row.suspended],
            )
        )


async def means_of_identification(tx: Transaction) -> AsyncIterator[Row]:
    """The tokens of the municipality that have not ended."""
    found = await tx.session.stream(text(_TOKENS), {"own": tx.municipality_id})
    async for row in found:
        yield _told(
            documents.MeansOfIdentification(
                id=row.id,
                person=row.person_id,
                kind=row.kind,
                number=row.number,
                state=row.state,
                days=_days(row.valid_from, row.valid_to - timedelta(days=1)),
            )
        )


async def use_reports(tx: Transaction, asked: Asked) -> AsyncIterator[Row]:
    """The uses of a provider's month."""
    async for row in uses(tx, asked):
        yield _told(
            documents.UseReport(
                id=row["use_id"],
                at=row["at"],
                provider=asked.provider,
                place=row["place"],
                grantor=row["grantor"],
                concession=row["concession"],
                gross=_euros(row["gross_eur"]),
                payable=_euros(row["payable_eur"]),
                discount=_euros(row["discount_eur"]),
                companions=row["companions"],
                reverses=row["reverses"],
            )
        )


async def settlements(tx: Transaction, asked: Asked) -> AsyncIterator[Row]:
    """The settlement of a provider's month."""
    async for row in settled(tx, asked):
        kept = {name: row[name] for name in ("month", "state", "kind", "provider", "grantor", "concession", "funder")}
        yield _told(documents.Settlement(**kept, uses=row["uses"], discount=_euros(row["discount_eur"])))


STANDING: Mapping[Kind, Callable[[Transaction], AsyncIterator[Row]]] = {
    Kind.RELIEF_INSTRUCTION: relief_instructions,
    Kind.ASSIGNMENT: assignments,
    Kind.MEANS: means_of_identification,
}
"""What stands now."""
OF_MONTH: Mapping[Kind, Callable[[Transaction, Asked], AsyncIterator[Row]]] = {
    Kind.USE_REPORT: use_reports,
    Kind.SETTLEMENT: settlements,
}
"""What a provider's month came to."""
COLUMNS: Mapping[Kind, tuple[str, ...]] = {
    Kind.RELIEF_INSTRUCTION: tuple(documents.ReliefInstruction.model_fields),
    Kind.ASSIGNMENT: tuple(documents.Assignment.model_fields),
    Kind.MEANS: tuple(documents.MeansOfIdentification.model_fields),
    Kind.USE_REPORT: tuple(documents.UseReport.model_fields),
    Kind.SETTLEMENT: tuple(documents.Settlement.model_fields),
}


def _told(document: documents.Document) -> dict[str, Any]:
    return document.model_dump(mode="json")


def _days(first: date, last: date | None) -> documents.Days:
    return documents.Days(first=first, last=last)


def _euros(amount: Decimal) -> str:
    return str(amount.quantize(_EXACT))

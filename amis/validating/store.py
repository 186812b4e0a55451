"""Reading: taps of one's own municipality as they come, taps of a person, providers and places by their codes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import RowMapping, select, text

from amis.kernel.db import Transaction
from amis.register.store import also_known_as
from amis.validating.models import Acceptance, PlaceRow, Provider, Terminal


@dataclass(frozen=True, slots=True)
class TapSeen:
    """One tap as pages show it: a use, a use taken back (verdict REVERSED), or a denial (no concession, no use).

    Amounts in euros; a denial knows only the full price.
    """

    id: UUID
    at: datetime
    verdict: str
    reason: str
    provider: str
    place: str
    concession_lv: str | None
    concession_en: str | None
    gross: Decimal
    payable: Decimal
    companions: int


_USES = """
SELECT use.id, use.at, use.verdict, use.reason, provider.name AS provider, place.name AS place,
    concession.name_lv AS concession_lv, concession.name_en AS concession_en, use.gross, use.payable, use.companions
FROM use
    JOIN provider ON provider.id = use.provider_id
    JOIN place ON place.id = use.place_id
    LEFT JOIN concession ON concession.id = use.concession_id
WHERE use.municipality_id = :municipality
"""
_DENIALS = """
SELECT audit.id, audit.at, 'DENY' AS verdict, audit.reason, provider.name AS provider, place.name AS place,
    NULL::text AS concession_lv, NULL::text AS concession_en,
    (audit.after ->> 'gross')::numeric AS gross, (audit.after ->> 'gross')::numeric AS payable, 0 AS companions
FROM audit
    JOIN provider ON provider.id = (audit.after ->> 'provider')::uuid
    JOIN place ON place.id = (audit.after ->> 'place')::uuid
WHERE audit.action = 'tap.deny' AND audit.municipality_id = :municipality
"""
_LATEST = f"""
SELECT * FROM (
    (SELECT * FROM ({_USES} AND use.at > :since ORDER BY use.id DESC LIMIT :limit) AS used)
    UNION ALL
    (SELECT * FROM ({_DENIALS} AND audit.at > :since ORDER BY audit.at DESC LIMIT :limit) AS denied)
) AS tap ORDER BY at DESC, id DESC LIMIT :limit
"""  # noqa: S608
_OF_PERSON = f"""
SELECT * FROM (
    (SELECT * FROM ({_USES} AND use.person_id = ANY(:known)
        AND (use.at, use.id) < (CAST(:before AS timestamptz), CAST(:last AS uuid))
        ORDER BY use.at DESC, use.id DESC LIMIT :limit) AS used)
    UNION ALL
    (SELECT * FROM ({_DENIALS} AND audit.subject_kind = 'token' AND audit.subject_id = ANY (
        SELECT token.id::text FROM token WHERE token.municipality_id = :municipality AND token.person_id = :person
    ) AND (audit.at, audit.id) < (CAST(:before AS timestamptz), CAST(:last AS uuid))
        ORDER BY audit.at DESC, audit.id DESC LIMIT :limit) AS denied)
) AS tap ORDER BY at DESC, id DESC LIMIT :limit
"""  # noqa: S608


async def latest_taps(tx: Transaction, since: timedelta = timedelta(days=1), limit: int = 50) -> list[TapSeen]:
    """The newest taps of this municipality's holders, newest first, not older than `since`."""
    return _taps(await _rows(tx, _LATEST, {"municipality": tx.municipality_id, "since": tx.at - since, "limit": limit}))


async def taps_of_person(
    tx: Transaction, person_id: UUID, limit: int = 50, before: tuple[datetime, UUID] | None = None
) -> list[TapSeen]:
    """The newest taps of one person, newest first; tokens that were refused before they were known are not among.

    A tap stays with the id under which it was made: those of everybody who turned out to be the person are among.

    `before` is the instant and the id of a tap: those that come after it in this order.
    """
    asked: dict[str, object] = {"municipality": tx.municipality_id, "person": person_id, "limit": limit}
    asked["known"] = list(await also_known_as(tx, person_id))
    asked |= {"before": "infinity", "last": UUID(int=0)} if before is None else {"before": before[0], "last": before[1]}
    return _taps(await _rows(tx, _OF_PERSON, asked))


async def provider_by_code(tx: Transaction, code: str) -> Provider | None:
    """The provider of that code."""
    return (await tx.session.scalars(select(Provider).where(Provider.code == code))).one_or_none()


async def place_by_code(tx: Transaction, provider_id: UUID, code: str) -> PlaceRow | None:
    """The provider's place of that code."""
    wanted = select(PlaceRow).where(PlaceRow.provider_id == provider_id, PlaceRow.code == code)
    return (await tx.session.scalars(wanted)).one_or_none()


async def terminal_of(tx: Transaction, machine_id: UUID) -> Terminal | None:
    """The terminal that a machine is."""
    return await tx.session.get(Terminal, machine_id)


async def acceptances(tx: Transaction, provider_id: UUID) -> Sequence[Acceptance]:
    """Whose concessions a provider takes, by any grantor."""
    return (await tx.session.scalars(select(Acceptance).where(Acceptance.provider_id == provider_id))).all()


async def _rows(tx: Transaction, statement: str, asked: dict[str, object]) -> Sequence[RowMapping]:
    return (await tx.session.execute(text(statement), asked)).mappings().all()


def _taps(rows: Sequence[RowMapping]) -> list[TapSeen]:
    return [TapSeen(**row) for row in rows]

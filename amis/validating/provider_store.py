"""Reading: providers with what they have, their places, and whose concessions they take."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, or_, select, text

from amis.kernel.db import Transaction
from amis.validating.errors import PlaceNotFound, ProviderUnknown
from amis.validating.models import PlaceRow, Provider

PAGE = 50
"""Places on one page of a provider."""


@dataclass(frozen=True, slots=True)
class ProviderLine:
    """A provider with how many places and working terminals it has, and whether it takes any of ours."""

    id: UUID
    code: str
    name: str
    kind: str
    places: int
    terminals: int
    taken: bool


@dataclass(frozen=True, slots=True)
class Taken:
    """A concession that a provider takes, or all of a grantor; nameless where it is not ours to read."""

    grantor_id: int
    grantor_lv: str
    grantor_en: str
    concession_id: UUID | None
    concession_code: str | None
    concession_lv: str | None
    concession_en: str | None


_PROVIDERS = """
SELECT provider.id, provider.code, provider.name, provider.kind, coalesce(stops.n, 0) AS places,
    coalesce(working.n, 0) AS terminals, EXISTS (
        SELECT FROM acceptance WHERE acceptance.provider_id = provider.id AND acceptance.grantor_id = :municipality
    ) AS taken
FROM provider
    LEFT JOIN (SELECT provider_id, count(*) AS n FROM place GROUP BY provider_id) AS stops
        ON stops.provider_id = provider.id
    LEFT JOIN (
        SELECT terminal.provider_id, count(*) AS n
        FROM terminal JOIN machine ON machine.id = terminal.machine_id
        WHERE machine.state <> 'revoked' GROUP BY terminal.provider_id
    ) AS working ON working.provider_id = provider.id
ORDER BY provider.name, provider.code
"""
_TAKEN = """
SELECT acceptance.grantor_id, municipality.name_lv AS grantor_lv, municipality.name_en AS grantor_en,
    acceptance.concession_id, concession.code AS concession_code,
    concession.name_lv AS concession_lv, concession.name_en AS concession_en
FROM acceptance
    JOIN municipality ON municipality.id = acceptance.grantor_id
    LEFT JOIN concession ON concession.id = acceptance.concession_id
WHERE acceptance.provider_id = :provider
ORDER BY acceptance.grantor_id <> :municipality, municipality.name_lv, acceptance.concession_id IS NOT NULL,
    concession.code
"""


async def list_providers(tx: Transaction) -> list[ProviderLine]:
    """All providers by name."""
    rows = await tx.session.execute(text(_PROVIDERS), {"municipality": tx.municipality_id})
    return [ProviderLine(**row) for row in rows.mappings()]


async def get_provider(tx: Transaction, provider_id: UUID) -> Provider:
    """One provider.

    Raises:
        ProviderUnknown
    """
    provider = await tx.session.get(Provider, provider_id)
    if provider is None:
        raise ProviderUnknown
    return provider


async def find_provider_by_code(tx: Transaction, code: str) -> Provider:
    """The provider with this code.

    Raises:
        ProviderUnknown
    """
    provider = await tx.session.scalar(select(Provider).where(Provider.code == code))
    if provider is None:
        raise ProviderUnknown
    return provider


async def find_place_by_code(tx: Transaction, provider_id: UUID, code: str) -> PlaceRow:
    """The place with this code of a provider.

    Raises:
        PlaceNotFound
    """
    place = await tx.session.scalar(select(PlaceRow).where(PlaceRow.provider_id == provider_id, PlaceRow.code == code))
    if place is None:
        raise PlaceNotFound
    return place


async def taken_by(tx: Transaction, provider_id: UUID) -> list[Taken]:
    """What a provider takes, ours first."""
    asked = {"provider": provider_id, "municipality": tx.municipality_id}
    return [Taken(**row) for row in (await tx.session.execute(text(_TAKEN), asked)).mappings()]


async def find_place(tx: Transaction, place_id: UUID) -> PlaceRow | None:
    """One place of any provider."""
    return await tx.session.get(PlaceRow, place_id)


async def get_place(tx: Transaction, place_id: UUID) -> PlaceRow:
    """One place.

    Raises:
        PlaceNotFound
    """
    place = await find_place(tx, place_id)
    if place is None:
        raise PlaceNotFound
    return place


async def all_places(tx: Transaction, provider_id: UUID) -> Sequence[PlaceRow]:
    """All places of a provider by code, to choose one."""
    wanted = select(PlaceRow).where(PlaceRow.provider_id == provider_id)
    return (await tx.session.scalars(wanted.order_by(PlaceRow.code))).all()


async def some_places(
    tx: Transaction, provider_id: UUID, find: str = "", page: int = 1
) -> tuple[Sequence[PlaceRow], int]:
    """A page of a provider's places by code, and how many there are; `find` is a part of the code or the name."""
    wanted = select(PlaceRow).where(PlaceRow.provider_id == provider_id)
    if find:
        part = func.lower(find)
        wanted = wanted.where(
            or_(func.strpos(func.lower(PlaceRow.code), part) > 0, func.strpos(func.lower(PlaceRow.name), part) > 0)
        )
    count = await tx.session.scalar(select(func.count()).select_from(wanted.subquery()))
    found = await tx.session.scalars(wanted.order_by(PlaceRow.code).limit(PAGE).offset((page - 1) * PAGE))
    return found.all(), count or 0

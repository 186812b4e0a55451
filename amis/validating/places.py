"""Changing what providers and places are called and where they are; codes stand, since terminals offline say them."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from amis.kernel import audit
from amis.kernel.db import Transaction
from amis.validating import provider_store
from amis.validating.models import PlaceRow


@dataclass(frozen=True, slots=True)
class PlaceDraft:
    """What is written about a place; `at` is (lat, lon) in degrees (WGS 84), `zone` a service or None for any."""

    code: str
    name: str
    mode: str
    zone: str | None = None
    at: tuple[float, float] | None = None


async def rename_provider(tx: Transaction, provider_id: UUID, name: str) -> None:
    """Calls a provider otherwise.

    Raises:
        ProviderUnknown
    """
    provider = await provider_store.get_provider(tx, provider_id)
    before, provider.name = provider.name, name
    await audit.record(tx, "provider.rename", ("provider", provider_id), before={"name": before}, after={"name": name})


async def change_place(tx: Transaction, place_id: UUID, draft: PlaceDraft) -> PlaceRow:
    """Writes anew all about a place but its code.

    Raises:
        PlaceNotFound
    """
    place = await provider_store.get_place(tx, place_id)
    before = _told(place)
    place.name, place.mode, place.zone = draft.name, draft.mode, draft.zone
    place.lat, place.lon = draft.at or (None, None)
    await audit.record(tx, "place.change", ("place", place_id), before=before, after=_told(place))
    return place


def _told(place: PlaceRow) -> dict[str, Any]:
    return {name: getattr(place, name) for name in ("name", "mode", "zone", "lat", "lon")}

"""The statuses of SOPA, the municipalities' social assistance system, as the pretend one sends them, and their meaning.

The codes are our own: the real system's code list is agreed with each municipality and entered as a mapping.
"""

from __future__ import annotations

from collections.abc import Mapping as ReadOnly

from sync.mapping import Authority, Mapping, Meaning

STATUSES: ReadOnly[str, Meaning] = {
    "TRUCIGA": Meaning("needy", "yes"),
    "MAZNODROSINATA": Meaning("low_income", "yes"),
    "INV1": Meaning("disability", "I"),
    "INV2": Meaning("disability", "II"),
    "INV3": Meaning("disability", "III"),
    "INV_BERNS": Meaning("disability", "child"),
    "BARENIS": Meaning("orphan", "yes"),
    "REPR": Meaning("repressed", "yes"),
    "PENSIJA": Meaning("pension", "old_age"),
    "DAUDZBERNU": Meaning("large_family", "yes"),
}


def sopa_mapping(source: str) -> Mapping:
    """The mapping for a SOPA that signs as this source."""
    return Mapping(source, STATUSES)


def sopa_authority(source: str) -> Authority:
    """SOPA as the only source of each fact it states."""
    return Authority({meaning.fact: (source,) for meaning in STATUSES.values()})

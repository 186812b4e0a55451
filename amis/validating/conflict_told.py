"""What a terminal said of a tap beside what the register says of the same, as values that a page writes out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from amis.concessions.scope import PRODUCTS
from amis.validating.conflict_store import ConflictSeen
from amis.validating.conflict_words import PROOFS, TOLD

_AMOUNTS = ("gross", "payable")
_WORDS: Mapping[str, Mapping[str, str]] = {"product": PRODUCTS, "proof": PROOFS}


@dataclass(frozen=True, slots=True)
class ToldLine:
    """One thing that both tell of: a marked label, and each side's value, None where it says nothing.

    Amounts are Decimal in euros; products and proofs that have words are marked texts; all else is as it came.
    """

    name: str
    label: str
    said: Any
    found: Any


def told(conflict: ConflictSeen) -> Iterator[ToldLine]:
    """The lines of a conflict, in a fixed order; what neither side tells of is left out."""
    for name, label in TOLD.items():
        said, found = _value(name, conflict.said), _value(name, conflict.found)
        if said is not None or found is not None:
            yield ToldLine(name, label, said, found)


def _value(name: str, side: Mapping[str, Any]) -> Any:
    value = side.get(name)
    if value is None:
        return None
    return Decimal(value) if name in _AMOUNTS else _WORDS.get(name, {}).get(value, value)

"""The words a condition may use: fact kinds, groups and calendars, handed in as data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from rules.period import Days


class WhenMissing(StrEnum):
    """What a day without any fact of the kind means."""

    FALSE = "false"  # the source reports everything: silence means no
    UNKNOWN = "unknown"  # the source may not have answered: silence means a clerk must ask


@dataclass(frozen=True, slots=True)
class FactKind:
    """A kind of fact, e.g. `disability` with the values I, II, III; `values` None = it only holds or does not."""

    code: str
    values: frozenset[str] | None = None
    when_missing: WhenMissing = WhenMissing.FALSE


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Fact kinds by code, codes of groups, and named calendars with their days."""

    facts: Mapping[str, FactKind]
    groups: frozenset[str] = frozenset()
    calendars: Mapping[str, Days] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def of(cls, *kinds: FactKind, groups: frozenset[str] = frozenset()) -> "Vocabulary":
        """A vocabulary of these fact kinds and groups, without calendars."""
        return cls({kind.code: kind for kind in kinds}, groups)

"""The words a condition may use: fact kinds, groups, relations, calendars and figures of the law, handed in as data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from rules.dated import Dated
from rules.node import Condition
from rules.period import Days


class WhenMissing(StrEnum):
    """What a day without any fact of the kind means."""

    FALSE = "false"  # the source reports everything: silence means no
    UNKNOWN = "unknown"  # the source may not have answered: silence means a clerk must ask


@dataclass(frozen=True, slots=True)
class FactKind:
    """A kind of fact, e.g. `disability` with the values I, II, III; `values` None = it only holds or does not.

    `numeric`: each fact carries a number, e.g. the income of a household per person in euro a month.
    """

    code: str
    values: frozenset[str] | None = None
    when_missing: WhenMissing = WhenMissing.FALSE
    numeric: bool = False


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Fact kinds by code, codes of groups, named calendars with their days, and what laws count and compare.

    `relations` are codes such as `child`: of a person, those who are the person's children. Silence about a relation
    means that there is none. `parameters` hold figures by day in force, `cohorts` by birth date; where they stand for
    an age they are years, whole months included (62.25 = 62 years and 3 months). `definitions` are the groups whose
    members are those who meet a condition (see `rules.group`); the other groups are lists.
    """

    facts: Mapping[str, FactKind]
    groups: frozenset[str] = frozenset()
    calendars: Mapping[str, Days] = field(default_factory=lambda: MappingProxyType({}))
    relations: frozenset[str] = frozenset()
    parameters: Mapping[str, Dated] = field(default_factory=lambda: MappingProxyType({}))
    cohorts: Mapping[str, Dated] = field(default_factory=lambda: MappingProxyType({}))
    definitions: Mapping[str, Condition] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def of(cls, *kinds: FactKind, groups: frozenset[str] = frozenset()) -> "Vocabulary":
        """A vocabulary of these fact kinds and groups, without calendars."""
        return cls({kind.code: kind for kind in kinds}, groups)

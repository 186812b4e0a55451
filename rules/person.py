"""What is known of one person, as the rules take it. All frozen."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from types import MappingProxyType

from rules.period import ALWAYS, EMPTY, Days, Period


@dataclass(frozen=True, slots=True)
class FactPeriod:
    """A fact of a kind, its value (None where the kind has none), when it is valid, and a reference to its source.

    `num` is the number of a numeric kind; a fact of such a kind without one says nothing.
    """

    kind: str
    value: str | None
    period: Period
    ref: str
    num: Decimal | None = None


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """What is known of one person. `died` is the first day without any right; None = not known or living.

    `groups` are memberships of groups by list; `relations` reach as far as the rules look (`rules.reads.Reads.via`).
    """

    born: date | None
    died: date | None = None
    facts: tuple[FactPeriod, ...] = ()
    groups: Mapping[str, Days] = field(default_factory=lambda: MappingProxyType({}))
    relations: "tuple[RelatedPerson, ...]" = ()

    @property
    def life(self) -> Days:
        """The days from birth up to death, without limit where one is not known."""
        since_birth = ALWAYS if self.born is None else Days((self.born,))
        since_death = EMPTY if self.died is None else Days((self.died,))
        return since_birth - since_death


@dataclass(frozen=True, slots=True)
class RelatedPerson:
    """A relative: which relation, on which days, what is known of them, and `who` tells one relative from another.

    The same relative may be named for several periods; their facts are then the same.
    """

    relation: str
    period: Period
    person: PersonFacts
    who: str


@dataclass(frozen=True, slots=True)
class Relative:
    """One relative in one relation with all its days."""

    who: str
    days: Days
    person: PersonFacts


def relatives(relation: str, relations: Iterable[RelatedPerson]) -> list[Relative]:
    """Each relative of the relation once."""
    found: dict[str, Relative] = {}
    for one in relations:
        if one.relation == relation:
            before = found[one.who].days if one.who in found else EMPTY
            found[one.who] = Relative(one.who, before | Days.of(one.period), one.person)
    return list(found.values())

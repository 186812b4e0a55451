"""Conditions in SQL with the holder's own facts gathered beforehand: one pass over the facts instead of a look-up each.

Looking up is right for a few persons, and for relatives; for a whole register the pass is several times quicker.
"""

from typing import TypeGuard

from rules.condition import Condition, ExtendTo, Grace, Has, Held, Member
from rules.sql import Sql
from rules.sqldays import EMPTY, longer, up_to
from rules.tables import Tables

Gathered = Has | Grace | ExtendTo
"""A fact, or one whose days are moved: moved one by one while they are gathered, they are those moved together."""


class HolderSql(Sql):
    """The expressions of a part of the query `whole`; `holder` is the alias of its row; `own` has the facts."""

    def __init__(self, whole: Sql, holder: str, own: Tables | None = None) -> None:
        super().__init__(whole.tables, whole.vocabulary)
        self.holder, self.gathered = holder, whole.alias("said")
        # what is gathered of the holders; relatives are looked up in the tables of the whole query
        self.own = own or whole.tables
        # parameters and aliases are told apart in the whole query
        self.values, self._aliases = whole.values, whole._aliases  # of the same class
        self.facts_read: dict[Gathered, str] = {}
        self.groups_read: dict[Member, str] = {}

    def has(self, node: Has, person: str) -> str:
        """The days of a fact."""
        return _or_none(self.fact_days(node)) if person == self.holder else super().has(node, person)

    def member(self, node: Member, person: str) -> str:
        """The days in a group by list."""
        return _or_none(self.group_days(node)) if person == self.holder else super().member(node, person)

    def life(self, person: str) -> str:
        """The days from birth up to death; nobody in the register died before birth."""
        return f"datemultirange({self.lifetime(person)})"

    def lifetime(self, person: str) -> str:
        """The same as one range."""
        return f"daterange({person}.born, {person}.died)"

    def fact_days(self, node: Gathered) -> str:
        """The gathered days of a fact of the holder, null where there is none."""
        return f"{self.gathered}.{self.facts_read.setdefault(node, f'fact_{len(self.facts_read)}')}"

    def group_days(self, node: Member) -> str:
        """The gathered days of the holder in a group by list, null where there are none."""
        return f"{self.groups_read.setdefault(node, self.alias('listed'))}.days"

    def source(self, table: str) -> str:
        """What to select from: the holders, rows of `table`, beside each what has been gathered of them."""
        joined = [f"{table} {self.holder}"]
        if self.facts_read:
            own = f"{self.gathered}.person_id = {self.holder}.id"
            joined.append(f"LEFT JOIN ({self._facts_gathered()}) {self.gathered} ON {own}")
        for node, name in self.groups_read.items():
            rows = f"{self.own.membership} m WHERE m.grp = {self.bind(node.group, 'text')} GROUP BY m.person_id"
            gathered = f"SELECT m.person_id, range_agg(m.valid) AS days FROM {rows}"  # noqa: S608  # names of ours
            joined.append(f"LEFT JOIN ({gathered}) {name} ON {name}.person_id = {self.holder}.id")
        return " ".join(joined)

    def _moved(self, node: Held | Grace | ExtendTo, person: str, *, holds: bool) -> str:
        if holds and person == self.holder and is_gathered(node):
            return _or_none(self.fact_days(node))
        return super()._moved(node, person, holds=holds)

    def _facts_gathered(self) -> str:
        wanted = {name: self._wanted(_fact(node)) for node, name in self.facts_read.items()}
        spans = {name: f"range_agg({self._span(node)})" for node, name in self.facts_read.items()}
        if len(wanted) == 1:
            # of one kind the index gives the rows in the order in which they are grouped
            [(name, rows)] = wanted.items()
            columns = f"{spans[name]} AS {name}"
        else:
            rows = f"f.kind = ANY({self.bind(sorted({_fact(node).fact for node in self.facts_read}), 'text[]')})"
            columns = ", ".join(f"{spans[name]} FILTER (WHERE {wanted[name]}) AS {name}" for name in wanted)
        return f"SELECT f.person_id, {columns} FROM {self.own.fact} f WHERE {rows} GROUP BY f.person_id"  # noqa: S608

    def _wanted(self, fact: Has) -> str:
        of_kind = f"f.kind = {self.bind(fact.fact, 'text')}"
        if fact.values is None:
            return of_kind
        return f"{of_kind} AND f.value = ANY({self.bind(sorted(fact.values), 'text[]')})"

    def _span(self, node: Gathered) -> str:
        match node:
            case Grace():
                return longer("f.valid", self.months(node.months))
            case ExtendTo():
                return up_to("f.valid", node.boundary)
        return "f.valid"


def is_gathered(node: Condition) -> TypeGuard[Gathered]:
    """Whether the days of the node are gathered as they are."""
    return isinstance(node, Has) or (isinstance(node, Grace | ExtendTo) and isinstance(node.of, Has))


def _fact(node: Gathered) -> Has:
    fact = node if isinstance(node, Has) else node.of
    assert isinstance(fact, Has)
    return fact


def _or_none(days: str) -> str:
    return f"coalesce({days}, {EMPTY})"

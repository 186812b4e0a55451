"""Conditions in SQL with the holder's own facts gathered beforehand: one pass over the facts instead of a look-up each.

Looking up is right for a few persons, and for relatives; for a whole register the pass is several times quicker.
"""

from rules.condition import Condition, Has, Member
from rules.sieve import Sieve
from rules.sql import Sql
from rules.sqldays import EMPTY


class HolderSql(Sql):
    """The expressions of a part of the query `whole`; `holder` is the alias of the holder's row."""

    def __init__(self, whole: Sql, holder: str) -> None:
        super().__init__(whole.tables, whole.vocabulary)
        self.holder, self.gathered = holder, whole.alias("said")
        # parameters and aliases are told apart in the whole query
        self.values, self._aliases = whole.values, whole._aliases  # of the same class
        self.facts_read: dict[Has, str] = {}
        self.groups_read: dict[Member, str] = {}

    def has(self, node: Has, person: str) -> str:
        """The days of a fact."""
        return _or_none(self.fact_days(node)) if person == self.holder else super().has(node, person)

    def member(self, node: Member, person: str) -> str:
        """The days in a group by list."""
        return _or_none(self.group_days(node)) if person == self.holder else super().member(node, person)

    def life(self, person: str) -> str:
        """The days from birth up to death; nobody in the register died before birth."""
        return f"datemultirange(daterange({person}.born, {person}.died))"

    def fact_days(self, node: Has) -> str:
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
            rows = f"{self.tables.membership} m WHERE m.grp = {self.bind(node.group, 'text')} GROUP BY m.person_id"
            gathered = f"SELECT m.person_id, range_agg(m.valid) AS days FROM {rows}"  # noqa: S608  # names of ours
            joined.append(f"LEFT JOIN ({gathered}) {name} ON {name}.person_id = {self.holder}.id")
        return " ".join(joined)

    def _facts_gathered(self) -> str:
        kinds = sorted({node.fact for node in self.facts_read})
        # of one kind the index gives the rows in the order in which they are grouped
        of_kinds = self.bind(kinds[0], "text") if len(kinds) == 1 else f"ANY({self.bind(kinds, 'text[]')})"
        columns = ", ".join(f"{self._days_of(node)} AS {name}" for node, name in self.facts_read.items())
        rows = f"{self.tables.fact} f WHERE f.kind = {of_kinds} GROUP BY f.person_id"
        return f"SELECT f.person_id, {columns} FROM {rows}"  # noqa: S608  # names of ours, values bound

    def _days_of(self, node: Has) -> str:
        wanted = f"f.kind = {self.bind(node.fact, 'text')}"
        if node.values is not None:
            wanted += f" AND f.value = ANY({self.bind(sorted(node.values), 'text[]')})"
        return f"range_agg(f.valid) FILTER (WHERE {wanted})"


class HolderSieve(Sieve):
    """What the holder must at least have, by what has been gathered."""

    def __init__(self, sql: HolderSql) -> None:
        super().__init__(sql)
        self.of_holder = sql

    def needed(self, node: Condition, person: str) -> str:
        """The predicate, empty where nothing is needed."""
        if person == self.of_holder.holder and isinstance(node, Has):
            return f"{self.of_holder.fact_days(node)} IS NOT NULL"
        if (
            person == self.of_holder.holder
            and isinstance(node, Member)
            and node.group not in self.sql.vocabulary.definitions
        ):
            return f"{self.of_holder.group_days(node)} IS NOT NULL"
        return super().needed(node, person)


def _or_none(days: str) -> str:
    return f"coalesce({days}, {EMPTY})"

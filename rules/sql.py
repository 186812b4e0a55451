"""The days of each node as an SQL expression of type datemultirange, for the person of a table alias.

Each node has two expressions, for the days on which it certainly holds and on which it certainly does not; negation
takes the other one, so text grows with the tree and no faster. What it means is told in `rules.evaluate`.
"""

from rules.node import (
    ANYBODY,
    Age,
    All,
    Any,
    Condition,
    Count,
    During,
    Except,
    ExtendTo,
    Grace,
    Has,
    Held,
    Member,
    Not,
    Num,
    Related,
)
from rules.sqldays import EMPTY, EVER, extend_to, gathered, grace, held, negated, overlaps, select
from rules.sqlleaf import Leaves


class Sql(Leaves):
    """The expressions of one query."""

    def true(self, node: Condition, person: str) -> str:
        """The days on which the node certainly holds."""
        return self._days(node, person, holds=True)

    def false(self, node: Condition, person: str) -> str:
        """The days on which it certainly does not."""
        return self._days(node, person, holds=False)

    def _days(self, node: Condition, person: str, *, holds: bool) -> str:
        match node:
            case Not(part):
                return self._days(part, person, holds=not holds)
            case All(parts) | Any(parts):
                sign = " * " if holds is isinstance(node, All) else " + "
                return "(" + sign.join(self._days(part, person, holds=holds) for part in parts) + ")"
            case Except(part, unless):
                return self._days(All((part, Not(unless))), person, holds=holds)
            case Held() | Grace() | ExtendTo():
                return self._moved(node, person, holds=holds)
            case Member(group) if group in self.vocabulary.definitions:
                return self._days(self.vocabulary.definitions[group], person, holds=holds)
            case Has():
                return self.has(node, person) if holds else self.not_has(node, person)
            case Num():
                return self.num(node, person) if holds else self.not_num(node, person)
            case Age():
                days = self.age(node, person)
                return days if holds else f"({self.age_set(node, person)} - {days})"
            case Count():
                return self._count(node, person, holds=holds)
            case Related():
                return self._at_least(node, 1, person, holds=holds)
            case Member():
                return self.member(node, person) if holds else negated(self.member(node, person))
            case During():
                return self.during(node) if holds else negated(self.during(node))

    def _count(self, node: Count, person: str, *, holds: bool) -> str:
        def least(number: int, meets: bool) -> str:
            return self._at_least(node, number, person, holds=meets)

        match node.op:
            case "ge" | "lt":
                return least(node.value, holds is (node.op == "ge"))
            case "gt" | "le":
                return least(node.value + 1, holds is (node.op == "gt"))
        sign = "*" if holds else "+"
        return f"({least(node.value, holds)} {sign} {least(node.value + 1, not holds)})"

    def _at_least(self, node: Related | Count, number: int, person: str, *, holds: bool) -> str:
        """Days with so many relatives who certainly meet the condition; or with fewer who possibly do."""
        if number == 0:
            return EVER if holds else EMPTY
        q, r = self.alias("q"), self.alias("r")
        where = node.where or ANYBODY
        meets = self.true(where, q) if holds else negated(self.false(where, q))
        days = f"{r}.valid * {self.life(q)} * ({meets})"
        source = f"{self._relatives(node.relation, person, r)} join {self.tables.person} {q} on {q}.id = {r}.other_id"
        enough = gathered(days, source) if number == 1 else overlaps(days, source, self.bind(number, "bigint"))
        return enough if holds else negated(enough)

    def _relatives(self, relation: str, person: str, alias: str) -> str:
        r = self.alias("r")
        own = f"{r}.person_id = {person}.id and {r}.kind = {self.bind(relation, 'text')}"
        rows = f"{self.tables.relation} {r} where {own} group by {r}.other_id"
        return f"({select(f'{r}.other_id, range_agg({r}.valid) as valid', rows)}) {alias}"

    def _moved(self, node: Held | Grace | ExtendTo, person: str, *, holds: bool) -> str:
        """A monotone move: of the certain days, or of the possible ones and then negated."""
        days = self.true(node.of, person) if holds else negated(self.false(node.of, person))
        if isinstance(node, ExtendTo):
            moved = extend_to(days, node.boundary)
        else:
            moved = (held if isinstance(node, Held) else grace)(days, self.months(node.months))
        return moved if holds else negated(moved)

    def months(self, number: int) -> str:
        """So many months."""
        return f"make_interval(months => {self.bind(number, 'int')})"

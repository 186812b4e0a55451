"""The leaves of a condition as SQL expressions of type datemultirange, for the person of a table alias."""

from itertools import count

from rules.node import Age, Cohort, During, Has, Member, Num, Param
from rules.period import ALWAYS, Days
from rules.sqldays import EMPTY, EVER, LAST_DAY, gathered, negated
from rules.tables import Tables
from rules.vocabulary import Vocabulary, WhenMissing

_COMPARE = {"lt": "<", "le": "<=", "eq": "=", "ge": ">=", "gt": ">"}
_EVER = next(iter(ALWAYS))


class Leaves:
    """The leaves of one query; their parameters gather in `values`."""

    def __init__(self, tables: Tables, vocabulary: Vocabulary) -> None:
        self.tables, self.vocabulary = tables, vocabulary
        self.values: dict[str, object] = {}
        self._aliases = count(1)

    def bind(self, value: object, kind: str) -> str:
        """A placeholder for the value, with its type: an untyped small integer would miss its index."""
        name = f"v{len(self.values)}"
        self.values[name] = value
        return f"%({name})s::{kind}"

    def alias(self, letter: str) -> str:
        """A table alias that is used nowhere else in the query."""
        return f"{letter}{next(self._aliases)}"

    def life(self, person: str) -> str:
        """The days from birth up to death."""
        dead = f"case when {person}.died is null then {EMPTY} else datemultirange(daterange({person}.died, null)) end"
        return f"(datemultirange(daterange({person}.born, null)) - {dead})"

    def during(self, node: During) -> str:
        """The days of a period or calendar."""
        days = self.vocabulary.calendars[node.when] if isinstance(node.when, str) else Days.of(node.when)
        return self.bind(str(days), "datemultirange")

    def member(self, node: Member, person: str) -> str:
        """The days in a group by list."""
        m = self.alias("m")
        group = self.bind(node.group, "text")
        return gathered(
            f"{m}.valid", f"{self.tables.membership} {m} where {m}.person_id = {person}.id and {m}.grp = {group}"
        )

    def facts(self, kind: str, person: str, alias: str) -> str:
        """The person's facts of a kind, as the tail of a query."""
        code = self.bind(kind, "text")
        return f"{self.tables.fact} {alias} where {alias}.person_id = {person}.id and {alias}.kind = {code}"

    def has(self, node: Has, person: str) -> str:
        """The days of a fact."""
        f = self.alias("f")
        source = self.facts(node.fact, person, f)
        if node.values is not None:
            source += f" and {f}.value = any({self.bind(sorted(node.values), 'text[]')})"
        return gathered(f"{f}.valid", source)

    def not_has(self, node: Has, person: str) -> str:
        """The days on which it is certain that there is no such fact."""
        if self._silent(node.fact):
            return f"({self.has(Has(node.fact), person)} - {self.has(node, person)})"
        return negated(self.has(node, person))

    def _silent(self, kind: str) -> bool:
        return self.vocabulary.facts[kind].when_missing is WhenMissing.UNKNOWN

    def num(self, node: Num, person: str) -> str:
        """The days on which a number fits."""
        f, s = self.alias("f"), self.alias("s")
        source = f"{self._steps(node.value, s)} cross join {self.facts(node.fact, person, f)}"
        return gathered(f"{f}.valid * {s}.valid", f"{source} and {f}.num {_COMPARE[node.op]} {s}.figure")

    def not_num(self, node: Num, person: str) -> str:
        """The days on which it is certain that no number fits."""
        f, s = self.alias("f"), self.alias("s")
        said = gathered(f"{f}.valid", self.facts(node.fact, person, f) + f" and {f}.num is not null")
        fixed = gathered(f"{s}.valid", self._steps(node.value, s))
        certain = f"({said} * {fixed})" if self._silent(node.fact) else f"({EVER} - ({said} - {fixed}))"
        return f"({certain} - {self.num(node, person)})"

    def _steps(self, value: object, alias: str) -> str:
        """A figure of the law by day: rows (valid, figure)."""
        steps = list(self.vocabulary.parameters[value.code]) if isinstance(value, Param) else [(_EVER, value)]
        return self._table([str(on) for on, _ in steps], [figure for _, figure in steps], "numeric", alias)

    def _table(self, valid: list[str], figures: list[object], kind: str, alias: str) -> str:
        columns = f"{self.bind(valid, 'daterange[]')}, {self.bind(figures, f'{kind}[]')}"
        return f"unnest({columns}) as {alias}(valid, figure)"

    def age(self, node: Age, person: str) -> str:
        """The days of an age."""
        if isinstance(node.years, int):
            days = self._lived(node, person, self.bind(node.years * 12, "int"))
            return _if_born(f"datemultirange({days})", person)
        s = self.alias("s")
        valid = f"{s}.valid * " if isinstance(node.years, Param) else ""
        return gathered(valid + self._lived(node, person, f"{s}.figure"), self._ages(node.years, person, s))

    def age_set(self, node: Age, person: str) -> str:
        """The days on which it is known which age is asked for, and whether it is reached."""
        if isinstance(node.years, int):
            return _if_born(EVER, person)
        s = self.alias("s")
        valid = f"{s}.valid" if isinstance(node.years, Param) else "daterange(null, null)"
        return gathered(valid, self._ages(node.years, person, s))

    def _ages(self, years: Param | Cohort, person: str, alias: str) -> str:
        """The ages asked for, in months, by day: rows (valid, figure); none for somebody whose birth is not known."""
        known = self.vocabulary.parameters if isinstance(years, Param) else self.vocabulary.cohorts
        steps = list(known[years.code])
        table = self._table([str(on) for on, _ in steps], [int(figure * 12) for _, figure in steps], "int", alias)
        of_birth = f" and {alias}.valid @> {person}.born" if isinstance(years, Cohort) else ""
        return f"{table} where {person}.born is not null{of_birth}"

    @staticmethod
    def _lived(node: Age, person: str, months: str) -> str:
        """The range of days from a birthday on, or from birth up to it."""
        reached = f"({person}.born + make_interval(months => {months}))::date"
        if node.feb29 == "03-01":  # a day that the month lacks is the first of the next
            reached = f"({reached} + (date_part('day', {reached}) < date_part('day', {person}.born))::int)"
        in_time = f"{person}.born <= {LAST_DAY} - make_interval(months => {months})"
        if node.op == "lt":
            return f"daterange({person}.born, case when {in_time} then {reached} end)"
        return f"case when {in_time} then daterange({reached}, null) else 'empty' end"


def _if_born(days: str, person: str) -> str:
    return f"case when {person}.born is null then {EMPTY} else {days} end"

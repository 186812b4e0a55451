"""A condition as one PostgreSQL query over the whole register: for each person the days on which it holds.

The same sets of days as `rules.evaluate`, as `datemultirange` (PostgreSQL manual, section 8.17; version 15 or later).
The caller names four relations (tables, views or common table expressions) with these columns:

    person(id, born date, died date)                                       one row a person, null = not known
    fact(person_id, kind text, value text, num numeric, valid daterange)   facts as believed
    membership(person_id, grp text, valid daterange)                       groups by list
    relation(person_id, kind text, other_id, valid daterange)              `other_id` is a person: the relative

Identifiers are these and no others; every value of the condition is a bound parameter, named as psycopg wants it.
"""

from dataclasses import dataclass

from rules.node import Condition
from rules.sieve import Sieve
from rules.sql import Sql
from rules.sqldays import negated
from rules.tables import Tables
from rules.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Compiled:
    """A query and its parameters, for `cursor.execute(query.text, query.values)` of psycopg."""

    text: str
    values: dict[str, object]


def certain(condition: Condition, vocabulary: Vocabulary, tables: Tables | None = None) -> Compiled:
    """Rows (id, holds): the days on which the condition certainly holds. Persons who cannot have any may be left out.

    A sieve of what they must at least have lets the planner start from the rarest of it.
    """
    names = tables or Tables()
    sql = Sql(names, vocabulary)
    holds = f"({sql.true(condition, 'p')}) * {sql.life('p')}"
    needed = Sieve(sql).needed(condition, "p")
    return Compiled(_select(f"{holds} as holds", f"{names.person} p", needed), sql.values)


def both(condition: Condition, vocabulary: Vocabulary, tables: Tables | None = None) -> Compiled:
    """Rows (id, holds, fails) of every person: the days on which it certainly holds and certainly does not."""
    names = tables or Tables()
    sql = Sql(names, vocabulary)
    life = sql.life("p")
    holds = f"({sql.true(condition, 'p')}) * {life}"
    fails = f"({sql.false(condition, 'p')}) + ({negated(life)})"
    return Compiled(_select(f"{holds} as holds, {fails} as fails", f"{names.person} p", ""), sql.values)


def _select(columns: str, source: str, needed: str) -> str:
    where = f" where {needed}" if needed else ""
    return f"select p.id, {columns} from {source}{where}"  # noqa: S608  # names of a closed list, values bound


__all__ = ["Compiled", "Tables", "both", "certain"]

"""A small register in PostgreSQL, of the shape that compiled conditions read."""

from collections.abc import Iterable
from typing import LiteralString

from psycopg import Connection

from rules.compile import Compiled
from rules.period import Days
from rules.person import PersonFacts

_TABLES = """
create temp table person (id int primary key, born date, died date);
create temp table fact (person_id int, kind text, value text, num numeric, valid daterange);
create temp table membership (person_id int, grp text, valid daterange);
create temp table relation (person_id int, kind text, other_id int, valid daterange);
"""
_EMPTY = "truncate person, fact, membership, relation"


def build(connection: Connection) -> None:
    """Make the tables, for this connection only."""
    connection.execute(_TABLES)


def fill(connection: Connection, persons: Iterable[PersonFacts]) -> list[int]:
    """Replace all rows by these persons and their relatives; the ids of the persons."""
    connection.execute(_EMPTY)
    writer = _Writer(connection)
    return [writer.person(person) for person in persons]


def answers(connection: Connection, query: Compiled) -> dict[int, tuple[Days, ...]]:
    """The sets of days by person: holds, and fails where it is asked for."""
    sides = ", c.fails::text" if " as fails " in query.text else ""
    text = f"select id, c.holds::text{sides} from ({query.text}) c"  # noqa: S608
    rows = connection.execute(text, query.values).fetchall()
    return {row[0]: tuple(Days.parse(days) for days in row[1:]) for row in rows}


class _Writer:
    def __init__(self, connection: Connection) -> None:
        self.connection, self.next = connection, 0

    def person(self, person: PersonFacts) -> int:
        self.next += 1
        own = self.next
        self.connection.execute("insert into person values (%s, %s, %s)", (own, person.born, person.died))
        for fact in person.facts:
            self._row("fact", own, fact.kind, fact.value, fact.num, str(fact.period))
        for group, days in person.groups.items():
            for period in days:
                self._row("membership", own, group, str(period))
        others: dict[str, int] = {}
        for one in person.relations:
            if one.who not in others:
                others[one.who] = self.person(one.person)
            self._row("relation", own, one.relation, others[one.who], str(one.period))
        return own

    def _row(self, table: LiteralString, *values: object) -> None:
        marks = ", ".join(["%s"] * len(values))
        self.connection.execute(f"insert into {table} values ({marks})", values)  # noqa: S608

"""What a person must at least have for a condition ever to hold: a predicate that the planner can start from."""

from rules.node import All, Any, Condition, Count, Except, ExtendTo, Grace, Has, Held, Member, Num, Related
from rules.sql import Sql


class Sieve:
    """Necessary, never sufficient: whoever does not pass has no day on which the condition certainly holds."""

    def __init__(self, sql: Sql) -> None:
        self.sql = sql

    def needed(self, node: Condition, person: str) -> str:
        """The predicate, empty where nothing is needed."""
        match node:
            case All(parts):
                return " and ".join(self._known(parts, person))
            case Any(parts):
                each = self._known(parts, person)
                return f"({' or '.join(each)})" if len(each) == len(parts) else ""
            case Held(part) | Grace(part) | ExtendTo(part) | Except(part, _):
                return self.needed(part, person)
            case Member(group) if group in self.sql.vocabulary.definitions:
                return self.needed(self.sql.vocabulary.definitions[group], person)
            case Has() | Num():
                f = self.sql.alias("f")
                return _exists(f"{self.sql.facts(node.fact, person, f)}{self._of(node, f)}")
            case Member(group):
                return self._listed(self.sql.tables.membership, "grp", group, person)
            case Related(relation):
                return self._listed(self.sql.tables.relation, "kind", relation, person)
            case Count(relation, op, number) if op in ("ge", "gt", "eq") and number + (op == "gt") > 0:
                return self._listed(self.sql.tables.relation, "kind", relation, person)
        return ""

    def _known(self, parts: tuple[Condition, ...], person: str) -> list[str]:
        return [f"({each})" for part in parts if (each := self.needed(part, person))]

    def _of(self, node: Has | Num, alias: str) -> str:
        if isinstance(node, Num) or node.values is None:
            return ""
        return f" and {alias}.value = any({self.sql.bind(sorted(node.values), 'text[]')})"

    def _listed(self, table: str, column: str, code: str, person: str) -> str:
        a = self.sql.alias("a")
        own = f"{a}.person_id = {person}.id and {a}.{column} = {self.sql.bind(code, 'text')}"
        return _exists(f"{table} {a} where {own}")


def _exists(source: str) -> str:
    return f"exists (select 1 from {source})"  # noqa: S608  # names of a closed list, values bound

"""What a holder must at least have for a condition ever to hold on some days, by what has been gathered."""

from datetime import date

from amis.granting.holder_sql import HolderSql, is_gathered
from rules.condition import Age, Condition, ExtendTo, Grace, Member
from rules.period import Period
from rules.sieve import Sieve


class HolderSieve(Sieve):
    """For the days of `period`; None = whatever the days."""

    def __init__(self, sql: HolderSql, period: Period | None) -> None:
        super().__init__(sql)
        self.of_holder, self.period = sql, period

    def needed(self, node: Condition, person: str) -> str:
        """The predicate, empty where nothing is needed."""
        if person != self.of_holder.holder:
            return super().needed(node, person)
        if is_gathered(node):
            return f"{self.of_holder.fact_days(node)} IS NOT NULL"
        match node:
            case Member(group) if group not in self.sql.vocabulary.definitions:
                return f"{self.of_holder.group_days(node)} IS NOT NULL"
            case Age():
                return self._born(node, person)
            case Grace() | ExtendTo() if self.period is not None:
                # its days may come from others that lie before the period
                return HolderSieve(self.of_holder, None).needed(node, person)
        return super().needed(node, person)

    def _born(self, node: Age, person: str) -> str:
        """Young enough before the period begins, or old enough before it ends; a year has 365 or 366 days."""
        if self.period is None or not isinstance(node.years, int):
            return ""
        if node.op == "lt":
            first = self.period.start
            return "" if first is None else f"{person}.born >= {self._before(first, 366 * node.years + 1)}"
        end = self.period.end
        return "" if end is None else f"{person}.born < {self._before(end, 365 * node.years)}"

    def _before(self, day: date, days: int) -> str:
        return f"({self.sql.bind(day, 'date')} - {self.sql.bind(days, 'int')})"

"""A reference number is short enough to be typed, so unknown ones are counted and guessing is stopped."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

A_MINUTE = 30
"""Unknown numbers that one terminal may ask for in a minute."""


@dataclass(slots=True)
class Guesses:
    """Unknown numbers of each terminal in the present minute of this process."""

    minute: int = 0
    count: dict[UUID, int] = field(default_factory=dict)

    def over(self, terminal: UUID, at: datetime) -> bool:
        """Counts one more unknown number; whether that is too many."""
        minute = int(at.timestamp()) // 60
        if minute != self.minute:
            self.minute, self.count = minute, {}
        self.count[terminal] = self.count.get(terminal, 0) + 1
        return self.count[terminal] > A_MINUTE

"""Everything the rules library can refuse, as one small tree.

The docstring of a class is its message for people; `code` is the stable word for programs.
"""

from typing import ClassVar


class RulesError(Exception):
    """The rules library cannot accept this."""

    code: ClassVar[str] = "rules.error"

    def __init__(self, detail: str = "") -> None:
        message = type(self).__doc__ or ""
        super().__init__(f"{message} {detail}".strip())
        self.detail = detail


class EmptyPeriod(RulesError):
    """The period is empty: it ends on the day it starts (the end day is not part of it)."""

    code = "rules.period.empty"


class ReversedPeriod(RulesError):
    """The period is reversed: it ends before it starts."""

    code = "rules.period.reversed"


class OverlappingPeriods(RulesError):
    """Two periods of one figure overlap."""

    code = "rules.period.overlapping"


class MalformedDays(RulesError):
    """The text is not a set of days such as {[2026-03-01,2026-06-01)}."""

    code = "rules.days.malformed"


class Refused(RulesError):
    """The document is not acceptable."""

    code = "rules.refused"

    def __init__(self, place: str, detail: str) -> None:
        super().__init__(f"At {place or '/'}: {detail}")
        self.place = place  # JSON pointer, RFC 6901
        self.said = detail  # without the place


class WrongType(Refused):
    """A value has the wrong type."""

    code = "rules.wrong_type"


class UnknownKey(Refused):
    """A key is not known here."""

    code = "rules.unknown_key"


class MissingKey(Refused):
    """A required key is missing."""

    code = "rules.missing_key"


class UnknownWord(Refused):
    """A word is not in the vocabulary."""

    code = "rules.unknown_word"


class OutOfRange(Refused):
    """A value is outside what is allowed."""

    code = "rules.out_of_range"


class TooLarge(Refused):
    """The condition is too large or nested too deeply."""

    code = "rules.too_large"


class CyclicGroup(Refused):
    """A group by condition depends on itself."""

    code = "rules.cyclic_group"


class BadCell(Refused):
    """A cell of a decision table cannot be read."""

    code = "rules.bad_cell"

    def __init__(self, detail: str, row: int | None, column: int | None) -> None:
        """`row` None = the heading, `column` None = the row as a whole; counted from 0."""
        super().__init__("".join(f"/{step}" for step in ("rows", row, column) if step is not None), detail)
        self.row, self.column = row, column


class NaiveMoment(RulesError):
    """A moment without a time zone cannot be placed on a local day."""

    code = "rules.naive_moment"

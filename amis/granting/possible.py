"""Whether somebody of whom nothing is known but some kinds of fact could ever meet a condition."""

from collections.abc import Collection

from rules.condition import (
    All,
    Any,
    Condition,
    Count,
    Except,
    ExtendTo,
    Grace,
    Has,
    Held,
    Member,
    Num,
    Related,
)
from rules.vocabulary import Vocabulary


def possible(node: Condition, kinds: Collection[str], vocabulary: Vocabulary) -> bool:
    """False only where it certainly holds on no day for who has no other facts, no relatives and is on no list."""
    match node:
        case All(parts):
            return all(possible(part, kinds, vocabulary) for part in parts)
        case Any(parts):
            return any(possible(part, kinds, vocabulary) for part in parts)
        case Held(part) | Grace(part) | ExtendTo(part) | Except(part, _):
            return possible(part, kinds, vocabulary)
        case Member(group) if group in vocabulary.definitions:
            return possible(vocabulary.definitions[group], kinds, vocabulary)
        case Has(kind) | Num(kind):
            return kind in kinds
        case Member() | Related():
            return False
        case Count(_, op, number) if op in ("ge", "gt", "eq"):
            return number + (op == "gt") <= 0
    return True

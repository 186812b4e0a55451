"""The columns of a decision table: what each looks at, as a name."""

from rules.node import Age, Condition, Count, During, Has, Member, Num, Related
from rules.vocabulary import Vocabulary


class Unreadable(Exception):
    """The text of a cell or of a header is not what is expected there; the message says what is."""


def column(leaf: Condition) -> str | None:
    """The name of the column that a leaf belongs to; None for a node that no cell can hold."""
    match leaf:
        case Has(fact):
            return f"fact:{fact}"
        case Num(fact):
            return f"num:{fact}"
        case Age(feb29=feb29):
            return "age" if feb29 == "03-01" else f"age:{feb29}"
        case Member(group):
            return f"group:{group}"
        case During(when):
            return f"calendar:{when}" if isinstance(when, str) else "day"
        case Related(relation, where) | Count(relation, where=where) if where is None or isinstance(where, Member):
            return f"relation:{relation}" + ("" if where is None else f"/group:{where.group}")
    return None


def check_column(name: str, vocabulary: Vocabulary) -> None:
    """Raises Unreadable where no column is called so."""
    kind, _, code = name.partition(":")
    relation, _, group = code.partition("/group:")
    if name in ("age", "age:02-28", "day"):
        return
    words = {
        "fact": vocabulary.facts.keys(),
        "num": {each.code for each in vocabulary.facts.values() if each.numeric},
        "group": _groups(vocabulary),
        "calendar": vocabulary.calendars.keys(),
        "relation": vocabulary.relations,
    }
    if kind not in words:
        raise Unreadable(f"a column is one of age, day, {', '.join(f'{each}:CODE' for each in words)}")
    if kind == "relation" and group and group not in _groups(vocabulary):
        raise Unreadable(f"no group is called {group!r}")
    if (relation if kind == "relation" else code) not in words[kind]:
        raise Unreadable(f"{code!r} is not one of {', '.join(sorted(words[kind])) or 'none'}")


def _groups(vocabulary: Vocabulary) -> frozenset[str]:
    return vocabulary.groups | vocabulary.definitions.keys()

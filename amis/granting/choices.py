"""What the fields of the builder offer: only words of the vocabulary, called as people call them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from amis.granting.words import FACTS, RELATIONS, Named, Phrase, fact_said
from amis.web.i18n import mark
from rules.vocabulary import FactKind, Vocabulary

Options = Sequence[tuple[str, Phrase]]
KINDS: Mapping[str, str] = {
    "has": mark("Has a fact"),
    "age": mark("Age"),
    "member": mark("Belongs to a group"),
    "num": mark("The number of a fact"),
    "related": mark("Has a relative"),
    "count": mark("Number of relatives"),
    "during": mark("A period or calendar"),
    "all": mark("All of these hold"),
    "any": mark("At least one of these holds"),
    "not": mark("This does not hold"),
    "except": mark("Holds, except when"),
    "held": mark("Has held for so many months"),
    "grace": mark("Goes on for so many months"),
    "extend_to": mark("Goes on to the end of a month or year"),
}
OPS: Mapping[str, str] = {
    "lt": mark("less than"),
    "le": mark("at most"),
    "eq": mark("exactly"),
    "ge": mark("at least"),
    "gt": mark("more than"),
}
AGE_OPS: Mapping[str, str] = {"ge": mark("has reached"), "lt": mark("has not yet reached")}
BOUNDARIES: Mapping[str, str] = {
    "month_end": mark("to the end of the month"),
    "school_year_end": mark("to the end of the school year"),
    "year_end": mark("to the end of the year"),
}
LEAP: Mapping[str, str] = {"03-01": mark("1 March"), "02-28": mark("28 February")}


@dataclass(frozen=True, slots=True)
class Choices:
    """The words of a vocabulary with their names, in the order of their codes."""

    facts: Options
    numeric: Options
    values: Mapping[str, Options]
    statements: Options
    groups: Options
    relations: Options
    calendars: Options
    parameters: Options
    cohorts: Options
    free: frozenset[str]
    """Kinds of facts whose value is any text."""

    @classmethod
    def of(cls, vocabulary: Vocabulary, known: Iterable[Named]) -> "Choices":
        """The choices of a vocabulary; `known` names its groups, kinds and calendars."""
        named = {one.code: Phrase(one.name_lv, one.name_en) for one in known if one.name_lv and one.name_en}
        kinds = sorted(vocabulary.facts.values(), key=lambda kind: kind.code)
        return cls(
            [(kind.code, _name(kind.code, named)) for kind in kinds],
            [(kind.code, _name(kind.code, named)) for kind in kinds if kind.numeric],
            {kind.code: _values(kind) for kind in kinds},
            [pair for kind in kinds for pair in _statements(kind, named)],
            _named(vocabulary.groups | vocabulary.definitions.keys(), named),
            _named(vocabulary.relations, named),
            _named(vocabulary.calendars, named),
            _named(vocabulary.parameters, named),
            _named(vocabulary.cohorts, named),
            frozenset(kind.code for kind in kinds if kind.values is None),
        )


def _name(code: str, named: Mapping[str, Phrase]) -> Phrase:
    return FACTS.get(code) or RELATIONS.get(code) or named.get(code) or Phrase(code, code)


def _named(codes: Iterable[str], named: Mapping[str, Phrase]) -> Options:
    return [(code, _name(code, named)) for code in sorted(codes)]


def _values(kind: FactKind) -> Options:
    values = sorted(kind.values or ())
    return [(value, FACTS.get(f"{kind.code}:{value}") or FACTS.get(value) or Phrase(value, value)) for value in values]


def _statements(kind: FactKind, named: Mapping[str, Phrase]) -> Options:
    """What can be stated of a sample person: a kind with each of its values, or by itself."""
    if kind.values is None:
        return [(kind.code, _name(kind.code, named))]
    pairs = [(f"{kind.code}:{value}", fact_said(kind.code, value)) for value in sorted(kind.values)]
    return [(value, phrase if kind.code in FACTS else _renamed(phrase, kind.code, named)) for value, phrase in pairs]


def _renamed(phrase: Phrase, code: str, named: Mapping[str, Phrase]) -> Phrase:
    name = _name(code, named)
    return Phrase(phrase.lv.replace(code, name.lv, 1), phrase.en.replace(code, name.en, 1))

"""What a draft of a condition would give a sample person: the days of the whole and of each part."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from amis.granting.words import Named, names
from amis.web.timeline import Row, Span
from rules.condition import Condition
from rules.evaluate import day_sets, evaluate
from rules.lint import lint
from rules.node import Count, Related, branches
from rules.period import Days
from rules.person import PersonFacts
from rules.sentence import sentence
from rules.truth import Truth
from rules.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Preview:
    """The days of the whole condition, and what each part says: its place and its truth over time."""

    truth: Truth
    parts: tuple[tuple[str, Condition, Truth], ...]

    def at(self, day: date) -> dict[str, bool | None]:
        """Whether each part holds on the day, by place; None = undetermined."""
        return {place: truth.at(day) for place, _, truth in self.parts}


def preview(condition: Condition, person: PersonFacts, vocabulary: Vocabulary) -> Preview:
    """Evaluates the condition and every part that concerns the person, not those that concern relatives."""
    parts = tuple(
        (place, node, day_sets(node, person, vocabulary).within(person.life)) for place, node in _own(condition, "")
    )
    return Preview(evaluate(condition, person, vocabulary), parts)


def timeline_rows(shown: Preview, title: str, language: str, known: Sequence[Named]) -> list[Row]:
    """The whole first, then each part below it in words; days on which data are missing are drawn apart."""
    words = names(language, known)
    below = [(sentence(node, language, words), truth) for place, node, truth in shown.parts if place]
    whole = Row(title, "entitlement", spans(shown.truth.true), open=spans(shown.truth.undetermined))
    return [whole, *(Row(text, "fact", spans(truth.true), open=spans(truth.undetermined)) for text, truth in below)]


def spans(days: Days) -> tuple[Span, ...]:
    """A set of days as a timeline draws it."""
    return tuple(Span(period.start, period.end) for period in days)


def findings(condition: Condition, vocabulary: Vocabulary) -> dict[str, list[tuple[str, str]]]:
    """What in the condition does nothing, in Latvian and English, by place."""
    found: dict[str, list[tuple[str, str]]] = {}
    for one in lint(condition, vocabulary):
        found.setdefault(one.place, []).append((one.said("lv"), one.said("en")))
    return found


def _own(node: Condition, place: str) -> Iterator[tuple[str, Condition]]:
    yield place, node
    if not isinstance(node, Related | Count):
        for step, part in branches(node):
            yield from _own(part, place + step)

"""Why a holder has or has not each concession today, in sentences."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from amis.granting import store as granting
from amis.granting.explained_line import Line
from amis.granting.explanation import Explained
from amis.granting.words import Phrase
from amis.kernel.db import Transaction


@dataclass(frozen=True, slots=True)
class Sentence:
    """One part of a condition; `holds` None = a datum is missing, `depth` how far it stands below the first."""

    text: Phrase
    holds: bool | None
    depth: int


@dataclass(frozen=True, slots=True)
class Answer:
    """One concession: whether it is given today, the sentences, what would give it (with the day, if it comes)."""

    concession: Phrase
    holds: bool | None
    sentences: tuple[Sentence, ...]
    missing: tuple[Phrase, ...]
    wanted: tuple[tuple[Phrase, date | None], ...]


async def why(tx: Transaction, person_id: UUID) -> list[Answer]:
    """Every concession that a rule could give to the person: first what is given, last what is not.

    Raises:
        PersonUnknown
    """
    answers = [_answer(one) for one in await granting.explain(tx, person_id, tx.day) if one.tree is not None]
    order = {True: 0, None: 1, False: 2}
    return sorted(answers, key=lambda one: (order[one.holds], one.concession.lv))


def _answer(one: Explained) -> Answer:
    sentences = tuple(_sentences(one.tree, 0)) if one.tree is not None else ()
    wanted = tuple((step.text, step.on) for step in one.nearest or ())
    return Answer(one.rule.concession, one.holds, sentences, one.missing, wanted)


def _sentences(line: Line, depth: int) -> Iterator[Sentence]:
    """Relatives are left out: what they have is theirs."""
    yield Sentence(line.text, line.holds, depth)
    for part in line.parts:
        yield from _sentences(part, depth + 1)

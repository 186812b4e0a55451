"""A version of a rule as the pages show it: in words, what it rests on, who wrote it, and what can be done with it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from amis.granting import rulebook
from amis.granting.glossary import glossary
from amis.granting.models import RuleVersion
from amis.granting.store import RuleView
from amis.granting.tree_faults import sound
from amis.granting.words import FACTS, Named, Phrase, names, said
from amis.kernel.actor import Actor
from amis.kernel.db import Transaction
from amis.staff import store as staff
from rules.condition import Condition, canonical, reads
from rules.vocabulary import Vocabulary

_STEPS: Mapping[str, tuple[str, frozenset[str]]] = {
    "edit": ("rule.write", frozenset({"draft", "tested", "in_review", "approved"})),
    "test": ("rule.write", frozenset({"draft", "tested"})),
    "submit": ("rule.write", frozenset({"tested"})),
    "approve": ("rule.approve", frozenset({"in_review"})),
    "publish": ("rule.approve", frozenset({"approved"})),
    "return": ("rule.approve", frozenset({"tested", "in_review", "approved"})),
    "retire": ("rule.approve", frozenset({"draft", "tested", "in_review", "approved", "active"})),
}


def steps_for(row: RuleVersion, actor: Actor) -> tuple[str, ...]:
    """What the actor can do with the version now; nobody approves what they wrote, and the state's is the state's."""
    if row.municipality_id != actor.municipality_id:
        return ()
    possible = (step for step, (needed, states) in _STEPS.items() if actor.may(needed) and row.state in states)
    return tuple(step for step in possible if step != "approve" or actor.id != row.author)


def shown_versions(rule: RuleView, actor: Actor) -> tuple[RuleVersion, ...]:
    """The versions that concern the actor, newest first: drafts of another grantor do not."""
    own = rule.names.grantor_id == actor.municipality_id
    return tuple(row for row in rule.versions if own or row.published_at is not None)


@dataclass(frozen=True, slots=True)
class VersionView:
    """A version; `said` is None where its words are no longer known here, `author` and
    `approver` are names where the accounts are of this municipality."""

    row: RuleVersion
    said: Phrase | None
    json: str
    reads: tuple[Phrase, ...]
    author: str
    approver: str


@dataclass(frozen=True, slots=True)
class Known:
    """What versions are put into words with."""

    vocabulary: Vocabulary
    names: Sequence[Named]
    people: Mapping[str, str]

    @classmethod
    async def of(cls, tx: Transaction) -> "Known":
        """The words and the people of the acting municipality."""
        people = {str(account.id): account.name for account, _ in await staff.list_accounts(tx)}
        return cls(await rulebook.vocabulary(tx), await glossary(tx), people)

    def view(self, row: RuleVersion) -> VersionView:
        """One version."""
        condition = sound(row.condition, self.vocabulary)
        return VersionView(
            row,
            said(condition, self.names) if condition else None,
            canonical(condition) if condition else json.dumps(row.condition, ensure_ascii=False, sort_keys=True),
            tuple(self._named(code) for code in sorted(_codes(condition))) if condition else (),
            self.people.get(row.author, row.author),
            self.people.get(row.approver or "", row.approver or ""),
        )

    def _named(self, code: str) -> Phrase:
        if code in FACTS:
            return FACTS[code]
        return Phrase(names("lv", self.names).get(code, code), names("en", self.names).get(code, code))


def _codes(condition: Condition) -> Iterator[str]:
    read = reads(condition)
    yield from read.facts | read.groups | read.calendars | read.relations | read.parameters | read.cohorts
    if read.born:
        yield "born"

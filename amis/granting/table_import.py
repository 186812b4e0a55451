"""A decision table that comes as a file becomes the condition of a rule's next draft."""

from dataclasses import dataclass
from datetime import date

from amis.granting import rulebook, store
from amis.granting.drafting import RuleDraft, VersionKey
from amis.granting.errors import RuleUnknown
from amis.granting.lifecycle import draft_rule
from amis.granting.sheets import read_table
from amis.kernel import sheet
from amis.kernel.db import Transaction
from rules.condition import Condition, to_json
from rules.table import faults, from_table


@dataclass(frozen=True, slots=True)
class TableFile:
    """What a file says: the condition, and cells and rows that never decide, by their address in the file."""

    condition: Condition
    idle: tuple[tuple[str, str], ...]


async def read_file(tx: Transaction, name: str, content: bytes) -> TableFile:
    """Reads a table with the words of the acting municipality; keeps nothing.

    Raises:
        SheetUnreadable, TableInvalid
    """
    words = await rulebook.vocabulary(tx)
    found = read_table(name, content, words)
    idle = tuple(
        ("" if one.row is None else sheet.address(found.line(one.row), one.column), one.fault.value)
        for one in faults(found.table, words)
    )
    return TableFile(from_table(found.table, words), idle)


async def draft_from_table(tx: Transaction, code: str, condition: Condition, valid_from: date) -> VersionKey:
    """Drafts a version of a rule with this condition; all the rest is as in its newest version.

    Raises:
        RuleUnknown, and everything that `draft_rule` raises.
    """
    rule = await store.rule_by_code(tx, code)
    versions = await store.versions_of(tx, rule.id) if rule else []
    if rule is None or not versions:
        raise RuleUnknown(code)
    newest, names = versions[0], (await store.get_rule(tx, rule.id)).names
    draft = RuleDraft(
        names.code,
        names.concession_code,
        to_json(condition),
        newest.legal_clause,
        valid_from,
        newest.valid_to,
        newest.on_becoming,
        newest.on_ceasing,
        newest.grace_months,
        newest.cases,
        newest.note,
    )
    return await draft_rule(tx, draft)

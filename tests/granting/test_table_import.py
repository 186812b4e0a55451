"""A decision table as a file becomes a draft of a rule."""

from datetime import date

import pytest

from amis.granting import store
from amis.granting.errors import RuleUnknown, TableInvalid
from amis.granting.table_import import draft_from_table, read_file
from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from rules.condition import Age, All, Any, Has

TABLE = b'age;fact:needy;fact:disability\n\n>=65;yes;-\n-;-;"I; II"\n>=75;yes;-\n'
NEEDY = Has("needy", frozenset({"yes"}))
RULE = Any((All((Age("ge", 65), NEEDY)), Has("disability", frozenset({"I", "II"}))))


async def test_a_file_is_read_with_the_words_of_the_municipality_and_its_idle_rows_are_told(town: Actor) -> None:
    async with transaction(town) as tx:
        found = await read_file(tx, "rule.csv", TABLE)
        assert found.condition == Any((*RULE.of, All((Age("ge", 75), NEEDY))))
        assert found.idle == (("5", "never_decides"),)
        everybody = await read_file(tx, "rule.csv", b"fact:needy\nyes\nno\n")
        assert everybody.idle == (("", "always"),)
        cell = await read_file(tx, "rule.csv", b"fact:needy;age\nyes;>=65 & >=18\n")
        assert cell.idle == (("B2", "never_decides"),)
        with pytest.raises(TableInvalid, match="C4"):
            await read_file(tx, "rule.csv", TABLE.replace(b"I; II", b"IV"))


async def test_the_draft_has_the_table_s_condition_and_everything_else_of_the_newest_version(town: Actor) -> None:
    async with transaction(town) as tx:
        key = await draft_from_table(tx, "JLG-NEEDY20", RULE, date(2027, 1, 1))
    async with transaction(town) as tx:
        draft, before = (await store.versions_of(tx, key.rule_id))[:2]
    assert (draft.version, draft.state, draft.valid_from) == (key.version, "draft", date(2027, 1, 1))
    assert draft.condition["any"][0]["all"][0] == {"age": {"op": "ge", "years": 65, "feb29": "03-01"}}
    assert (draft.legal_clause, draft.on_becoming) == (before.legal_clause, before.on_becoming)
    assert draft.sha256 != before.sha256


async def test_a_table_for_a_rule_that_is_not_there_is_refused(town: Actor) -> None:
    async with transaction(town) as tx:
        with pytest.raises(RuleUnknown):
            await draft_from_table(tx, "JLG-NONE", RULE, date(2027, 1, 1))

"""Rules taken out as a document and brought in again."""

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from amis.granting import service, store
from amis.granting.errors import ConditionInvalid, RuleFileInvalid
from amis.granting.exchange import export_rules, import_rules, read_rules
from amis.granting.file_check import check_rules
from amis.granting.service import RuleDraft
from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from tests.granting.town import JELGAVA_ACTOR
from tests.granting.village import CODE

CASE = {
    "name": "needy",
    "person": {"facts": [{"kind": "needy", "value": "yes", "from": "2026-03-01"}]},
    "expected": "{[2026-05-01,)}",
}
NEW = RuleDraft(
    CODE,
    CODE,
    {"has": {"fact": "needy"}},
    "§ 7",
    date(2026, 5, 1),
    on_becoming="invite",
    on_ceasing="terminate_after_grace_period",
    grace_months=2,
    cases=(CASE | {"expected": "{}"},),
    note="saskaņots",
)


async def document() -> dict[str, Any]:
    async with transaction(JELGAVA_ACTOR) as tx:
        found: dict[str, Any] = json.loads(await export_rules(tx))
        return found


def version(**given: object) -> bytes:
    """A document with one version, sound but for what is given."""
    sound = {"condition": {}, "legal_clause": "§ 7", "valid_from": "2026-05-01"}
    rule = {"code": "A", "concession": "A", "versions": [sound | given]}
    return json.dumps({"format": "amis-rules/1", "rules": [rule]}).encode()


async def test_what_is_taken_out_can_be_brought_in_again_and_is_then_known(town: Actor) -> None:
    async with transaction(JELGAVA_ACTOR) as tx:
        await service.draft_rule(tx, NEW)
        text = await export_rules(tx)
        drafts = [draft for _, draft in read_rules(text.encode())]
        assert replace(NEW, cases=list(NEW.cases)) in drafts
        assert {one.outcome for one in await import_rules(tx, drafts)} == {"known"}
        assert await export_rules(tx) == text


async def test_equal_rules_give_equal_canonical_text(town: Actor) -> None:
    async with transaction(JELGAVA_ACTOR) as tx:
        text = await export_rules(tx)
    assert text == json.dumps(json.loads(text), sort_keys=True, ensure_ascii=False, indent=1) + "\n"
    assert [rule["code"] for rule in json.loads(text)["rules"]] == ["JLG-NEEDY20", "JLG-ORPHAN5", "JLG-REPR20"]
    [version] = json.loads(text)["rules"][2]["versions"]
    assert (version["state"], version["version"], "note" in version) == ("active", 1, False)


@pytest.mark.parametrize(("publish", "state"), [(False, "draft"), (True, "active")])
async def test_versions_come_in_as_drafts_or_in_force(town: Actor, publish: bool, state: str) -> None:
    heard: list[str] = []
    async with transaction(JELGAVA_ACTOR) as tx:
        done = await import_rules(tx, [NEW], publish=publish, done=lambda one: heard.append(one.code))
        rule = await store.rule_by_code(tx, CODE)
        assert rule is not None
        newest = (await store.versions_of(tx, rule.id))[0]
    assert (newest.state, newest.version, newest.on_becoming, newest.grace_months) == (state, 2, "invite", 2)
    assert (heard, [one.version for one in done]) == ([CODE], [2])


async def test_all_of_a_document_comes_in_or_none(town: Actor) -> None:
    before = await document()
    with pytest.raises(ConditionInvalid):
        async with transaction(JELGAVA_ACTOR) as tx:
            await import_rules(tx, [NEW, replace(NEW, condition={"has": {"fact": "rich"}})], publish=True)
    assert await document() == before


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[]",
        b"{}",
        b'{"format": "amis-rules/2", "rules": []}',
        b'{"format": "amis-rules/1"}',
        b'{"format": "amis-rules/1", "rules": [{"code": "A"}]}',
        b'{"format": "amis-rules/1", "rules": [{"code": "A", "concession": "A", "versions": [{"version": 1}]}]}',
        b'{"format": "amis-rules/1", "rules": 7}',
        version(legal_clause=5),
        version(legal_clause=None),
        version(condition=[]),
        version(grace_months="3"),
        version(grace_months=True),
        version(on_becoming={}),
        version(cases={}),
        version(note=None),
    ],
)
def test_a_file_that_is_no_document_of_rules_is_refused(text: bytes) -> None:
    with pytest.raises(RuleFileInvalid):
        read_rules(text)


async def test_a_document_is_looked_through_without_keeping_anything(town: Actor) -> None:
    never = {"all": [{"has": {"fact": "needy"}}, {"not": {"has": {"fact": "needy"}}}]}
    drafts = [
        ("/rules/0/versions/0", replace(NEW, condition={"has": {"fact": "rich"}})),
        ("/rules/0/versions/1", replace(NEW, cases=(CASE,))),
        ("/rules/1/versions/0", replace(NEW, condition=never, cases=())),
        ("/rules/2/versions/0", NEW),
    ]
    before = await document()
    async with transaction(JELGAVA_ACTOR) as tx:
        found = await check_rules(tx, drafts)
    assert [(one.place, one.error) for one in found] == [
        ("/rules/0/versions/0/condition/has/fact", True),
        ("/rules/0/versions/1/cases/0", True),
        ("/rules/1/versions/0/condition", False),
    ]
    assert found[1].text == "needy: {}, expected {[2026-05-01,)}"
    assert await document() == before

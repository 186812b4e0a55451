"""The form of a rule version over HTTP: each button is a post that comes back with the changed form."""

import json
from collections.abc import AsyncIterator
from datetime import date
from typing import Any
from urllib.parse import urlencode

import pytest
from httpx import ASGITransport, AsyncClient, Response

from amis.concessions.errors import NotTheGrantor
from amis.granting import service, store
from amis.granting.service import RuleDraft
from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from tests.granting import desk as desks
from tests.granting.desk import AUTHOR, NEW, Desk
from tests.granting.typed import fields

PLAIN = {"concession_code": NEW, "legal_clause": "8. punkts", "valid_from": "01.01.2026"}
TREE = '{"any":[{"has":{"fact":"needy"}},{"age":{"op":"ge","years":65}}]}'


@pytest.fixture
async def browser(town: Actor) -> AsyncIterator[AsyncClient]:
    """A browser in which the author is signed in."""
    await desks.new_concession()
    headers = {"accept": "text/html", "accept-language": "en"}
    transport = ASGITransport(desks.application(Desk()))
    async with AsyncClient(transport=transport, base_url="http://test", headers=headers) as client:
        yield client


async def press(browser: AsyncClient, page: Response, do: str, **typed: str) -> Response:
    """Sends the form of a page back as it stands, with fields typed into and one button pressed."""
    kept = [(name, value) for name, value in fields(page.text) if name and name not in typed]
    content = urlencode([*kept, *typed.items(), ("do", do)])
    headers = {"content-type": "application/x-www-form-urlencoded"}
    return await browser.post(page.url.path, content=content, headers=headers)


def shown(page: Response, name: str) -> str:
    """What stands in a field of the page."""
    return next(value for key, value in fields(page.text) if key == name)


async def newest(concession: str = NEW) -> Any:
    """The newest version of the rule that grants the concession."""
    async with transaction(AUTHOR) as tx:
        [rule] = [rule for rule in await store.list_rules(tx) if rule.names.concession_code == concession]
    return rule.versions[0]


async def test_a_rule_is_built_part_by_part_and_saved(browser: AsyncClient) -> None:
    page = await browser.get(f"/rules/new?concession={NEW}")
    assert "Add at least one part" in page.text
    page = await press(browser, page, "add:", **{":new": "any"})
    page = await press(browser, page, "add:/all/0", **{"/all/0:new": "has"})
    page = await press(browser, page, "show", **{"/all/0/any/0:fact": "disability"})
    page = await press(browser, page, "show", **{"/all/0/any/0:in": "II"})
    page = await press(browser, page, "add:/all/0", **{"/all/0:new": "age"})
    page = await press(browser, page, "show", **{"/all/0/any/1:value": "65"})
    assert "disability: group II; is 65 or older" in page.text
    page = await press(browser, page, "up:/all/0/any/1")
    page = await press(browser, page, "unwrap:")
    page = await press(browser, page, "save", **PLAIN)
    assert page.status_code == 303
    row = await newest()
    assert page.headers["location"] == f"/rules/{row.rule_id}/versions/1?notice=saved"
    assert row.condition == {
        "any": [
            {"age": {"op": "ge", "years": 65, "feb29": "03-01"}},
            {"has": {"fact": "disability", "in": ["II"]}},
        ]
    }
    assert (row.state, row.author, row.legal_clause, row.valid_from) == (
        "draft",
        AUTHOR.id,
        "8. punkts",
        date(2026, 1, 1),
    )


async def test_what_is_wrong_stands_beside_its_field_and_nothing_is_kept(browser: AsyncClient) -> None:
    page = await press(browser, await browser.get("/rules/new"), "add:", **{":new": "age"})
    page = await press(browser, page, "save", on_ceasing="terminate_after_grace_period", last_day="31.12.2025")
    assert page.status_code == 422
    for field in ("concession_code", "legal_clause", "valid_from", "grace_months", "/all/0:value"):
        assert f'href="#{field}"' in page.text
        assert f'id="{field}"' in page.text
    async with transaction(AUTHOR) as tx:
        assert NEW not in {rule.names.concession_code for rule in await store.list_rules(tx)}


async def test_what_the_service_refuses_is_said_on_the_form(browser: AsyncClient) -> None:
    page = await press(browser, await browser.get("/rules/new"), "save", **PLAIN | {"tree": TREE, "code": "JLG-REPR20"})
    assert page.status_code == 422
    assert "Another rule grants this concession already" in page.text
    assert shown(page, "tree") == normal(TREE)


async def test_a_code_that_no_rule_can_have_is_refused_beside_its_field(browser: AsyncClient) -> None:
    page = await press(browser, await browser.get("/rules/new"), "save", **PLAIN | {"tree": TREE, "code": "Skolēni 1"})
    assert page.status_code == 422
    assert 'href="#code"' in page.text


def normal(tree: str) -> str:
    """The draft as the form carries it."""
    return json.dumps(json.loads(tree), ensure_ascii=False, sort_keys=True)


async def test_the_same_condition_is_seen_as_parts_as_a_table_and_as_json(browser: AsyncClient) -> None:
    page = await press(browser, await browser.get("/rules/new"), "show", tree=TREE)
    page = await press(browser, page, "view:table")
    assert [value for name, value in fields(page.text) if name == "column"] == ["fact:needy", "age"]
    page = await press(browser, page, "show", **{"cell:1:1": ">=70"})
    assert "is 70 or older" in page.text
    page = await press(browser, page, "view:json")
    assert '"years": 70' in shown(page, "json")
    page = await press(browser, page, "show", json='{"not": {"has": {"fact": "needy"}}}')
    page = await press(browser, page, "view:tree")
    assert shown(page, "/not:fact") == "needy"


async def test_a_table_is_written_from_nothing(browser: AsyncClient) -> None:
    page = await press(browser, await browser.get("/rules/new"), "view:table")
    page = await press(browser, page, "addcolumn:", new_column="age")
    page = await press(browser, page, "addcolumn:", new_column="fact:needy")
    page = await press(browser, page, "addrow:", **{"cell:0:0": ">=65"})
    page = await press(browser, page, "show", **{"cell:1:1": "yes"})
    assert "at least one of these: is 65 or older; status of a needy household" in page.text
    page = await press(browser, page, "addrow:")
    assert 'href="#cell:2:0"' in page.text
    page = await press(browser, page, "show", **{"cell:2:0": ">=80"})
    assert "without this part the result is the same" in page.text
    page = await press(browser, page, "delrow:2")
    page = await press(browser, page, "delcolumn:1")
    assert 'href="#cell:1:0"' in page.text
    page = await press(browser, page, "delrow:1")
    page = await press(browser, page, "save", **PLAIN)
    assert page.status_code == 303
    assert (await newest()).condition == {"age": {"op": "ge", "years": 65, "feb29": "03-01"}}


async def test_a_cell_that_cannot_be_read_keeps_what_was_typed(browser: AsyncClient) -> None:
    page = await press(browser, await browser.get("/rules/new"), "view:table")
    page = await press(browser, page, "addcolumn:", new_column="age")
    for cell in ("old", "=65", ">=200"):
        page = await press(browser, page, "show", **{"cell:0:0": cell})
        assert "Write an age such as" in page.text
        stays = await press(browser, page, "view:tree")
        assert shown(stays, "cell:0:0") == cell


async def test_a_condition_that_is_no_table_says_so(browser: AsyncClient) -> None:
    tree = '{"held":{"of":{"has":{"fact":"needy"}},"months":1}}'
    page = await press(browser, await browser.get("/rules/new"), "view:table", tree=tree)
    assert "This condition cannot be written as a table" in page.text
    assert shown(page, "view") == "tree"


async def test_json_that_is_no_condition_changes_nothing(browser: AsyncClient) -> None:
    page = await press(browser, await browser.get("/rules/new"), "view:json", tree=TREE)
    page = await press(browser, page, "show", json='{"any": [{"sql": "1=1"}]}')
    assert "This is no condition in JSON" in page.text
    assert "/any/0" in page.text
    assert shown(page, "tree") == normal(TREE)
    assert (await press(browser, page, "save", **PLAIN)).status_code == 422


async def test_a_made_up_person_shows_the_days_and_is_kept_as_a_case(browser: AsyncClient) -> None:
    page = await press(browser, await browser.get("/rules/new"), "show", tree=TREE)
    page = await press(browser, page, "row:/facts", **{"sample:born": "01.03.1962"})
    page = await press(
        browser,
        page,
        "show",
        **{"sample/facts/0:what": "needy:yes", "sample/facts/0:from": "01.03.2026", "sample/facts/0:to": "31.05.2026"},
    )
    assert "01/03/2026 to 31/05/2026; from 01/03/2027" in page.text
    page = await press(browser, page, "keep", case_name="Almost a pensioner", case_days="01.03.2026 - soon")
    assert 'href="#case_days"' in page.text
    page = await press(browser, page, "keep", case_days="01.03.2026 - 31.05.2026\n01.03.2027 -")
    assert "Almost a pensioner" in page.text
    assert (await press(browser, page, "save", **PLAIN)).status_code == 303
    [case] = (await newest()).cases
    assert (case["name"], case["expected"]) == ("Almost a pensioner", "{[2026-03-01,2026-06-01),[2027-03-01,)}")
    assert case["person"]["born"] == "1962-03-01"
    page = await press(browser, page, "uncase:0")
    assert "Almost a pensioner" not in page.text


async def test_findings_name_their_place(browser: AsyncClient) -> None:
    tree = '{"any":[{"has":{"fact":"needy"}},{"all":[{"has":{"fact":"needy"}},{"age":{"op":"ge","years":65}}]}]}'
    page = await press(browser, await browser.get("/rules/new"), "show", tree=tree)
    assert "without this part the result is the same" in page.text
    assert 'href="#/any/1:part"' in page.text


TAMPERED: list[tuple[str, dict[str, str]]] = [
    ("remove:/all/7", {}),
    ("add:/nowhere", {}),
    ("kind:", {":kind": "sql"}),
    ("up:/all/0", {"tree": '{"all":[{}]}'}),
    ("up:", {}),
    ("row:/hobbies", {}),
    ("unrow:/facts/3", {}),
    ("uncase:x", {}),
    ("delrow:x", {}),
    ("show", {"tree": "{"}),
    ("show", {"sample": "7"}),
    ("show", {"cases": "7"}),
]


async def test_a_form_that_was_tampered_with_is_refused(browser: AsyncClient) -> None:
    page = await browser.get("/rules/new")
    for do, change in TAMPERED:
        assert (do, (await press(browser, page, do, **change)).status_code) == (do, 422)


async def test_a_draft_too_deep_for_a_form_is_refused_before_it_is_sent_out(browser: AsyncClient) -> None:
    page = await browser.get("/rules/new")
    for _ in range(40):
        further = await press(browser, page, "wrap:", **{":wrap": "not"})
        if further.status_code != 200:
            break
        page = further
    assert further.status_code == 422


async def test_a_further_version_begins_as_a_copy_of_the_newest_and_asks_for_its_days(browser: AsyncClient) -> None:
    async with transaction(AUTHOR) as tx:
        [rule] = [rule for rule in await store.list_rules(tx) if rule.names.code == "JLG-REPR20"]
    page = await browser.get(f"/rules/{rule.id}/versions/new")
    assert shown(page, "legal_clause") == rule.versions[0].legal_clause
    assert (shown(page, "valid_from"), shown(page, ":fact")) == ("", "repressed")
    page = await press(browser, page, "save", valid_from="01.01.2027")
    assert page.headers["location"] == f"/rules/{rule.id}/versions/2?notice=saved"


async def test_a_draft_is_written_anew_and_a_published_version_is_not(browser: AsyncClient) -> None:
    draft = RuleDraft(NEW, NEW, {"has": {"fact": "needy"}}, "8. punkts", date(2026, 1, 1), note="Pirmais")
    async with transaction(AUTHOR) as tx:
        key = await service.draft_rule(tx, draft)
    page = await browser.get(f"/rules/{key.rule_id}/versions/1/edit")
    assert shown(page, "note").strip() == "Pirmais"
    page = await press(browser, page, "save", **{":fact": "repressed", "last_day": "31.12.2026"})
    assert page.status_code == 303
    row = await newest()
    assert (row.version, row.condition, row.valid_to) == (1, {"has": {"fact": "repressed"}}, date(2027, 1, 1))
    async with transaction(AUTHOR) as tx:
        rules = {rule.names.code: rule.id for rule in await store.list_rules(tx)}
    assert (await browser.get(f"/rules/{rules['JLG-REPR20']}/versions/1/edit")).status_code == 409
    assert (await browser.get(f"/rules/{rules['JLG-REPR20']}/versions/9/edit")).status_code == 404


async def test_of_two_who_write_one_draft_the_second_does_not_undo_what_the_first_wrote(browser: AsyncClient) -> None:
    async with transaction(AUTHOR) as tx:
        key = await service.draft_rule(
            tx, RuleDraft(NEW, NEW, {"has": {"fact": "needy"}}, "8. punkts", date(2026, 1, 1))
        )
    pages = [await browser.get(f"/rules/{key.rule_id}/versions/1/edit") for _ in range(2)]
    assert (await press(browser, pages[0], "save", note="Pirmais")).status_code == 303
    refused = await press(browser, pages[1], "save", note="Otrais")
    assert refused.status_code == 422
    assert "Somebody has changed this version" in refused.text
    assert (await newest()).note == "Pirmais"


async def test_the_rules_of_another_grantor_are_not_written_here(browser: AsyncClient) -> None:
    async with transaction(AUTHOR) as tx:
        rules = {rule.names.code: rule.id for rule in await store.list_rules(tx)}
    for path in ("versions/new", "versions/1/edit"):
        refused = await browser.get(f"/rules/{rules['LV-DIS-1-2']}/{path}")
        assert refused.status_code == NotTheGrantor.status
        assert (await browser.post(f"/rules/{rules['LV-DIS-1-2']}/{path}")).status_code == NotTheGrantor.status


async def test_an_empty_form_is_a_form_with_nothing_in_it(browser: AsyncClient) -> None:
    page = await browser.post("/rules/new")
    assert page.status_code == 200
    assert "Add at least one part" in page.text
